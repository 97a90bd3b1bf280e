"""Score the records that are open on the day: each by the first model in use that takes it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import duckdb
import pandas as pd

from config.schema.grades import Grades
from config.schema.learning import Model
from config.schema.scores import Score
from config.workspace import Workspace
from models_ml.scoring import ledger
from models_ml.scoring.base_rate import write_base_rates
from models_ml.scoring.grade_ranges import keep, ranges_of
from models_ml.scoring.grades import Chosen, HeldOut, score_of
from models_ml.scoring.in_use import InUse, model_in_use
from models_ml.scoring.minimum import TOO_FEW
from models_ml.scoring.population import OpenRecords
from models_ml.scoring.trend import place
from models_ml.scoring.vanished import refuse_vanished
from warehouse.connection import open_warehouse, transaction
from warehouse.day import day_loaded

_LOG = logging.getLogger(__name__)
_BATCH: Final = 25_000
_DIGITS: Final = 6
_GONE_FROM: Final = 50
_GONE_IF_FILLED: Final = 0.1
BY_MODEL: Final = "model"
BY_BASE_RATE: Final = "base rate"
BY_NONE: Final = "none"


@dataclass(frozen=True)
class ModelRun:
    """A row of ``scores.runs``: what became of the open records that one model takes."""

    model_name: str | None
    model_id: str | None
    method: str
    open_records: int
    records_scored: int
    because: str


@dataclass(frozen=True)
class ApplyReport:
    """How many open records got a score, by which models, or why none did."""

    score_name: str
    day: date
    runs: tuple[ModelRun, ...]

    @property
    def open_records(self) -> int:
        """All that are open on the day."""
        return sum(run.open_records for run in self.runs)

    @property
    def records_scored(self) -> int:
        """Those that got a score."""
        return sum(run.records_scored for run in self.runs)

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        return [
            f"{self.score_name}: {self.records_scored:,} of {self.open_records:,} records open on {self.day} scored",
            *(f"{run.model_name}: {run.because}" if run.model_name else run.because for run in self.runs),
        ]


def apply(
    workspace: Workspace, score_name: str, *, as_of: date | str | None = None, only_new: bool = False
) -> ApplyReport:
    """Score every record that is open on the day and write ``scores.predictions`` and ``scores.runs`` anew for it.

    A record is scored by the first model in use, in the order of the configuration, that takes it. A probability is
    that of the wanted outcome within the model's ``horizon_days`` of the day, or of the final outcome where the horizon
    is null; the score is 100 times it. Rows stream through in batches. A model that has too few decided records to
    learn from gives its open records the smoothed base rate, which says so (``method``). Otherwise no score is written
    without a model in use, and the run says why: that is no error.

    Args:
        workspace: whose records.
        score_name: the score.
        as_of: the day; None: the one loaded last.
        only_new: score the records that have no score of the day yet, and leave the others theirs. The day's rows are
            the same as if all had been scored. Where other versions or ranges of grades than those of the day's scores
            hold by now, all are scored.

    Raises:
        ContractBroken: where the features lack a column that a model needs; nothing is changed then.
        ConfigError: where there is no such score.
        SourceUnavailable: where the registry does not answer and no copy of its model is kept.
    """
    settings = ledger.settings_of(workspace, score_name)
    in_use = {model.name: model_in_use(workspace, model.name) for model in settings.all_models(score_name)}
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        application = _Application(workspace, connection, score_name, settings, day)
        with transaction(connection):
            return application.carry_out(in_use, only_new=only_new)


class _Application:
    """One day's scoring of one score, inside one transaction."""

    def __init__(
        self, workspace: Workspace, connection: duckdb.DuckDBPyConnection, score_name: str, settings: Score, day: date
    ) -> None:
        self._workspace, self._connection = workspace, connection
        self._score, self._settings, self._day = score_name, settings, day
        self._open = OpenRecords(connection, score_name, day)
        self._stay = False
        self._known_ranges: dict[str, tuple[Chosen, HeldOut]] = {}
        self._now = datetime.now(UTC).replace(tzinfo=None)

    def carry_out(self, in_use: dict[str, InUse | None], *, only_new: bool) -> ApplyReport:
        """Models in use first, then base rates, then those that can say only why they score nothing."""
        models = self._settings.all_models(self._score)
        told = ("scores.runs", "scores.grade_ranges")
        self._stay = only_new and self._still_holds(models, in_use)
        for table in told if self._stay else (*told, "scores.predictions"):
            self._connection.execute(
                f"delete from {table} where score_name = ? and as_of_date = ?", [self._score, self._day]
            )
        newest = {
            model.name: ledger.newest(self._connection, model.name, self._day, of_the_day=False) for model in models
        }
        runs = [self._by_model(model, found) for model in models if (found := in_use[model.name])]
        without = [model for model in models if in_use[model.name] is None]
        few = [model for model in without if (row := newest[model.name]) and row.status == TOO_FEW]
        runs += [self._by_base_rate(model) for model in few]
        runs += [self._by_none(model, newest[model.name]) for model in without if model not in few]
        runs += self._untaken(models)
        place(self._connection, self._score, self._day, self._settings.trend_tolerance)
        for run in runs:
            self._note(run)
        return ApplyReport(self._score, self._day, tuple(runs))

    def _still_holds(self, models: tuple[Model, ...], in_use: dict[str, InUse | None]) -> bool:
        """Whether the day's scores are by the versions that are in use, and graded by the ranges that hold now."""
        scored = self._connection.execute(
            "select distinct r.model_name, r.model_id, g.grade, g.minimum from scores.runs r "
            "left join scores.grade_ranges g using (score_name, model_name, as_of_date) "
            "where r.score_name = ? and r.as_of_date = ? and r.method = 'model'",
            [self._score, self._day],
        ).fetchall()
        now = {
            (model.name, found.model_id, grade, minimum)
            for model in models
            if (found := in_use[model.name])
            for grade, minimum in {**self._ranges(model, found)[0].grades.model_dump(), "D": 0}.items()
        }
        return set(scored) == now

    def _by_model(self, model: Model, found: InUse) -> ModelRun:
        where = self._open.take(model)
        row = ledger.in_use(self._connection, self._score, found.model_id)
        waiting = self._open.count(where)
        refuse_vanished(self._connection, row, found.learner, waiting, self._day)
        ranges = self._grades(model, found)
        unscored = f"{where} and f.record_id not in ({self._of_the_day()})" if self._stay else where
        records = self._open.named(unscored)
        probabilities = self._open.in_batches(
            records,
            found.learner.encoder.attributes,
            _BATCH,
            lambda rows: rows[["record_id"]].assign(probability=found.learner.probabilities(rows).round(_DIGITS)),
        )
        done = 0
        for batch in probabilities:
            self._write(batch, model, found.model_id, ranges.grades)
            done += len(batch)
            _LOG.info("%s: %d of %d records scored", model.name, done, len(records))
        scored = self._scored(model)
        left = f"; {waiting - scored:,} are set aside in quarantine" if scored < waiting else ""
        told = (
            "Scored by" if waiting else f"No {self._score} is open on {self._day}, so there is none to score; in use is"
        )
        because = f"{told} {row.model_id}: {row.verdict}, AUC {row.auc:.3f} on its newest records{left}."
        note = f" {found.note}" if found.note else ""
        return ModelRun(model.name, row.model_id, BY_MODEL, waiting, scored, because + note)

    def _by_base_rate(self, model: Model) -> ModelRun:
        where = self._open.take(model)
        decided, positive = write_base_rates(self._connection, self._score, model.name, self._day, where)
        rates = self._connection.execute(
            f"select record_id, probability from base_rates where record_id not in ({self._of_the_day()}) "
            "order by record_id"
        ).df()
        self._write(rates, model, None, self._grades(model, None).grades)
        because = (
            f"Too few records are decided to learn from ({decided:,}, {positive:,} of them with the wanted outcome). "
            "The scores are the smoothed base rate of each record's source: they tell sources apart, not records."
        )
        return ModelRun(model.name, None, BY_BASE_RATE, self._open.count(where), self._scored(model), because)

    def _by_none(self, model: Model, last: ledger.ModelRow | None) -> ModelRun:
        return ModelRun(model.name, None, BY_NONE, self._open.count(self._open.take(model)), 0, _why_none(last))

    def _grades(self, model: Model, found: InUse | None) -> Chosen:
        chosen, measured = self._ranges(model, found)
        model_id = found.model_id if found else None
        keep(self._connection, (self._score, model.name, model_id, self._day), chosen, measured)
        return chosen

    def _ranges(self, model: Model, found: InUse | None) -> tuple[Chosen, HeldOut]:
        """Derived once: the held-out records come from the registry."""
        if model.name not in self._known_ranges:
            self._known_ranges[model.name] = ranges_of(self._workspace, self._connection, self._settings, found)
        return self._known_ranges[model.name]

    def _of_the_day(self) -> str:
        """The records that have a score of the day, as SQL."""
        return (
            f"select record_id from scores.predictions where score_name = '{self._score}' "
            f"and as_of_date = date '{self._day}'"
        )

    def _scored(self, model: Model) -> int:
        row = self._connection.execute(
            f"select count(*) from ({self._of_the_day()} and model_name = ?)", [model.name]
        ).fetchone()
        return int(row[0]) if row else 0

    def _untaken(self, models: tuple[Model, ...]) -> list[ModelRun]:
        """Records that no model's filter lets through."""
        if any(model.filter is None and model.target is None for model in models):
            return []
        waiting = self._open.count(self._open.rest())
        because = (
            f"{waiting:,} open records pass the filter of no model, or are decided in its terms, and get no score. A "
            f"model without a filter at the end of scores/{self._score}.yml would take them."
        )
        return [ModelRun(None, None, BY_NONE, waiting, 0, because)] if waiting else []

    def _write(self, probabilities: pd.DataFrame, model: Model, model_id: str | None, grades: Grades) -> None:
        score = score_of(probabilities["probability"].to_numpy())
        grade_of = pd.Series([grades.of(score) for score in range(101)])
        predictions = probabilities.assign(score=score, grade=grade_of[score].to_numpy())  # read by the insert below
        self._connection.execute(
            "insert into scores.predictions by name select $score_name as score_name, $day as as_of_date, "
            "$model_name as model_name, $model_id as model_id, $method as method, $horizon as horizon_days, "
            "$now as scored_at, predictions.* from predictions",
            {
                "score_name": self._score,
                "day": self._day,
                "model_name": model.name,
                "model_id": model_id,
                "method": BY_MODEL if model_id else BY_BASE_RATE,
                "horizon": model.horizon_days,
                "now": self._now,
            },
        )
        del predictions

    def _note(self, run: ModelRun) -> None:
        self._connection.execute(
            "insert into scores.runs by name select $score_name as score_name, $day as as_of_date, "
            "$model_name as model_name, $model_id as model_id, $method as method, $open_records as open_records, "
            "$records_scored as records_scored, $because as because, $now as scored_at",
            {
                "score_name": self._score,
                "day": self._day,
                "model_name": run.model_name,
                "model_id": run.model_id,
                "method": run.method,
                "open_records": run.open_records,
                "records_scored": run.records_scored,
                "because": run.because.strip(),
                "now": self._now,
            },
        )


def _why_none(last: ledger.ModelRow | None) -> str:
    if last is None:
        return "No version is in use: none has been trained yet. Run the DAG train_models."
    measured = last.verdict or "not measured"
    return f"No version is in use. The newest, {last.model_id}, is '{last.status}': {measured}. {last.because}"
