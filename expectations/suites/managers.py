"""Forecasts: won revenue per manager and fiscal period, with its intervals."""

from __future__ import annotations

from typing import Final

from expectations.expectation import Expectation, filled, finite, never, nothing_in, one_of, unique
from expectations.subject import Subject

LAYER: Final = "forecasts"
TABLE: Final = "forecasts.managers"
KEY: Final = ("manager_id", "period", "as_of_date")
OF_THE_DAY: Final = True
_AGAIN: Final = "Run 'sales-insights forecast' again for the day; if it stays, the forecast is at fault."
_STATUSES: Final = (
    "forecast",
    "forecast, 95 % interval not measurable",
    "forecast, interval not measurable",
    "not enough history",
)
_AMOUNTS: Final = (
    "won_to_date_amount",
    "predicted_amount",
    "low_80_amount",
    "high_80_amount",
    "low_95_amount",
    "high_95_amount",
)


def expectations(subject: Subject) -> list[Expectation]:
    """Each manager has one forecast per period, inside its 80 % interval, inside its 95 % interval."""
    return [
        *(filled(column, "table", _AGAIN) for column in (*KEY, "period_start", "period_end", "status")),
        unique(*KEY, advice=_AGAIN),
        one_of("period", ("current", "next"), "table", _AGAIN),
        one_of("status", _STATUSES, "table", _AGAIN),
        finite(_AMOUNTS, "table", _AGAIN),
        _ordered(),
        _in_its_period(subject),
        never(
            "a forecast is not below what is already won",
            ("predicted_amount", "won_to_date_amount"),
            "status = 'forecast' and predicted_amount < won_to_date_amount - 0.01",
            reason="'predicted ' || predicted_amount || ' below won to date ' || won_to_date_amount",
            severity="warning",
            advice="Look at the manager's weeks in features.feat_manager_week.",
        ),
        *_every_manager(subject),
    ]


def _ordered() -> Expectation:
    return never(
        "a forecast lies within its 80 % interval, and that within its 95 % interval",
        ("predicted_amount", *_AMOUNTS[2:], "status"),
        "status = 'forecast' and not coalesce(low_95_amount <= low_80_amount and low_80_amount <= predicted_amount "
        "and predicted_amount <= high_80_amount and high_80_amount <= high_95_amount, false)",
        reason="concat_ws(' | ', 'from low 95 to high 95:', coalesce(low_95_amount, 'nan'), "
        "coalesce(low_80_amount, 'nan'), coalesce(predicted_amount, 'nan'), coalesce(high_80_amount, 'nan'), "
        "coalesce(high_95_amount, 'nan'))",
        severity="table",
        advice=_AGAIN,
    )


def _in_its_period(subject: Subject) -> Expectation:
    return never(
        "the current period contains the day, the next one follows it",
        ("period_start", "period_end", "period"),
        f"period_end < period_start "
        f"or (period = 'current' and date '{subject.day}' not between period_start and period_end) "
        f"or (period = 'next' and period_start <= date '{subject.day}')",
        reason="period || ' period from ' || period_start || ' to ' || period_end",
        severity="table",
        advice="Check fiscal_year in organisation.yml and run 'sales-insights forecast' again for the day.",
    )


def _every_manager(subject: Subject) -> list[Expectation]:
    if "features.feat_manager_week" not in subject.tables:
        return []
    return [
        nothing_in(
            "every manager who won something has a forecast, or the reason for none",
            f"select distinct manager_id from features.feat_manager_week where as_of_date = date '{subject.day}' "
            "and manager_id not in (select manager_id from {rows})",
            "table",
            _AGAIN,
        )
    ]
