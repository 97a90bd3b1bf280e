"""Apply the model in use to the records that are open on the day."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import duckdb
import pandas as pd

from config.errors import ContractBroken
from config.schema.grades import Grades
from config.schema.scores import Score
from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring import ledger
from models_ml.scoring.dataset import current_batches, filled_keys, open_records, table_columns
from models_ml.scoring.grade_ranges import held_out, keep
from models_ml.scoring.grades import choose, score_of
from models_ml.scoring.learner import Learner
from models_ml.scoring.trend import place
from warehouse.connection import open_warehouse, transaction
from warehouse.day import day_loaded

_LOG = logging.getLogger(__name__)
_BATCH: Final = 50_000
_DIGITS: Final = 6
_GONE_FROM: Final = 50
_GONE_IF_FILLED: Final = 0.1


@dataclass(frozen=True)
class ApplyReport:
    """How many open records got a score, by which model, or why none did."""

    score_name: str
    day: date
    model_id: str | None
    open_records: int
    records_scored: int
    because: str

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        return [
            f"{self.score_name}: {self.records_scored:,} of {self.open_records:,} records open on {self.day} scored",
            self.because,
        ]


def apply(workspace: Workspace, score_name: str, *, as_of: date | str | None = None) -> ApplyReport:
    """Score every record that is open on the day and write ``scores.predictions`` and ``scores.runs`` anew for it.

    A probability is that of the wanted outcome within ``horizon_days`` of the day, or of the final outcome where the
    horizon is null; the score is 100 times it. Rows stream through in batches. Without a model in use no score is
    written, and the run says why: that is no error.

    Raises:
        ContractBroken: where the features lack a column that the model needs; nothing is changed then.
        ConfigError: where there is no such score.
    """
    settings = ledger.settings_of(workspace, score_name)
    found = registry.in_use(workspace, score_name)
    learner: Learner | None = registry.load(workspace, score_name, found) if found else None
    measured = held_out(workspace, found)
    ranges = choose(settings.grades, measured)
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        waiting = open_records(connection, score_name, day)
        row = ledger.by_id(connection, score_name, found.model_id) if found else None
        if learner is None or row is None:
            last = ledger.newest(connection, score_name, day, of_the_day=False)
            report = ApplyReport(score_name, day, None, waiting, 0, _why_none(last))
            with transaction(connection):
                _clear(connection, report)
                _note(connection, report)
            return report
        _refuse_gone(connection, row, learner, day)
        with transaction(connection):
            keep(connection, (score_name, row.model_id, day), ranges, measured)
            return _write(connection, settings, ranges.grades, row, learner, day)


def _write(
    connection: duckdb.DuckDBPyConnection,
    settings: Score,
    grades: Grades,
    row: ledger.ModelRow,
    learner: Learner,
    day: date,
) -> ApplyReport:
    """Replace the day's predictions. The rows are read through a second cursor, so that both may stream."""
    scored, waiting, now = 0, open_records(connection, row.score_name, day), _now()
    _clear(connection, ApplyReport(row.score_name, day, row.model_id, waiting, 0, ""))
    grade_of = pd.Series([grades.of(score) for score in range(101)])
    reading = connection.cursor()
    for batch in current_batches(reading, row.score_name, day, learner.encoder.attributes, _BATCH):
        probability = learner.probabilities(batch).round(_DIGITS)
        score = score_of(probability)
        predictions = pd.DataFrame(  # read by the insert below
            {
                "record_id": batch["record_id"],
                "probability": probability,
                "score": score,
                "grade": grade_of[score].values,
            }
        )
        connection.execute(
            "insert into scores.predictions by name select $score_name as score_name, record_id, $day as as_of_date, "
            "$model_id as model_id, 'model' as method, probability, score, grade, $horizon as horizon_days, "
            "$now as scored_at from predictions",
            {
                "score_name": row.score_name,
                "day": day,
                "model_id": row.model_id,
                "horizon": settings.horizon_days,
                "now": now,
            },
        )
        scored += len(predictions)
        _LOG.info("%s: %d records scored", row.score_name, scored)
    reading.close()
    place(connection, row.score_name, day, settings.trend_tolerance)
    left = f"; {waiting - scored:,} are set aside in quarantine" if scored < waiting else ""
    done = "Scored by" if waiting else f"No {row.score_name} is open on {day}, so there is none to score; in use is"
    because = f"{done} {row.model_id}: {row.verdict}, AUC {row.auc:.3f} on its newest records{left}."
    report = ApplyReport(row.score_name, day, row.model_id, waiting, scored, because)
    _note(connection, report)
    return report


def _refuse_gone(connection: duckdb.DuckDBPyConnection, row: ledger.ModelRow, learner: Learner, day: date) -> None:
    """A column that vanished would look empty on all records and the model would answer nonsense.

    A custom column counts as gone when no open record fills it although a tenth of them did when the model was trained.
    """
    score_name, attributes = row.score_name, learner.encoder.attributes
    columns = table_columns(connection, score_name)
    gone = [attribute.name for attribute in attributes if attribute.key is None and attribute.name not in columns]
    filled, waiting = filled_keys(connection, score_name, day), open_records(connection, score_name, day)
    if waiting >= _GONE_FROM:
        was_filled = ledger.filled_on_open(connection, score_name, row.model_id)
        gone += [
            attribute.name
            for attribute in attributes
            if attribute.key is not None
            and attribute.key not in filled
            and was_filled.get(attribute.name, 0.0) >= _GONE_IF_FILLED
        ]
    if gone:
        raise ContractBroken(
            f"features.feat_{score_name}: the model {row.model_id} needs columns that are gone: {', '.join(gone)}. "
            f"Bring them back in the source or its mapping, or train without them: 'sales-insights train {score_name}'."
        )


def _why_none(last: ledger.ModelRow | None) -> str:
    if last is None:
        return "No model is in use: none has been trained yet. Run the DAG train_models."
    measured = last.verdict or "not measured"
    return f"No model is in use. The newest, {last.model_id}, is '{last.status}': {measured}. {last.because}"


def _clear(connection: duckdb.DuckDBPyConnection, report: ApplyReport) -> None:
    for table in ("scores.predictions", "scores.runs"):
        connection.execute(
            f"delete from {table} where score_name = ? and as_of_date = ?", [report.score_name, report.day]
        )


def _note(connection: duckdb.DuckDBPyConnection, report: ApplyReport) -> None:
    connection.execute(
        "insert into scores.runs by name select $score_name as score_name, $day as as_of_date, $model_id as model_id, "
        "$open_records as open_records, $records_scored as records_scored, $because as because, $now as scored_at",
        {
            "score_name": report.score_name,
            "day": report.day,
            "model_id": report.model_id,
            "open_records": report.open_records,
            "records_scored": report.records_scored,
            "because": report.because.strip(),
            "now": _now(),
        },
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
