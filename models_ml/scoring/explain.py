"""Explain the day's scores: reasons in points and words, and why a score is another than it was."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date

import duckdb
import pandas as pd
import pyarrow as pa

from config.workspace import Workspace
from models_ml.scoring import ledger
from models_ml.scoring.in_use import InUse, model_in_use
from models_ml.scoring.movement import moved, told_of
from models_ml.scoring.population import OpenRecords
from models_ml.scoring.reasons import BATCH, reasons_of, write_reasons
from warehouse.connection import open_warehouse, transaction
from warehouse.day import day_loaded

_LOG = logging.getLogger(__name__)
_REASONS = "record_id, as_of_date, model_id, base_points, attribute, value, points"


@dataclass(frozen=True)
class ExplainReport:
    """How many scores were explained anew, and for how many the last explanation still holds."""

    score_name: str
    day: date
    explained: int
    still_holding: int

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        anew = f"{self.score_name}: {self.explained:,} scores of {self.day} explained"
        return [f"{anew}; for {self.still_holding:,} the last explanation holds: neither probability nor model changed"]


def explain(
    workspace: Workspace, score_name: str, *, as_of: date | str | None = None, only_new: bool = False
) -> ExplainReport:
    """Write the reasons of every score of the day that a model gave and that was not explained as it is.

    A record is explained anew when its probability or its version is another than at its last explanation before the
    day; otherwise that one holds. The day's explanations are replaced as a whole.

    Args:
        workspace: whose scores.
        score_name: the score.
        as_of: the day; None: the one loaded last.
        only_new: leave the day's explanations that still hold as they are, and explain what has none. The day's rows
            are the same as if all had been explained.

    Raises:
        ContractBroken: where a version in use was saved without explanations.
        ConfigError: where there is no such score.
        SourceUnavailable: where the registry does not answer and no copy of its model is kept.
    """
    models = ledger.settings_of(workspace, score_name).all_models(score_name)
    in_use = [found for model in models if (found := model_in_use(workspace, model.name))]
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        opened = OpenRecords(connection, score_name, day)
        with transaction(connection):
            stay = f"record_id in ({_holding(score_name, day)})" if only_new else "false"
            anew = f"not p.{stay}" if only_new else "true"
            for table in ("scores.reasons", "scores.explained"):
                connection.execute(
                    f"delete from {table} where score_name = ? and as_of_date = ? and not ({stay})", [score_name, day]
                )
            explained = sum(_explain(connection, opened, score_name, found, day, anew) for found in in_use)
        row = connection.execute(
            "select count(*) from scores.predictions where score_name = ? and as_of_date = ? and method = 'model'",
            [score_name, day],
        ).fetchone()
    return ExplainReport(score_name, day, explained, (row[0] if row else 0) - explained)


def _explain(
    connection: duckdb.DuckDBPyConnection, opened: OpenRecords, score_name: str, found: InUse, day: date, anew: str
) -> int:
    """Explain what one version scored, batch by batch; returns how many records. ``anew``: condition on predictions."""
    changed = connection.execute(_changed(score_name, found.model_id, day, anew)).df().set_index("record_id")

    def told_of_batch(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        of_batch = changed.loc[rows["record_id"]]
        return of_batch.reset_index(), reasons_of(found.learner, rows, of_batch["score"].to_numpy())

    done = 0
    records = pa.array(changed.index, pa.string())
    for of_batch, told in opened.in_batches(records, found.learner.encoder.attributes, BATCH, told_of_batch):
        write_reasons(connection, told, score_name, found.model_id, day)
        _write(connection, of_batch, score_name, found.model_id, day)
        done += len(of_batch)
        _LOG.info("%s: %d of %d scores explained", score_name, done, len(changed))
    return done


def _holding(score_name: str, day: date) -> str:
    """The records of which an explanation of the day is that of their score, as SQL."""
    return f"""
        select e.record_id from scores.explained e
        inner join scores.predictions p using (score_name, record_id, as_of_date, model_id, probability)
        where e.score_name = '{score_name}' and e.as_of_date = date '{day}'
    """


def _changed(score_name: str, model_id: str, day: date, anew: str) -> str:
    """One row per record to be explained: record_id, probability, score, explained_on, explained_score.

    The last two are of the explanation before, and empty where there is none.
    """
    return f"""
        with last_explained as (
            select
                record_id,
                max(as_of_date) as explained_on,
                max_by(model_id, as_of_date) as model_id,
                max_by(probability, as_of_date) as probability,
                max_by(score, as_of_date) as score
            from scores.explained
            where score_name = '{score_name}' and as_of_date < date '{day}'
            group by record_id
        )
        select p.record_id, p.probability, p.score, e.explained_on, e.score as explained_score
        from scores.predictions p
        left join last_explained e on e.record_id = p.record_id
        where p.score_name = '{score_name}' and p.as_of_date = date '{day}' and p.model_id = '{model_id}'
            and (e.model_id is distinct from p.model_id or e.probability is distinct from p.probability)
            and {anew}
        order by p.record_id
    """


def _write(
    connection: duckdb.DuckDBPyConnection, of_batch: pd.DataFrame, score_name: str, model_id: str, day: date
) -> None:
    """Add a batch to ``scores.explained``, with words for each score that is another than at the explanation before."""
    is_other = of_batch["explained_on"].notna() & (of_batch["score"] != of_batch["explained_score"])
    connection.register("other_scores", of_batch.loc[is_other, ["record_id", "explained_on"]])
    told = (
        f"select {_REASONS} from scores.reasons r join other_scores o using (record_id) "
        "where r.score_name = ? and r.as_of_date = "
    )
    before = told_of(connection.execute(f"{told} o.explained_on", [score_name]).fetchall())
    now = told_of(connection.execute(f"{told} ?", [score_name, day]).fetchall())
    connection.unregister("other_scores")
    words = {record: moved(before.get(record), now[record]) or None for record in now}
    connection.register("batch", of_batch.assign(moved=of_batch["record_id"].map(words).astype(object)))
    connection.execute(
        "insert into scores.explained by name select $score_name as score_name, record_id, $day as as_of_date, "
        "$model_id as model_id, probability, score, cast(moved as varchar) as moved from batch",
        {"score_name": score_name, "day": day, "model_id": model_id},
    )
    connection.unregister("batch")
