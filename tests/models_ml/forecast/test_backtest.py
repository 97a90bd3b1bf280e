"""Past origins: where they lie, and that none of them knows what came after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from config.schema.forecast import Forecast
from models_ml.forecast.backtest import backtest
from models_ml.forecast.series import ManagerSeries, Window

FIRST_WEEK = date(2025, 1, 6)
SETTINGS = Forecast(minimum_weeks=20, backtest_origins=4, backtest_step_weeks=3)
WINDOW = Window("current", first_day=3, last_day=30)


def series(weeks: int, days_more: int = 2) -> ManagerSeries:
    days = weeks * 7 + days_more
    return ManagerSeries("m", "M", FIRST_WEEK, 100 + np.random.default_rng(3).normal(0, 20, days))


def test_origins_lie_a_step_apart_and_their_windows_have_passed() -> None:
    past = backtest(series(40), [WINDOW], SETTINGS)
    # 282 days; the window ends 30 days after the origin: 36 whole weeks (252 days) are the most that may be known.
    # Counted back from week 40 by threes: 37 is too late, 34 is the first
    known = [(one.origin_week - FIRST_WEEK).days // 7 + 1 for one in past]
    assert known == [25, 28, 31, 34]
    assert {one.horizon_weeks for one in past} == {5}


def test_no_origin_knows_less_than_half_of_the_least_history() -> None:
    past = backtest(series(18), [WINDOW], SETTINGS)
    assert [(one.origin_week - FIRST_WEEK).days // 7 + 1 for one in past] == [12]


@pytest.mark.parametrize("window", [Window("current", 3, 2), Window("next", 3, 2000)])
def test_a_window_without_days_or_longer_than_the_history_has_no_past(window: Window) -> None:
    assert backtest(series(40), [window], SETTINGS) == []


def test_the_actual_is_what_the_days_of_the_window_brought() -> None:
    one = series(40)
    for past in backtest(one, [WINDOW], SETTINGS):
        first = (past.origin_week - FIRST_WEEK) + timedelta(days=7 + 3 - 1)
        assert past.actual_amount == pytest.approx(one.daily[first.days : first.days + 28].sum())


def test_what_happens_after_an_origin_does_not_move_its_forecast() -> None:
    calm = series(40)
    for past in backtest(calm, [WINDOW], SETTINGS):
        spiked = calm.daily.copy()
        spiked[(past.origin_week - FIRST_WEEK).days + 7 :] += 1e6
        again = backtest(replace(calm, daily=spiked), [WINDOW], SETTINGS)
        same_origin = next(one for one in again if one.origin_week == past.origin_week)
        assert same_origin.actual_amount > past.actual_amount + 1e6
        assert replace(same_origin, actual_amount=past.actual_amount) == past


def test_what_happens_before_an_origin_does_move_its_forecast() -> None:
    calm = series(40)
    last = backtest(calm, [WINDOW], SETTINGS)[-1]
    spiked = calm.daily.copy()
    spiked[(last.origin_week - FIRST_WEEK).days + 6] += 1e4
    assert backtest(replace(calm, daily=spiked), [WINDOW], SETTINGS)[-1].predicted_amount != last.predicted_amount


def test_both_windows_are_forecast_from_the_origins_they_share() -> None:
    current, following = WINDOW, Window("next", 31, 60)
    past = backtest(series(60), [current, following], SETTINGS)
    origins = {
        period: [(one.origin_week - FIRST_WEEK).days // 7 + 1 for one in past if one.period == period]
        for period in ("current", "next")
    }
    assert origins == {"current": [45, 48, 51, 54], "next": [42, 45, 48, 51]}
