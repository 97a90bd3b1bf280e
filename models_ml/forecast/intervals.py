"""How wrong a forecast may be: conformal intervals from the back-test errors of all managers together.

One manager has too few past forecasts to tell a 95 % interval from. Their errors are made comparable by a scale of
their own and pooled. Split conformal prediction (Vovk, Gammerman and Shafer 2005; Lei et al. 2018): of n absolute
errors the ``ceil((n + 1) * level)``-th smallest covers a new one with that probability. Where n is too small for that
rank the interval cannot be measured, and none is given.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

LEVELS: Final = (80, 95)
_DAYS_PER_WEEK: Final = 7


@dataclass(frozen=True)
class Interval:
    """Lower and upper bound, amounts in the organisation's currency."""

    low: float
    high: float


def native_scale(residual_sigma: float, days: int, predicted: float) -> float:
    """The unit of a forecast's error: the mean of its native width and its level.

    The native width is that of a sum of independent weeks, sigma * sqrt(weeks). Alone it is too small for a steady
    manager whose level shifts; the level alone is too small for one whose deals are few and large.
    """
    return (residual_sigma * math.sqrt(days / _DAYS_PER_WEEK) + predicted) / 2


def relative_error(actual: float, predicted: float, scale: float) -> float | None:
    """Absolute error in units of the scale; None where the scale is 0 (nothing won, nothing predicted)."""
    return abs(actual - predicted) / scale if scale > 0 else None


def radii(errors: Iterable[float]) -> dict[int, float]:
    """Half width per level in units of the scale; a level that so few errors cannot tell is left out."""
    ordered = sorted(errors)
    ranks = {level: math.ceil((len(ordered) + 1) * level / 100) for level in LEVELS}
    return {level: ordered[rank - 1] for level, rank in ranks.items() if rank <= len(ordered)}


def intervals(won_to_date: float, predicted: float, scale: float, radius: Mapping[int, float]) -> dict[int, Interval]:
    """The interval of a period's total at every level that could be measured.

    Args:
        won_to_date: what is won already; nothing takes it away, so no bound lies below it.
        predicted: what the remaining days are predicted to add.
        scale: the forecast's own ``native_scale``. 0: the forecast has no unit for its error, and no interval.
        radius: from ``radii``.
    """
    if scale <= 0:
        return {}
    total = won_to_date + predicted
    return {
        level: Interval(max(won_to_date, total - half * scale), total + half * scale) for level, half in radius.items()
    }
