"""The demo's time: when its story begins and ends, and how many records begin on which day."""

from __future__ import annotations

from typing import Final

import numpy as np

from extract.demo.mechanism import Array

START: Final = np.datetime64("2023-07-01", "D")
EXPORTED_ON: Final = np.datetime64("2026-06-30", "D")
"""The day of the default export; sizes are stated for it."""
END: Final = np.datetime64("2026-12-31", "D")
"""The last day of the story: exports can be made for any day up to it."""
NEVER: Final = np.datetime64("2200-01-01", "s")
"""Stands for 'has not happened and will not'."""

_MONTHS: Final = np.array([1.0, 1.05, 1.15, 1.05, 1.0, 1.0, 0.85, 0.75, 1.1, 1.15, 1.1, 0.8])
_WEEKDAYS: Final = np.array([1.0, 1.1, 1.1, 1.05, 0.9, 0.12, 0.08])
_GROWTH: Final = 0.25  # more inflow at the end of the three years than at their beginning


def draw_days(rng: np.random.Generator, count_by_export: int) -> Array:
    """Days of creation in order, as many by ``EXPORTED_ON`` as asked for (about), and more up to ``END``."""
    days = np.arange(START, END + 1)
    weight = inflow(days)
    share_by_export = weight[days <= EXPORTED_ON].sum() / weight.sum()
    count = round(count_by_export / share_by_export)
    return np.sort(rng.choice(days, size=count, p=weight / weight.sum()))


def inflow(days: Array) -> Array:
    """How busy each day is, relative to a plain one: growth, month and weekday."""
    month = (days.astype("datetime64[M]").astype(int)) % 12
    weekday = (days.astype(int) + 3) % 7  # 1970-01-01 was a Thursday
    grown = 1 + _GROWTH * (days - START).astype(int) / (EXPORTED_ON - START).astype(int)
    weight: Array = grown * _MONTHS[month] * _WEEKDAYS[weekday]
    return weight


def at_work(rng: np.random.Generator, days: Array) -> Array:
    """Instants on these days, between 8 and 18 o'clock UTC."""
    return days.astype("datetime64[s]") + rng.integers(8 * 3600, 18 * 3600, days.shape)


def end_of(day: np.datetime64) -> np.datetime64:
    """The first instant that is later than the day."""
    night: np.datetime64 = (day + np.timedelta64(1, "D")).astype("datetime64[s]")
    return night


def latest(*moments: Array, until: np.datetime64) -> Array:
    """Per record the latest of several instants that is not later than the day ``until``; the first always counts."""
    result = moments[0]
    for moment in moments[1:]:
        result = np.where((moment < end_of(until)) & (moment > result), moment, result)
    return result
