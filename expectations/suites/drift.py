"""Drift: every test once, with a status, a share where one is told, and a sum for each version."""

from __future__ import annotations

from typing import Final

from expectations.expectation import Expectation, between, filled, finite, never, nothing_in, one_of, unique
from expectations.subject import Subject

LAYER: Final = "scores"
TABLE: Final = "scores.drift"
KEY: Final = ("score_name", "model_id", "as_of_date", "aspect", "attribute")
_AGAIN: Final = "Monitor the score again: 'sales-insights monitor'."
_ASPECTS: Final = ("model", "input", "score", "base rate", "ranking")
_STATUSES: Final = ("steady", "moderate", "drifting", "not enough records", "not monitored")
_VERDICTS: Final = ("Ready to publish", "OK to publish", "Not ready to publish")
_SHARES: Final = ("p_value", "adjusted_p_value", "expected", "observed", "observed_low", "observed_high")


def expectations(_: Subject) -> list[Expectation]:
    """A version has one sum a day; what alarms has an effect and a p-value; a lowered verdict has its day."""
    return [
        *(filled(column, "table", _AGAIN) for column in (*KEY, "status", "because")),
        unique(*KEY, advice=_AGAIN),
        one_of("aspect", _ASPECTS, "table", _AGAIN),
        one_of("status", _STATUSES, "table", _AGAIN),
        one_of("standing_verdict", _VERDICTS, "table", _AGAIN),
        finite(("effect", "reference_records"), "table", _AGAIN),
        *(between(share, 0, 1, "table", _AGAIN) for share in _SHARES),
        never(
            "a test that alarms has an effect and a p-value",
            ("aspect", "status", "effect", "adjusted_p_value"),
            "aspect <> 'model' and status in ('moderate', 'drifting') and (effect is null or adjusted_p_value is null)",
            reason="aspect || ' ' || attribute || ' is ' || status || ' and nothing shows it'",
            severity="table",
            advice=_AGAIN,
        ),
        never(
            "a version that drifts says since when",
            ("aspect", "status", "drifting_since"),
            "aspect = 'model' and status = 'drifting' and drifting_since is null",
            reason="model_id || ' drifts, and has no day'",
            severity="table",
            advice=_AGAIN,
        ),
        nothing_in(
            "a version has one sum a day",
            "select score_name, model_id, as_of_date from {rows} group by all "
            "having count(*) filter (where aspect = 'model') <> 1",
            "table",
            _AGAIN,
        ),
    ]
