"""Fiscal periods: which one a day lies in, which one follows, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from config.schema.organisation import FiscalYear

_MONTHS: Final = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_LETTERS: Final = {"quarter": "Q", "half_year": "H"}
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class FiscalPeriod:
    """A fiscal period, first and last day included.

    ``label`` names the fiscal year after the calendar year that it ends in: ``FY2026 Q2``, ``FY2026 H1``, ``FY2026``;
    a month is written as the calendar writes it, ``2026-06``.
    """

    label: str
    start: date
    end: date

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.end - self.start).days + 1


def period_of(day: date, fiscal_year: FiscalYear) -> FiscalPeriod:
    """The fiscal period that a day lies in."""
    length = _MONTHS[fiscal_year.period]
    into_year = (day.month - fiscal_year.start_month) % 12
    first = day.year * 12 + day.month - 1 - into_year % length
    start = _first_of_month(first)
    end = _first_of_month(first + length) - _DAY
    return FiscalPeriod(_label(start, into_year // length + 1, fiscal_year), start, end)


def next_period(period: FiscalPeriod, fiscal_year: FiscalYear) -> FiscalPeriod:
    """The fiscal period after that one."""
    return period_of(period.end + _DAY, fiscal_year)


def _first_of_month(months_since_year_0: int) -> date:
    return date(months_since_year_0 // 12, months_since_year_0 % 12 + 1, 1)


def _label(start: date, number: int, fiscal_year: FiscalYear) -> str:
    if fiscal_year.period == "month":
        return f"{start:%Y-%m}"
    starts_in = start.year if start.month >= fiscal_year.start_month else start.year - 1
    year = f"FY{starts_in if fiscal_year.start_month == 1 else starts_in + 1}"
    return year if fiscal_year.period == "year" else f"{year} {_LETTERS[fiscal_year.period]}{number}"
