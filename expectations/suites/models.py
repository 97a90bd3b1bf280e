"""Models: what was measured, and which one is in use."""

from __future__ import annotations

from typing import Final

from expectations.expectation import Expectation, between, filled, never, nothing_in, one_of, unique
from expectations.subject import Subject

LAYER: Final = "scores"
TABLE: Final = "scores.models"
KEY: Final = ("score_name", "model_id")
_AGAIN: Final = "Train the score again: 'sales-insights train', 'validate', 'promote'."
_VERDICTS: Final = ("Ready to publish", "OK to publish", "Not ready to publish")
_STATUSES: Final = (
    "trained",
    "validated",
    "refused",
    "too few records",
    "rejected",
    "champion",
    "previous",
    "reverted",
    "inactive",
    "deleted",
)


def expectations(_: Subject) -> list[Expectation]:
    """Measures lie where such measures lie, and what is in use has passed its gate."""
    return [
        *(filled(column, "table", _AGAIN) for column in (*KEY, "model_name", "as_of_date", "status")),
        unique(*KEY, advice=_AGAIN),
        one_of("status", _STATUSES, "table", _AGAIN),
        one_of("verdict", _VERDICTS, "table", _AGAIN),
        *(
            between(measure, 0, 1, "table", _AGAIN)
            for measure in ("auc", "auc_low", "auc_high", "brier", "calibration_error", "base_rate")
        ),
        never(
            "the measured AUC lies within its interval",
            ("auc", "auc_low", "auc_high"),
            "not (auc_low <= auc and auc <= auc_high)",
            reason="'AUC ' || auc || ' outside ' || auc_low || ' to ' || auc_high",
            severity="warning",
            advice=_AGAIN,
        ),
        never(
            "a model in use was measured and is ready",
            ("verdict", "auc_low", "status"),
            "status = 'champion' "
            "and (auc_low is null or coalesce(verdict, '') not in ('Ready to publish', 'OK to publish'))",
            reason="'in use, but the verdict is ' || coalesce(verdict, 'missing')",
            severity="table",
            advice=_AGAIN,
        ),
        nothing_in(
            "at most one version of a model is in use",
            "select model_name from {rows} where status = 'champion' group by model_name having count(*) > 1",
            "table",
            "Run 'sales-insights promote' again.",
        ),
    ]
