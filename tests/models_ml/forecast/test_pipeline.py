"""Prophet on hand-made weeks."""

from __future__ import annotations

import logging
from datetime import date

import numpy as np
import pytest

from models_ml.forecast.pipeline import naive_weeks, predict_weeks

FIRST_WEEK = date(2024, 1, 1)


def noisy(weeks: int, level: float = 1000.0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return level + np.random.default_rng(7).normal(0, level / 10, weeks)


def test_a_level_goes_on() -> None:
    prediction = predict_weeks(noisy(60), FIRST_WEEK, 13)
    assert prediction.weekly.shape == (13,)
    assert prediction.weekly.mean() == pytest.approx(1000, rel=0.1)
    assert prediction.residual_sigma == pytest.approx(100, rel=0.3)


def test_growth_goes_on() -> None:
    prediction = predict_weeks(np.linspace(1000, 2000, 80), FIRST_WEEK, 13)
    assert prediction.weekly.mean() == pytest.approx(2000 + 7 * 1000 / 79, rel=0.05)


def test_in_less_than_a_year_no_growth_can_be_told_from_the_season() -> None:
    prediction = predict_weeks(np.linspace(1000, 2000, 51), FIRST_WEEK, 13)
    assert prediction.weekly == pytest.approx(np.full(13, 1500.0), rel=0.02)


def test_a_yearly_shape_needs_two_years() -> None:
    weeks = np.arange(157)
    yearly = 1000 + 500 * np.sin(2 * np.pi * weeks / 52.18)
    with_two_years = predict_weeks(yearly[:131], FIRST_WEEK, 26).weekly
    assert np.abs(with_two_years - yearly[131:]).mean() < 100
    with_one_year = predict_weeks(yearly[:78], FIRST_WEEK, 26).weekly
    assert np.abs(np.diff(with_one_year, n=2)).max() < 1e-6, "a straight line, as no shape can be known"


def test_a_fall_ends_at_nothing() -> None:
    prediction = predict_weeks(np.linspace(1000, 10, 60), FIRST_WEEK, 26)
    assert prediction.weekly.min() == 0


@pytest.mark.parametrize("level", [0.0, 500.0])
def test_a_history_without_any_change_is_kept_up(level: float) -> None:
    prediction = predict_weeks(np.full(40, level), FIRST_WEEK, 5)
    assert prediction.weekly == pytest.approx(np.full(5, level), abs=0.01)
    assert prediction.residual_sigma == pytest.approx(0, abs=0.01)


def test_the_same_history_gives_the_same_forecast_to_the_last_bit() -> None:
    first, second = (predict_weeks(noisy(120), FIRST_WEEK, 13) for _ in range(2))
    assert first.weekly.tobytes() == second.weekly.tobytes()
    assert first.residual_sigma == second.residual_sigma


def test_a_fit_is_quiet(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(logging.DEBUG):
        predict_weeks(noisy(60), FIRST_WEEK, 4)
    assert [record.name for record in caplog.records if record.name.startswith(("prophet", "cmdstanpy"))] == []
    assert capfd.readouterr().out == ""


def test_the_yardstick_is_the_mean_of_the_last_13_weeks() -> None:
    assert naive_weeks(np.array([1e9, *range(13)]), 3).tolist() == [6.0, 6.0, 6.0]
