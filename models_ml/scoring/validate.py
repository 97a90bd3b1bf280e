"""Measure a trained model on records it has never seen, and pass the verdict. What cannot be measured stays shut."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from config.errors import GateNotPassed
from config.schema.learning import Model
from config.workspace import Workspace
from models_ml import metrics, registry
from models_ml.scoring import accuracy, ledger
from models_ml.scoring.accuracy_report import leak_lines, report_lines
from models_ml.scoring.evaluation import Evaluation
from models_ml.scoring.grade_ranges import keep_held_out
from models_ml.scoring.grades import HeldOut
from models_ml.scoring.segments import segment_figures, weaknesses
from models_ml.scoring.stages import stage_lines, write_stages
from models_ml.scoring.standing import standing_of
from models_ml.scoring.verdict import NOT_READY, with_verdict
from warehouse.connection import open_warehouse, transaction
from warehouse.day import day_loaded

_LOG = logging.getLogger(__name__)

_NOT_WORSE: Final = 0.95
_OLD_AFTER_DAYS: Final = 92
_METRIC: Final = "lower 95 % bound of the forward AUC"


@dataclass(frozen=True)
class ValidateReport:
    """What was measured on the hold-out, the verdict, and what else a person should know before deciding."""

    row: ledger.ModelRow
    told: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        row = self.row
        newest = f" created from {row.holdout_from} on" if row.holdout_from else ""
        summed = (
            f"{row.model_name}: {row.verdict}. {row.model_id} ranks the {row.holdout_records:,} newest records"
            f"{newest} with AUC {row.auc:.3f} (95 % interval {row.auc_low:.3f} to {row.auc_high:.3f})"
        )
        distances = f"calibration error {row.calibration_error:.3f}, Brier score {row.brier:.3f}"
        return [summed, f"{distances}, base rate {row.base_rate:.3f}", row.because, *self.told]


def validate(
    workspace: Workspace, score_name: str, model_name: str | None = None, *, as_of: date | str | None = None
) -> ValidateReport:
    """Measure the newest version of the day; it may be promoted if this returns.

    AUC with its 95 % interval, Brier score and calibration error are those of the evaluation model, which has learnt
    from the older records alone, on the hold-out. The verdict follows from the interval's lower bound; it is lowered by
    one where the open records' mean probability lies far from the base rate or the windows are unstable. All figures
    are written to ``scores.accuracy``, ``scores.curves`` and ``scores.held_out``, whatever the verdict. A model that
    ranks clearly worse than the one in use on the same records stays out, unless the one in use has learnt from what
    the gate now excludes: its figures are worth nothing then.

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
    fresh = evaluation.new_to(champion.model_id, champion.as_of_date) if champion else None
    figures = accuracy.measure(evaluation, fresh) + segment_figures(evaluation.holdout)
    weak = " ".join(weaknesses(figures, score_name, settings.gate.ok_from))
    measured = replace(_measured(row, figures), weaknesses=weak)
    measured = with_verdict(measured, evaluation, figures, settings.gate)
    if measured.verdict != NOT_READY and not leaks and (worse := _worse_than(champion, measured, evaluation)):
        measured = replace(measured, because=worse, status="refused")
    else:
        measured = replace(measured, status="refused" if measured.verdict == NOT_READY else "validated")
    told = _write(workspace, settings, measured, evaluation, figures)
    if measured.status == "refused":
        raise GateNotPassed(score_name, _METRIC, measured.auc_low, settings.gate.ok_from, measured.because)
    return ValidateReport(measured, told)


def _write(
    workspace: Workspace,
    settings: Model,
    row: ledger.ModelRow,
    evaluation: Evaluation,
    figures: list[accuracy.Figure],
) -> tuple[str, ...]:
    """Note what was measured; returns what a person should read of it."""
    curve_rows = accuracy.curves(evaluation)
    key = {"score_name": row.score_name, "model_name": row.model_name, "model_id": row.model_id}
    with open_warehouse(workspace) as connection:
        with transaction(connection):
            accuracy.write_accuracy(connection, key, figures, curve_rows)
            write_stages(connection, key, evaluation.stages)
            keep_held_out(connection, key, HeldOut.of(evaluation))
        ledger.write_measured(connection, row)
        in_use = ledger.champion(connection, settings.name)
        excluded, suspected = ledger.leaks_reported(connection, row)
        standing = standing_of(connection, in_use.model_id, row.as_of_date) if in_use else None
    champion_id = in_use.model_id if in_use and in_use.model_id != row.model_id else None
    return (
        *report_lines(row.score_name, figures, curve_rows, champion_id, evaluation.member),
        *([f"What it will not be good at: {row.weaknesses}"] if row.weaknesses else []),
        *stage_lines(evaluation.stages),
        *leak_lines(excluded, suspected),
        *([f"Of {in_use.model_id}: {standing.lowered}"] if in_use and standing and standing.lowered else []),
    )


def _measured(row: ledger.ModelRow, figures: list[accuracy.Figure]) -> ledger.ModelRow:
    """The row with what was measured on the hold-out."""
    found = {one.measure: one for one in figures if (one.part, one.group_name) == (accuracy.HOLDOUT, "")}
    return replace(
        row,
        base_rate=found["conversion_rate"].value,
        auc=found["auc"].value,
        auc_low=found["auc"].low,
        auc_high=found["auc"].high,
        brier=found["brier"].value,
        calibration_error=found["calibration_error"].value,
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
    fresh = evaluation.new_to(champion.model_id, champion.as_of_date)
    if fresh is not None:
        labels, weights = fresh["label"].to_numpy(dtype=bool), fresh["weight"].to_numpy(dtype=np.float64)
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
