"""The verdict on a model: by the lower bound of its AUC, lowered where something is odd or the windows are unstable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from scipy.special import logit

from config.schema.learning import Gate
from models_ml.scoring.accuracy import HOLDOUT, Figure
from models_ml.scoring.backtest import WINDOW
from models_ml.scoring.evaluation import Evaluation
from models_ml.scoring.ledger import ModelRow

READY: Final = "Ready to publish"
OK: Final = "OK to publish"
NOT_READY: Final = "Not ready to publish"
LOWERED: Final = {READY: OK, OK: NOT_READY, NOT_READY: NOT_READY}
"""Each verdict and the one below it."""

_ALARM_ODDS: Final = 4.0
_LEAST_OPEN: Final = 30
_UNSTABLE_ODDS: Final = 2.0


def with_verdict(row: ModelRow, evaluation: Evaluation, figures: Sequence[Figure], gate: Gate) -> ModelRow:
    """The row with verdict and reason.

    By the lower bound of the AUC; lowered by one, once, where the open records raise an alarm or the windows are
    unstable. Where no window before the hold-out could be measured, nothing shows that the model is stable, and Ready
    becomes OK: what is unmeasured opens no gate wider.

    Args:
        row: with the figures of the hold-out.
        evaluation: for what the model says of open records.
        figures: those of the windows.
        gate: the bounds.
    """
    if row.auc is None or row.auc_low is None:
        because = (
            "The newest records have only one outcome, so nothing could be measured. Wait for more decided records."
        )
        return replace(row, verdict=NOT_READY, because=because)
    verdict = READY if row.auc_low >= gate.ready_from else OK if row.auc_low >= gate.ok_from else NOT_READY
    bounds = f"{gate.ok_from:.2f} for OK, {gate.ready_from:.2f} for Ready"
    because = f"The lower bound of its AUC on the newest records is {row.auc_low:.3f} ({bounds})."
    alarm = _alarm(row, evaluation)
    if verdict == NOT_READY:
        because += " It ranks hardly better than chance: look for attributes that tell records apart, or more records."
        return replace(row, verdict=verdict, because=f"{because} Besides, {alarm}" if alarm else because)
    odd = [reason for reason in (alarm, unstable(figures, gate.ok_from)) if reason]
    if odd:
        return replace(row, verdict=LOWERED[verdict], because=f"{because} Lowered by one: {' Besides, '.join(odd)}")
    if verdict == READY and not _windows_measured(figures):
        because += " No window before the newest records could be measured, so it is OK at best: wait for more records."
        verdict = OK
    return replace(row, verdict=verdict, because=because)


def unstable(figures: Sequence[Figure], ok_from: float) -> str:
    """Why the windows are unstable; empty where they are not.

    They are where one of them ranks hardly better than chance for certain (the upper 95 % bound of its AUC lies below
    the bound for OK), or where the odds of what came are at least twice or at most half of what was promised and the
    95 % interval of the difference of both shares excludes 0. That intervals of two windows do not overlap is no sign:
    among six of a stable model two such are common.
    """
    told = []
    for auc in (one for one in figures if one.part == WINDOW and one.measure == "auc"):
        name = "the newest records" if auc.group_name == HOLDOUT else _named(auc)
        if auc.high is not None and auc.high < ok_from:
            told.append(f"in {name} it ranked hardly better than chance (AUC {auc.value:.2f}, at most {auc.high:.2f})")
        own = {one.measure: one for one in figures if one.part == WINDOW and one.group_name == auc.group_name}
        promised, realised = own["mean_probability"].value, own["base_rate"].value
        apart = own["realised_minus_promised"]
        if promised is None or realised is None or apart.low is None or apart.high is None:
            continue
        if not apart.low <= 0 <= apart.high and odds_ratio(promised, realised, auc.records or 1) >= _UNSTABLE_ODDS:
            told.append(f"in {name} it promised {promised:.2f} and {realised:.2f} came")
    return f"its windows are unstable: {'; '.join(told)}." if told else ""


def odds_ratio(one: float, other: float, records: int = 1_000_000) -> float:
    """The odds of the larger share by those of the smaller; a share of none or all counts as half a record off it."""
    edge = 0.5 / records
    odds = logit(np.clip([one, other], edge, 1 - edge))
    return float(np.exp(abs(odds[0] - odds[1])))


def _alarm(row: ModelRow, evaluation: Evaluation) -> str:
    """What is odd about the open records' probabilities; empty where nothing is. The cheapest strong sign of a leak."""
    if evaluation.open_mean is None or evaluation.open_records < _LEAST_OPEN or not row.base_rate:
        return ""
    if odds_ratio(evaluation.open_mean, row.base_rate) <= _ALARM_ODDS:
        return ""
    return (
        f"open records get {evaluation.open_mean:.3f} on average, {row.base_rate:.3f} of the newest "
        "closed ones had the wanted outcome. Look in scores.attributes for one that knows whether a record is closed."
    )


def _windows_measured(figures: Sequence[Figure]) -> int:
    return sum(one.part == WINDOW and one.measure == "auc" and one.group_name != HOLDOUT for one in figures)


def _named(auc: Figure) -> str:
    return f"the window from {auc.begins}" if auc.begins else f"window {auc.group_name}"
