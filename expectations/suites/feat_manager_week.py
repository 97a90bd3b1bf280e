"""Won revenue per manager and week: the series that forecasts continue."""

from __future__ import annotations

from typing import Final

from expectations.expectation import Expectation, filled, finite, never, nothing_in, unique
from expectations.subject import Subject

LAYER: Final = "features"
TABLE: Final = "features.feat_manager_week"
KEY: Final = ("manager_id", "week_start")
_OURS: Final = "The transformation is at fault: see dbt_project/models/features/feat_manager_week.sql."


def expectations(subject: Subject) -> list[Expectation]:
    """One row per manager and week, no week missing, amounts that are numbers."""
    return [
        *(filled(column, "table", _OURS) for column in (*KEY, "as_of_date", "won_amount", "won_count", "is_complete")),
        unique(*KEY, advice=_OURS),
        finite(("won_amount",), "table", "Mend the amount of the deal won in that week."),
        never(
            "a week starts on a Monday",
            ("week_start",),
            "isodow(week_start) <> 1",
            reason="'week_start ' || week_start || ' is no Monday'",
            severity="table",
            advice=_OURS,
        ),
        never(
            "weeks go up to the day",
            ("as_of_date", "week_start"),
            f"as_of_date <> date '{subject.day}' or week_start > date '{subject.day}'",
            reason="'week ' || week_start || ' as of ' || as_of_date",
            severity="table",
            advice="Build the layer features again for the day.",
        ),
        nothing_in(
            "no week of a manager is missing",
            "select manager_id from {rows} group by manager_id "
            "having count(*) <> datediff('day', min(week_start), max(week_start)) // 7 + 1",
            "table",
            _OURS,
        ),
        never(
            "won_amount is not negative",
            ("won_amount",),
            "won_amount < 0",
            reason="'won_amount ' || won_amount || ' is negative'",
            severity="warning",
            advice="Deals of that week add up to less than nothing; are refunds booked as won deals?",
        ),
    ]
