"""Influence: what each attribute does in a model, on the five-step scale."""

from __future__ import annotations

from typing import Final

from expectations.expectation import Expectation, between, filled, never, nothing_in, one_of, unique
from expectations.subject import Subject

LAYER: Final = "scores"
TABLE: Final = "scores.influence"
KEY: Final = ("score_name", "model_id", "attribute", "stage")
_AGAIN: Final = "Train the score again: 'sales-insights train', 'validate', 'promote'."
_SCALE: Final = ("Very low", "Low", "Medium", "High", "Very high")


def expectations(_: Subject) -> list[Expectation]:
    """An attribute has an influence or the reason why it is not used; the shares of a model add up to 1."""
    return [
        *(filled(column, "table", _AGAIN) for column in KEY),
        unique(*KEY, advice=_AGAIN),
        one_of("influence", _SCALE, "table", _AGAIN),
        *(between(share, 0, 1, "table", _AGAIN) for share in ("share", "filled_open", "filled_closed")),
        never(
            "an attribute has an influence, or a reason why it is not used",
            ("influence", "reason_not_used"),
            "(influence is null) <> (reason_not_used is not null)",
            reason="attribute || ' has both, or neither'",
            severity="table",
            advice=_AGAIN,
        ),
        nothing_in(
            "the shares of a model and stage add up to 1, or are all 0",
            "select score_name, model_id, stage, sum(share) as shares from {rows} group by all "
            "having abs(shares - 1) > 1e-6 and shares <> 0",
            "table",
            _AGAIN,
        ),
    ]
