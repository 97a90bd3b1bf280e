"""Rates of values: what became of the records that had a value, beside all records."""

from __future__ import annotations

from typing import Final

from expectations.expectation import Expectation, between, filled, never, unique
from expectations.subject import Subject

LAYER: Final = "scores"
TABLE: Final = "scores.value_rates"
KEY: Final = ("score_name", "model_id", "attribute", "position")
_AGAIN: Final = "Train the score again: 'sales-insights train', 'validate', 'promote'."


def expectations(_: Subject) -> list[Expectation]:
    """A rate is a share, and its difference is that to the overall rate."""
    return [
        *(filled(column, "table", _AGAIN) for column in (*KEY, "value", "records", "rate_overall")),
        unique(*KEY, advice=_AGAIN),
        *(between(share, 0, 1, "table", _AGAIN) for share in ("rate", "rate_overall")),
        never(
            "no rate is shown of fewer than 20 records",
            ("rate", "records"),
            "records < 20 and rate is not null",
            reason="'rate ' || rate || ' of ' || records || ' records'",
            severity="table",
            advice=_AGAIN,
        ),
        never(
            "the difference is that of the two rates, in percentage points",
            ("difference_points", "rate", "rate_overall"),
            "(rate is null) <> (difference_points is null) "
            "or abs(difference_points - 100 * (rate - rate_overall)) > 1e-6",
            reason="'difference ' || difference_points || ' of rate ' || rate || ' and ' || rate_overall",
            severity="table",
            advice=_AGAIN,
        ),
    ]
