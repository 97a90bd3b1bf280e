"""Curves: positions without a gap, gains that end with all there is."""

from __future__ import annotations

from typing import Final

from expectations.expectation import Expectation, between, filled, nothing_in, one_of, unique
from expectations.subject import Subject

LAYER: Final = "scores"
TABLE: Final = "scores.curves"
KEY: Final = ("score_name", "model_id", "curve", "position")
_AGAIN: Final = "Measure the score again: 'sales-insights validate'."


def expectations(_: Subject) -> list[Expectation]:
    """Shares lie between 0 and 1; the last tenth of the gains has captured all wanted outcomes."""
    return [
        *(filled(column, "table", _AGAIN) for column in (*KEY, "model_name", "promised", "realised", "records")),
        unique(*KEY, advice=_AGAIN),
        one_of("curve", ("calibration", "gains"), "table", _AGAIN),
        *(between(share, 0, 1, "table", _AGAIN) for share in ("promised", "realised", "captured")),
        nothing_in(
            "positions run from 1 without a gap",
            "select score_name, model_id, curve from {rows} group by all "
            "having min(position) <> 1 or max(position) <> count(*)",
            "table",
            _AGAIN,
        ),
        nothing_in(
            "gains end with all wanted outcomes",
            "select score_name, model_id, max(captured) as most from {rows} where curve = 'gains' "
            "group by all having abs(most - 1) > 1e-5",
            "table",
            _AGAIN,
        ),
    ]
