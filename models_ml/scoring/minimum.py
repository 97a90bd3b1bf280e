"""Whether there is enough to learn from and to measure on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config.errors import GateNotPassed
from config.schema.learning import Model
from models_ml.scoring.dataset import Dataset
from models_ml.scoring.grain import lines_read_as_records
from models_ml.scoring.leakage import Decision
from models_ml.scoring.split import Split

TOO_FEW = "too few records"
REFUSED = "refused"


@dataclass(frozen=True)
class Shortage:
    """Why there is no model: the status of the version that is none, and the error that tells it."""

    status: str
    error: GateNotPassed


def shortage(dataset: Dataset, parts: Split, decisions: tuple[Decision, ...], settings: Model) -> Shortage | None:
    """What is missing; None where there is enough.

    Below ``minimum_records`` the status is 'too few records', and open records get the smoothed base rate instead.
    Where there are enough and yet nothing can be learnt or measured it is 'refused'.
    """
    too_few = _too_few(dataset, parts, settings)
    if too_few:
        return Shortage(TOO_FEW, too_few)
    lines = lines_read_as_records(dataset, parts)
    if lines:
        return Shortage(REFUSED, lines)
    because = parts.because
    for part, mask in (("older", parts.older), ("newest", parts.newer)):
        if not because and min(_records_with(dataset, mask, outcome) for outcome in (True, False)) < 2:
            because = (
                f"the {part} records have (almost) only one outcome, so ranking cannot be measured forward in time"
            )
    if not because and not any(decision.is_used for decision in decisions):
        because = "no attribute passed the leakage gate"
    if not because:
        return None
    remedy = "See scores.attributes and docs/scores.md for what a measurement needs."
    because = f"{because[0].upper()}{because[1:]}. {remedy}"
    return Shortage(REFUSED, GateNotPassed(dataset.score_name, "forward AUC", None, 0.5, because))


def _too_few(dataset: Dataset, parts: Split, settings: Model) -> GateNotPassed | None:
    minimum, score = settings.minimum_records, dataset.score_name
    for outcome, required in ((True, minimum.positive), (False, minimum.negative)):
        found = _records_with(dataset, parts.labelled, outcome)
        if found < required:
            kind = "positive" if outcome else "negative"
            because = (
                f"There are {found} closed records with the {kind} outcome and {required} are needed "
                f"(minimum_records in scores/{score}.yml). {_remedy(settings, outcome, found)}"
            )
            return GateNotPassed(score, f"number of {kind} records", float(found), float(required), because)
    return None


def _remedy(settings: Model, outcome: bool, found: int) -> str:
    if found or settings.target is None:
        return "Wait until more records are decided."
    key, values = ("positive", settings.target.positive) if outcome else ("negative", settings.target.negative)
    return (
        f"No record has {' or '.join(values)} in the column '{settings.target.column}': check the spelling of "
        f"target.{key} and target.column."
    )


def _records_with(dataset: Dataset, mask: NDArray[np.bool_], outcome: bool) -> int:
    """Records of which a row has that label; a record with a positive row counts as positive alone."""
    labels = dataset.rows["label"][mask].astype(bool)
    ever_positive = labels.groupby(dataset.rows["record_id"][mask], observed=True).any()
    return int((ever_positive == outcome).sum())
