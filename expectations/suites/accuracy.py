"""Accuracy: each figure once, within its bounds, of a version that is known."""

from __future__ import annotations

from typing import Final

from expectations.expectation import Expectation, filled, finite, never, one_of, unique
from expectations.subject import Subject

LAYER: Final = "scores"
TABLE: Final = "scores.accuracy"
KEY: Final = ("score_name", "model_id", "part", "group_name", "measure")
_AGAIN: Final = "Measure the score again: 'sales-insights validate'."
_PARTS: Final = (
    "holdout",
    "window",
    "segment",
    "random split",
    "member",
    "base rate",
    "logistic regression",
    "active model",
)
_SHARES: Final = (
    "auc",
    "pr_auc",
    "brier",
    "calibration_error",
    "mean_probability",
    "base_rate",
    "accuracy",
    "precision",
    "recall",
    "f1",
    "conversion_rate",
    "share_unjudged",
)


def expectations(_: Subject) -> list[Expectation]:
    """Shares lie between 0 and 1, thresholds between 0 and 100, figures within their interval."""
    listed = ", ".join(f"'{share}'" for share in _SHARES)
    return [
        *(filled(column, "table", _AGAIN) for column in (*KEY, "model_name")),
        unique(*KEY, advice=_AGAIN),
        one_of("part", _PARTS, "table", _AGAIN),
        finite(("value", "low", "high"), "table", _AGAIN),
        never(
            "a share lies between 0 and 1, a threshold between 0 and 100",
            ("measure", "value"),
            f"(measure in ({listed}) and not value between 0 and 1) "
            "or (measure = 'threshold' and not value between 0 and 100)",
            reason="measure || ' is ' || value",
            severity="table",
            advice=_AGAIN,
        ),
        never(
            "a figure lies within its interval",
            ("value", "low", "high"),
            "not (low <= value and value <= high)",
            reason="measure || ' ' || value || ' outside ' || low || ' to ' || high",
            severity="warning",
            advice=_AGAIN,
        ),
    ]
