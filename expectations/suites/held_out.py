"""Held-out records by score: what grades are previewed on."""

from __future__ import annotations

from typing import Final

from expectations.expectation import Expectation, between, filled, never, unique
from expectations.subject import Subject

LAYER: Final = "scores"
TABLE: Final = "scores.held_out"
KEY: Final = ("score_name", "model_id", "score")
_AGAIN: Final = "Measure the score again: 'sales-insights validate'."


def expectations(_: Subject) -> list[Expectation]:
    """Scores lie between 0 and 100, and no more records had the wanted outcome than there were."""
    return [
        *(filled(column, "table", _AGAIN) for column in (*KEY, "model_name", "records", "positive_records")),
        unique(*KEY, advice=_AGAIN),
        between("score", 0, 100, "table", _AGAIN),
        never(
            "of the records some had the wanted outcome, none, or all",
            ("records", "positive_records"),
            "not (records > 0 and positive_records between 0 and records * (1 + 1e-9))",
            reason="'score ' || score || ': ' || positive_records || ' of ' || records",
            severity="table",
            advice=_AGAIN,
        ),
    ]
