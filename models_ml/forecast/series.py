"""The series of one manager, and the windows of time that are forecast.

A series is daily: won amount of every day from the Monday of the manager's first week to the as-of day. The model reads
it as weeks; the windows are cut to the day, because fiscal periods begin and end in the middle of weeks.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from config.fiscal import FiscalPeriod, next_period, period_of
from config.schema.organisation import FiscalYear

Amounts = npt.NDArray[np.float64]
PeriodName = Literal["current", "next"]
PERIODS: Final[tuple[PeriodName, PeriodName]] = ("current", "next")
WEEK: Final = 7


@dataclass(frozen=True)
class ManagerSeries:
    """Won revenue of one manager's subtree.

    Attributes:
        first_week: the Monday of the first week.
        daily: amount won per day, from ``first_week`` to the as-of day, without a gap.
    """

    manager_id: str
    manager_name: str
    first_week: date
    daily: Amounts

    @property
    def last_day(self) -> date:
        """The as-of day."""
        return self.first_week + timedelta(days=len(self.daily) - 1)

    @property
    def weeks(self) -> int:
        """Number of complete weeks, Monday to Sunday."""
        return len(self.daily) // WEEK

    @property
    def weekly(self) -> Amounts:
        """Amount won per complete week; shape ``(weeks,)``."""
        sums: Amounts = self.daily[: self.weeks * WEEK].reshape(-1, WEEK).sum(axis=1)
        return sums

    @property
    def fingerprint(self) -> str:
        """Short hash of the content: a forecast made from other numbers has another one."""
        text = f"{self.manager_id}|{self.manager_name}|{self.first_week}|{[f'{amount:.6f}' for amount in self.daily]}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def won_since(self, day: date) -> float:
        """Amount won from that day on, to the end of the series."""
        return float(self.daily[max(0, (day - self.first_week).days) :].sum())


@dataclass(frozen=True)
class Window:
    """The days to forecast of one fiscal period, counted from the end of the last complete week (1 = the day after).

    Laid behind an earlier week it is what the back-test forecasts. ``last_day < first_day``: no day is left.
    """

    period: PeriodName
    first_day: int
    last_day: int

    @property
    def days(self) -> int:
        """Number of days in the window; 0 when the period ends with the as-of day."""
        return max(0, self.last_day - self.first_day + 1)

    @property
    def horizon_weeks(self) -> int:
        """Weeks to predict until the window's last day is covered."""
        return -(-self.last_day // WEEK) if self.days else 0

    def share(self, predicted_weeks: Amounts) -> float:
        """What of a weekly prediction falls into the window: every day counts as a seventh of its week."""
        daily = np.repeat(predicted_weeks / WEEK, WEEK)
        return float(daily[self.first_day - 1 : self.last_day].sum()) if self.days else 0.0

    def actual(self, series: ManagerSeries, weeks_known: int) -> float:
        """What was won in the window that lies behind the first ``weeks_known`` weeks of a series."""
        origin = weeks_known * WEEK
        return float(series.daily[origin + self.first_day - 1 : origin + self.last_day].sum())


@dataclass(frozen=True)
class Outlook:
    """The fiscal periods of a day and the windows that remain to be forecast, by the period's name."""

    as_of: date
    periods: dict[PeriodName, FiscalPeriod]
    windows: dict[PeriodName, Window]


def outlook(as_of: date, fiscal_year: FiscalYear) -> Outlook:
    """The current and the next fiscal period as seen at the end of a day.

    On the last day of a period nothing of it remains: its window has no days.
    """
    current = period_of(as_of, fiscal_year)
    following = next_period(current, fiscal_year)
    last_complete_sunday = as_of - timedelta(days=(as_of.weekday() + 1) % WEEK)

    def offset(day: date) -> int:
        return (day - last_complete_sunday).days

    return Outlook(
        as_of,
        {"current": current, "next": following},
        {
            "current": Window("current", offset(as_of) + 1, offset(current.end)),
            "next": Window("next", offset(following.start), offset(following.end)),
        },
    )
