"""Fiscal periods, for every start month and every way to cut the year."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from config.fiscal import FiscalPeriod, next_period, period_of
from config.schema.organisation import FiscalYear


@pytest.mark.parametrize(
    ("day", "start_month", "period", "expected"),
    [
        (date(2026, 6, 30), 1, "quarter", FiscalPeriod("FY2026 Q2", date(2026, 4, 1), date(2026, 6, 30))),
        (date(2026, 7, 1), 1, "quarter", FiscalPeriod("FY2026 Q3", date(2026, 7, 1), date(2026, 9, 30))),
        (date(2026, 6, 30), 7, "quarter", FiscalPeriod("FY2026 Q4", date(2026, 4, 1), date(2026, 6, 30))),
        (date(2026, 7, 1), 7, "quarter", FiscalPeriod("FY2027 Q1", date(2026, 7, 1), date(2026, 9, 30))),
        (date(2027, 1, 15), 11, "quarter", FiscalPeriod("FY2027 Q1", date(2026, 11, 1), date(2027, 1, 31))),
        (date(2024, 2, 29), 1, "month", FiscalPeriod("2024-02", date(2024, 2, 1), date(2024, 2, 29))),
        (date(2026, 12, 31), 4, "month", FiscalPeriod("2026-12", date(2026, 12, 1), date(2026, 12, 31))),
        (date(2026, 3, 31), 4, "half_year", FiscalPeriod("FY2026 H2", date(2025, 10, 1), date(2026, 3, 31))),
        (date(2026, 3, 31), 4, "year", FiscalPeriod("FY2026", date(2025, 4, 1), date(2026, 3, 31))),
        (date(2026, 12, 31), 1, "year", FiscalPeriod("FY2026", date(2026, 1, 1), date(2026, 12, 31))),
    ],
)
def test_the_period_of_a_day(day: date, start_month: int, period: str, expected: FiscalPeriod) -> None:
    assert period_of(day, FiscalYear(start_month=start_month, period=period)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("period", ["month", "quarter", "half_year", "year"])
@pytest.mark.parametrize("start_month", range(1, 13))
def test_periods_follow_one_another_without_gap_or_overlap(start_month: int, period: str) -> None:
    fiscal_year = FiscalYear(start_month=start_month, period=period)  # type: ignore[arg-type]
    current = period_of(date(2023, 1, 1), fiscal_year)
    labels = {current.label}
    while current.end < date(2026, 12, 31):
        following = next_period(current, fiscal_year)
        assert following.start == current.end + timedelta(days=1)
        assert all(period_of(day, fiscal_year) == following for day in (following.start, following.end))
        assert following.label not in labels
        labels.add(following.label)
        current = following


def test_days_of_a_period_count_both_ends() -> None:
    assert period_of(date(2024, 2, 1), FiscalYear(period="quarter")).days == 91
