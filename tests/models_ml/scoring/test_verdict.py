"""The verdict: by the lower bound, and what lowers it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from config.schema.learning import Gate
from models_ml.scoring.accuracy import HOLDOUT, Figure
from models_ml.scoring.backtest import WINDOW
from models_ml.scoring.evaluation import Evaluation
from models_ml.scoring.ledger import ModelRow
from models_ml.scoring.verdict import NOT_READY, OK, READY, odds_ratio, unstable, with_verdict
from tests.models_ml.scoring.company import DAY

ROW = ModelRow(
    "lead", "LeadScoring", "new", DAY, 800, 200, None, base_rate=0.4, auc=0.75, auc_low=0.70, auc_high=0.8, brier=0.2,
    calibration_error=0.03, verdict=None, status="trained", because="", setup="",
)  # fmt: skip


def window(name: str = "1", high: float | None = 0.8, promised: float = 0.4, came: float = 0.4) -> list[Figure]:
    """A window of 400 records in which the difference of promised and realised share is known to .04."""
    apart = came - promised
    told = [
        Figure(WINDOW, name, "auc", 0.7 if high is None else high - 0.05, None if high is None else high - 0.1, high),
        Figure(WINDOW, name, "mean_probability", promised),
        Figure(WINDOW, name, "base_rate", came),
        Figure(WINDOW, name, "realised_minus_promised", apart, apart - 0.04, apart + 0.04),
    ]
    return [replace(one, records=400, begins=DAY) for one in told]


def judged(low: float | None = 0.7, figures: list[Figure] | None = None, **opened: float) -> ModelRow:
    evaluation = Evaluation(pd.DataFrame(), None, int(opened.get("records", 100)), opened.get("mean", 0.4))
    row = replace(ROW, auc_low=low, auc=None if low is None else 0.75)
    return with_verdict(row, evaluation, window() + window(HOLDOUT) if figures is None else figures, Gate())


@pytest.mark.fact("1c.verdicts", "1c.verdict-bounds")
@pytest.mark.parametrize(("low", "verdict"), [(0.65, READY), (0.649, OK), (0.55, OK), (0.549, NOT_READY)])
def test_the_verdict_follows_from_the_lower_bound(low: float, verdict: str) -> None:
    assert judged(low).verdict == verdict


@pytest.mark.parametrize(("low", "verdict"), [(0.7, OK), (0.6, NOT_READY), (0.5, NOT_READY)])
def test_the_alarm_of_open_records_lowers_the_verdict_by_one(low: float, verdict: str) -> None:
    alarmed = judged(low, mean=0.005)
    assert alarmed.verdict == verdict
    assert f"{'Besides,' if low == 0.5 else 'Lowered by one:'} open records get 0.005 on average" in alarmed.because


def test_a_handful_of_open_records_gives_no_alarm() -> None:
    assert judged(mean=0.005, records=5).verdict == READY


def test_unmeasured_is_not_ready() -> None:
    assert judged(None).verdict == NOT_READY


@pytest.mark.parametrize(("low", "verdict"), [(0.7, OK), (0.6, NOT_READY)])
def test_unstable_windows_lower_the_verdict_by_one(low: float, verdict: str) -> None:
    found = judged(low, window() + window("2", high=0.54) + window(HOLDOUT))
    assert found.verdict == verdict
    assert f"in the window from {DAY} it ranked hardly better than chance (AUC 0.49, at most 0.54)" in found.because


def test_two_signs_lower_it_by_one_and_both_are_told() -> None:
    found = judged(0.7, window("2", high=0.54), mean=0.005)
    assert found.verdict == OK
    assert "open records get" in found.because
    assert "windows are unstable" in found.because


def test_without_a_window_of_the_past_it_is_ok_at_best() -> None:
    assert judged(0.9, window(HOLDOUT)).verdict == OK
    assert "No window before the newest records" in judged(0.9, window(HOLDOUT)).because
    assert judged(0.6, window(HOLDOUT)).verdict == OK


@pytest.mark.parametrize(
    ("high", "promised", "came", "is_unstable"),
    [
        (0.55, 0.4, 0.4, False),
        (0.549, 0.4, 0.4, True),
        (0.8, 0.4, 0.57, False),  # odds .67 and 1.33: just below twice
        (0.8, 0.4, 0.58, True),
        (0.8, 0.4, 0.24, True),
        (0.8, 0.02, 0.05, False),  # odds 2.6 times, but within the noise
        (None, 0.4, 0.4, False),
    ],
)
def test_what_makes_a_window_unstable(high: float | None, promised: float, came: float, is_unstable: bool) -> None:
    assert bool(unstable(window(high=high, promised=promised, came=came), 0.55)) is is_unstable


def test_the_newest_records_are_a_window_too() -> None:
    told = unstable(window() + window(HOLDOUT, promised=0.4, came=0.7), 0.55)
    assert "in the newest records it promised 0.40 and 0.70 came" in told


def test_windows_that_merely_differ_are_stable() -> None:
    assert unstable(window("1", high=0.65) + window("2", high=0.95), 0.55) == ""


def test_odds_of_nothing_are_finite() -> None:
    assert odds_ratio(0.5, 0.0, 50) == pytest.approx(99)
