"""Windows of time across weeks and fiscal periods, by hand-checked numbers."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from config.schema.organisation import FiscalYear
from models_ml.forecast.series import ManagerSeries, Window, outlook

QUARTERS = FiscalYear(start_month=1, period="quarter")


def series(amounts: list[float], first_week: date = date(2026, 3, 30)) -> ManagerSeries:
    return ManagerSeries("m", "M", first_week, np.array(amounts))


def test_a_day_in_the_middle_of_a_week_counts_from_the_sunday_before() -> None:
    # Wednesday; the last complete week ended on Sunday 2026-06-14, the quarter ends on Tuesday 2026-06-30
    windows = outlook(date(2026, 6, 17), QUARTERS).windows
    assert windows["current"] == Window("current", first_day=4, last_day=16)
    assert windows["next"] == Window("next", first_day=17, last_day=16 + 92)
    assert windows["current"].days == (date(2026, 6, 30) - date(2026, 6, 17)).days
    assert windows["next"].days == 92


def test_a_sunday_completes_its_week() -> None:
    assert outlook(date(2026, 6, 14), QUARTERS).windows["current"] == Window("current", first_day=1, last_day=16)


def test_nothing_remains_of_a_period_on_its_last_day() -> None:
    ahead = outlook(date(2026, 6, 30), QUARTERS)
    assert ahead.periods["current"].end == date(2026, 6, 30)
    assert ahead.windows["current"].days == 0
    assert ahead.windows["current"].horizon_weeks == 0
    assert ahead.windows["current"].share(np.full(20, 7.0)) == 0
    assert ahead.windows["next"].first_day == 3  # Monday 29 and Tuesday 30 June lie between Sunday and 1 July


@pytest.mark.parametrize("day", [date(2024, 1, 1) + timedelta(days=number) for number in range(0, 800, 13)])
@pytest.mark.parametrize("period", ["month", "quarter", "half_year", "year"])
def test_the_windows_of_any_day_cover_the_days_to_come_once(day: date, period: str) -> None:
    ahead = outlook(day, FiscalYear(start_month=4, period=period))  # type: ignore[arg-type]
    sunday = day - timedelta(days=day.isoweekday() % 7)
    current, following = ahead.windows["current"], ahead.windows["next"]
    assert current.days == (ahead.periods["current"].end - day).days
    assert following.days == ahead.periods["next"].days
    assert following.first_day == current.last_day + 1
    assert sunday + timedelta(days=following.last_day) == ahead.periods["next"].end


def test_a_week_across_two_periods_is_shared_by_days() -> None:
    # Weeks of 70 and 700: of the first the last 4 days, of the second the first 2
    assert Window("current", first_day=4, last_day=9).share(np.array([70.0, 700.0])) == pytest.approx(40 + 200)
    assert Window("current", first_day=4, last_day=9).horizon_weeks == 2
    assert Window("next", first_day=10, last_day=14).share(np.array([70.0, 700.0])) == pytest.approx(500)


def test_actuals_of_a_window_are_summed_by_the_day() -> None:
    days = series([float(number) for number in range(1, 29)])
    # Behind two weeks (days 1-14): the 3rd to the 8th day after them
    assert Window("current", first_day=3, last_day=8).actual(days, 2) == sum(range(17, 23))


def test_a_period_that_begins_within_a_week_takes_only_its_own_days() -> None:
    # Monday 30 March 2026 to Friday 10 April; the second quarter begins on Wednesday 1 April
    days = series([1000.0, 1000.0, *[1.0] * 10])
    assert days.last_day == date(2026, 4, 10)
    assert days.weeks == 1
    assert days.weekly.tolist() == [2005.0]
    assert days.won_since(date(2026, 4, 1)) == 10.0


def test_a_manager_younger_than_the_period_has_won_all_in_it() -> None:
    assert series([2.0] * 14, date(2026, 5, 4)).won_since(date(2026, 4, 1)) == 28.0


def test_nothing_is_won_in_a_period_to_come() -> None:
    assert series([2.0] * 14).won_since(date(2026, 7, 1)) == 0.0


def test_the_fingerprint_tells_any_change() -> None:
    one = series([1.0, 2.0])
    assert one.fingerprint == series([1.0, 2.0]).fingerprint
    others = [
        series([1.0, 2.5]),
        series([1.0, 2.0], date(2026, 4, 6)),
        ManagerSeries("m", "N", one.first_week, one.daily),
    ]
    assert one.fingerprint not in {other.fingerprint for other in others}
