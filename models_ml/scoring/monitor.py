"""Hold what comes now against what the versions in use were measured on, and say which of them drift."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from typing import Final

import duckdb
import numpy as np

from config.schema.learning import Model
from config.workspace import Workspace
from models_ml import metrics
from models_ml.scoring import ledger
from models_ml.scoring.baseline import Baseline
from models_ml.scoring.drift import (
    DRIFTING,
    MODERATE,
    NOT_ENOUGH,
    STEADY,
    Finding,
    judged,
    ranking_finding,
    rate_finding,
)
from models_ml.scoring.explanations import ALL
from models_ml.scoring.in_use import InUse, model_in_use
from models_ml.scoring.input_drift import input_findings
from models_ml.scoring.learner import Learner
from models_ml.scoring.ledger import ModelRow
from models_ml.scoring.recent import Source
from models_ml.scoring.standing import NOT_MONITORED, Standing, overall, stand, write_standing
from models_ml.scoring.vanished import refuse_vanished
from warehouse.connection import open_warehouse, transaction
from warehouse.day import day_loaded

_LOG = logging.getLogger(__name__)
_LEAST_OF_OUTCOME: Final = 30
_TOLD: Final = 3


@dataclass(frozen=True)
class Watched:
    """A model on the day; without a ``standing`` there was nothing to monitor, and ``because`` says why."""

    model_name: str
    model_id: str | None
    standing: Standing | None
    because: str


@dataclass(frozen=True)
class MonitorReport:
    """Which versions in use drift."""

    score_name: str
    day: date
    watched: tuple[Watched, ...]

    @property
    def alerts(self) -> list[dict[str, str]]:
        """What the event of an alert carries: one entry per version that drifts on the day, all values as text."""
        return [
            {
                "score": self.score_name,
                "model": one.model_name,
                "version": str(one.model_id),
                "as_of_date": str(self.day),
                "drifting_since": str(one.standing.drifting_since),
                "standing_verdict": str(one.standing.standing_verdict),
                "because": one.because,
            }
            for one in self.watched
            if one.standing and one.standing.status == DRIFTING
        ]

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        states = ", ".join(
            f"{one.model_name} {one.standing.status if one.standing else 'none'}" for one in self.watched
        )
        return [f"{self.score_name}: {states}", *(f"{one.model_name}: {one.because}" for one in self.watched)]


def monitor(workspace: Workspace, score_name: str, *, as_of: date | str | None = None) -> MonitorReport:
    """Compare inputs, scores and outcomes with what each version in use was measured on; write ``scores.drift`` anew.

    Nothing is changed in what scores: a drifting version goes on, and its verdict is lowered by one. All is computed
    from the features of the day, so a repetition gives the same rows, and the day's rows are replaced as a whole.

    Raises:
        ContractBroken: where the features lack a column that a version needs, or the warehouse does not know it.
        ConfigError: where there is no such score.
        SourceUnavailable: where the registry does not answer and no copy of its model is kept.
    """
    models = ledger.settings_of(workspace, score_name).all_models(score_name)
    in_use = {model.name: model_in_use(workspace, model.name) for model in models}
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        with transaction(connection):
            connection.execute("delete from scores.drift where score_name = ? and as_of_date = ?", [score_name, day])
            watched = tuple(_watch(connection, score_name, model, in_use[model.name], day) for model in models)
    return MonitorReport(score_name, day, watched)


def _watch(
    connection: duckdb.DuckDBPyConnection, score_name: str, model: Model, found: InUse | None, day: date
) -> Watched:
    if found is None:
        return Watched(model.name, None, None, "No version is in use, so there is none to monitor.")
    row = ledger.in_use(connection, score_name, found.model_id)
    if row.as_of_date > day:
        because = f"{row.model_id} was trained after {day}. Run it for {row.as_of_date} or later."
        return Watched(model.name, row.model_id, None, because)
    findings: tuple[Finding, ...] = ()
    if not model.monitoring.enabled:
        status, because = NOT_MONITORED, "Monitoring is switched off: 'monitoring: {enabled: true}' switches it on."
    elif found.learner.baseline is None:
        status, because = NOT_ENOUGH, _no_baseline(row)
    else:
        refuse_vanished(connection, row, found.learner, 0, day)
        source = Source(connection, score_name, model, found.learner.encoder.attributes, day)
        findings = judged(_findings(source, found.learner, found.learner.baseline, row), model.monitoring)
        status, decisive = overall(findings, _influence(found.learner))
        because = _in_words(status, decisive, findings, row, day)
    standing = stand(connection, row, status, because, day)
    write_standing(connection, row, day, standing, findings)
    _LOG.info("%s: %s, %d tests", model.name, status, len(findings))
    return Watched(model.name, row.model_id, standing, standing.because)


def _findings(source: Source, learner: Learner, baseline: Baseline, row: ModelRow) -> list[Finding]:
    recent = source.looked_at_lately(baseline)
    _LOG.info("%s: %s compared", row.model_name, recent.told)
    findings = input_findings(learner, baseline, recent.rows, source.model.monitoring.minimum_records)
    if source.model.horizon_days is None:
        because = "Without a horizon the outcomes known so far are those of the fast ones, and cannot be compared."
        return [*findings, Finding("base rate", because=because)]
    return findings + _outcome_findings(source, learner, baseline, row)


def _outcome_findings(source: Source, learner: Learner, baseline: Baseline, row: ModelRow) -> list[Finding]:
    """Base rate and ranking, on outcomes that the version cannot have learnt from: known only after it was trained.

    The version's own probabilities of the days they were looked at are held against them, whether or not it was in use
    then. So a new version need not wait a whole horizon for its first comparison.
    """
    decided = source.decided_since(baseline, row.as_of_date).rows
    labels, minimum = decided["label"].to_numpy(dtype=bool), source.model.monitoring.minimum_records
    probabilities = learner.probabilities(decided)
    rate = rate_finding(probabilities, labels, minimum)
    weights = np.ones(len(labels))
    enough = len(labels) >= minimum and min(labels.sum(), (~labels).sum()) >= _LEAST_OF_OUTCOME
    realised = metrics.auc(labels, probabilities, weights) if enough else None
    interval = metrics.auc_interval(labels, probabilities, weights, np.arange(len(labels))) if enough else None
    if realised is None or interval is None or row.auc is None or row.auc_low is None or row.auc_high is None:
        because = f"Ranking needs {_LEAST_OF_OUTCOME} records of either outcome that have become known since."
        return [rate, Finding("ranking", records=len(labels), because=because)]
    return [rate, ranking_finding((row.auc, row.auc_low, row.auc_high), realised, interval, len(labels))]


def _influence(learner: Learner) -> dict[str, float]:
    known = learner.explanations
    shares = zip(known.attributes, known.influence[ALL], strict=True) if known else ()
    return {attribute: share or 0.0 for attribute, share in shares}


def _in_words(
    status: str, decisive: tuple[Finding, ...], findings: tuple[Finding, ...], row: ModelRow, day: date
) -> str:
    """The reason, and what to do."""
    if status == STEADY:
        return _steady(findings)
    if status == NOT_ENOUGH:
        return f"{decisive[0].because} That is too few to tell; monitoring goes on by itself when there are more."
    told = "; ".join(_finding(one) for one in decisive[:_TOLD])
    more = f"; and {len(decisive) - _TOLD} more in scores.drift" if len(decisive) > _TOLD else ""
    moved = [one.attribute for one in decisive[:_TOLD] if one.attribute]
    look = f"Look at {', '.join(moved)} in the source and its mapping. " if moved else ""
    if status == MODERATE:
        return f"{told}{more}. {look}Nothing has to be done yet."
    train = f"'sales-insights train {row.score_name} {row.model_name}', 'validate', 'promote'"
    when = f"train anew: {train}"
    if row.as_of_date == day:
        when = f"train anew once outcomes of such records are known (this version learnt from all there were): {train}"
    return f"{told}{more}. {look}Where the change is real, {when}. Until then the version goes on scoring."


def _finding(one: Finding) -> str:
    because = one.because.rstrip(".")
    return f"{one.attribute}: {because} (PSI {one.effect:.2f})" if one.attribute else f"{one.aspect}: {because}"


def _steady(findings: tuple[Finding, ...]) -> str:
    inputs = [one for one in findings if one.aspect in ("input", "score")]
    unknown = [one.aspect for one in findings if one.status == NOT_ENOUGH]
    rest = f" Too few outcomes have become known for: {', '.join(unknown)}." if unknown else ""
    return f"Inputs and scores of {inputs[0].records:,} new records are like those that measured the version.{rest}"


def _no_baseline(row: ModelRow) -> str:
    return (
        f"{row.model_id} was saved without what its hold-out looked like: its records have no dates, or they are too "
        "few. It cannot be compared with anything; train it anew when there are more."
    )
