"""Reasons: why the scores of the day are what they are."""

from __future__ import annotations

from typing import Final

from expectations.expectation import Expectation, between, filled, never, nothing_in, one_of, unique
from expectations.subject import Subject

LAYER: Final = "scores"
TABLE: Final = "scores.reasons"
KEY: Final = ("score_name", "record_id", "as_of_date", "attribute")
OF_THE_DAY: Final = True
_AGAIN: Final = "Run 'sales-insights explain' again for the day; if it stays, the reasons themselves are at fault."
_FILLED: Final = ("model_id", "points", "direction", "rank", "sentence", "rate_overall", "records", "base_points")


def expectations(_: Subject) -> list[Expectation]:
    """The reasons of a record add up to its score, by the model that gave it, and are ranked without a gap."""
    return [
        *(filled(column, "table", _AGAIN) for column in (*KEY, *_FILLED)),
        unique(*KEY, advice=_AGAIN),
        one_of("direction", ("positive", "negative"), "table", _AGAIN),
        *(between(share, 0, 1, "table", _AGAIN) for share in ("rate", "rate_overall")),
        never(
            "points have the sign of their direction",
            ("points", "direction"),
            "(points > 0) <> (direction = 'positive') or points = 0",
            reason="direction || ' with points ' || points",
            severity="table",
            advice=_AGAIN,
        ),
        nothing_in(
            "the ranks of a record's reasons run from 1 without a gap",
            "select score_name, record_id, direction from {rows} group by all "
            "having min(rank) <> 1 or max(rank) <> count(*) or count(distinct rank) <> count(*)",
            "table",
            _AGAIN,
        ),
        nothing_in(
            "reasons add up to the score, by the model that gave it",
            "select * from (select score_name, record_id, as_of_date, any_value(model_id) as model_id, "
            "any_value(base_points) + sum(points) as score from {rows} group by all) as told "
            "where (score_name, record_id, as_of_date, model_id, score) not in "
            "(select (score_name, record_id, as_of_date, model_id, score) from scores.predictions)",
            "table",
            _AGAIN,
        ),
    ]
