"""Measure a trained model on records it has never seen, and pass the verdict. What cannot be measured stays shut."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
from scipy.special import logit

from config.errors import GateNotPassed
from config.schema.learning import Gate
from config.workspace import Workspace
from models_ml import metrics, registry
from models_ml.scoring import ledger
from models_ml.scoring.evaluation import Evaluation, seen_by
from models_ml.scoring.split import record_numbers
from warehouse.connection import open_warehouse
from warehouse.day import day_loaded

_LOG = logging.getLogger(__name__)

READY: Final = "Ready to publish"
OK: Final = "OK to publish"
NOT_READY: Final = "Not ready to publish"
_LOWERED: Final = {READY: OK, OK: NOT_READY, NOT_READY: NOT_READY}

_ALARM_ODDS: Final = 4.0
_LEAST_OPEN: Final = 30
_NOT_WORSE: Final = 0.95
_OLD_AFTER_DAYS: Final = 92
_LEAST_COMPARED: Final = 30
_METRIC: Final = "lower 95 % bound of the forward AUC"
_DIGITS: Final = 6


@dataclass(frozen=True)
class ValidateReport:
    """What was measured on the hold-out, and the verdict."""

    row: ledger.ModelRow

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        row = self.row
        newest = f" created from {row.holdout_from} on" if row.holdout_from else ""
        summed = (
            f"{row.model_name}: {row.verdict}. {row.model_id} ranks the {row.holdout_records:,} newest records"
            f"{newest} with AUC {row.auc:.3f} (95 % interval {row.auc_low:.3f} to {row.auc_high:.3f})"
        )
        distances = f"calibration error {row.calibration_error:.3f}, Brier score {row.brier:.3f}"
        return [summed, f"{distances}, base rate {row.base_rate:.3f}", row.because]


def validate(
    workspace: Workspace, score_name: str, model_name: str | None = None, *, as_of: date | str | None = None
) -> ValidateReport:
    """Measure the newest version of the day; it may be promoted if this returns.

    AUC with its 95 % interval, Brier score and calibration error are those of the evaluation model, which has learnt
    from the older records alone, on the hold-out. The verdict follows from the interval's lower bound; it is lowered by
    one where the open records' mean probability lies far from the base rate. A model that ranks clearly worse than the
    one in use on the same records stays out, unless the one in use has learnt from what the gate now excludes: its
    figures are worth nothing then.

    Raises:
        GateNotPassed: where the verdict is 'Not ready to publish', the model in use is clearly better, or nothing could
            be measured. The model's status becomes 'refused'.
        ConfigError: where there is no such score or model.
    """
    settings = ledger.model_of(workspace, score_name, model_name)
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        row = ledger.newest(connection, settings.name, day, of_the_day=True)
        champion = ledger.champion(connection, settings.name)
        leaks = ledger.leaks_learnt(connection, row, champion) if row and champion else []
    found = registry.find(workspace, settings.name, row.model_id) if row else None
    if row is None or found is None:
        because = (
            row.because if row and row.because else f"No model of {day} is registered. Run 'sales-insights train'."
        )
        raise GateNotPassed(score_name, _METRIC, None, settings.gate.ok_from, because)
    with tempfile.TemporaryDirectory() as folder:
        evaluation = Evaluation.load(registry.evaluation_folder(workspace, found, Path(folder)))
    measured = _with_verdict(_measured(row, evaluation), evaluation, settings.gate)
    if measured.verdict != NOT_READY and not leaks and (worse := _worse_than(champion, measured, evaluation)):
        measured = replace(measured, because=worse, status="refused")
    else:
        measured = replace(measured, status="refused" if measured.verdict == NOT_READY else "validated")
    with open_warehouse(workspace) as connection:
        ledger.write_measured(connection, measured)
    if measured.status == "refused":
        raise GateNotPassed(score_name, _METRIC, measured.auc_low, settings.gate.ok_from, measured.because)
    return ValidateReport(measured)


def _measured(row: ledger.ModelRow, evaluation: Evaluation) -> ledger.ModelRow:
    labels, probabilities, weights = evaluation.columns()
    records = record_numbers(evaluation.holdout["record_id"].to_numpy())
    auc = metrics.auc(labels, probabilities, weights)
    interval = metrics.auc_interval(labels, probabilities, weights, records)
    low, high = interval or (None, None)
    return replace(
        row,
        base_rate=_rounded(metrics.base_rate(labels, weights)),
        auc=_rounded(auc),
        auc_low=_rounded(low),
        auc_high=_rounded(high),
        brier=_rounded(metrics.brier(labels, probabilities, weights)),
        calibration_error=_rounded(metrics.calibration_error(labels, probabilities, weights)),
    )


def _with_verdict(row: ledger.ModelRow, evaluation: Evaluation, gate: Gate) -> ledger.ModelRow:
    """The verdict by the interval's lower bound, lowered by one after the alarm of the open records."""
    if row.auc is None or row.auc_low is None:
        because = (
            "The newest records have only one outcome, so nothing could be measured. Wait for more decided records."
        )
        return replace(row, verdict=NOT_READY, because=because)
    verdict = READY if row.auc_low >= gate.ready_from else OK if row.auc_low >= gate.ok_from else NOT_READY
    bounds = f"{gate.ok_from:.2f} for OK, {gate.ready_from:.2f} for Ready"
    because = f"The lower bound of its AUC on the newest records is {row.auc_low:.3f} ({bounds})."
    if verdict == NOT_READY:
        because += " It ranks hardly better than chance: look for attributes that tell records apart, or more records."
    alarm = _alarm(row, evaluation)
    if alarm:
        return replace(row, verdict=_LOWERED[verdict], because=f"{because} {alarm}")
    return replace(row, verdict=verdict, because=because)


def _alarm(row: ledger.ModelRow, evaluation: Evaluation) -> str:
    """What is odd about the open records' probabilities; empty where nothing is. The cheapest strong sign of a leak."""
    if evaluation.open_mean is None or evaluation.open_records < _LEAST_OPEN or not row.base_rate:
        return ""
    clipped = np.clip([evaluation.open_mean, row.base_rate], 1e-6, 1 - 1e-6)
    odds_ratio = float(np.exp(abs(np.subtract(*logit(clipped)))))
    if odds_ratio <= _ALARM_ODDS:
        return ""
    return (
        f"Lowered by one: open records get {evaluation.open_mean:.3f} on average, {row.base_rate:.3f} of the newest "
        "closed ones had the wanted outcome. Look in scores.attributes for one that knows whether a record is closed."
    )


def _worse_than(champion: ledger.ModelRow | None, row: ledger.ModelRow, evaluation: Evaluation) -> str:
    """Why the version in use stays although this one passed; empty where this one is not clearly worse.

    The rule of the product we replace: a new version needs 95 % of the accuracy of the one in use, unless that is more
    than three months old.
    Both are compared on the held-out rows whose outcome the champion cannot have learnt; where these are too few or it
    could not score them, its own hold-out counts.
    """
    if champion is None or champion.model_id == row.model_id or champion.auc is None or row.auc is None:
        return ""
    if (row.as_of_date - champion.as_of_date).days > _OLD_AFTER_DAYS:
        return ""
    new, old, where = row.auc, champion.auc, "each on its own newest records"
    fresh = evaluation.holdout[~seen_by(evaluation.holdout, champion.as_of_date)]
    if evaluation.champion_id == champion.model_id and fresh["champion_probability"].notna().all():
        labels, weights = fresh["label"].to_numpy(dtype=bool), fresh["weight"].to_numpy(dtype=np.float64)
        if min(labels.sum(), (~labels).sum()) >= _LEAST_COMPARED:
            both = [
                metrics.auc(labels, fresh[name].to_numpy(), weights) for name in ("probability", "champion_probability")
            ]
            new, old, where = both[0] or 0.0, both[1] or 0.0, f"on {len(fresh):,} snapshots new to both"
    if new >= _NOT_WORSE * old:
        return ""
    return (
        f"The version in use, {champion.model_id}, is clearly better: AUC {old:.3f} against {new:.3f}, {where}. "
        "It stays; look at what changed in the data since it was trained."
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
