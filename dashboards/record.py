"""The page of one record: its score, why it is what it is, how it moved, and what a score is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from dashboards import charts
from dashboards.kinds import Kind
from dashboards.published import Published, Row

TOP: Final = 5
"""Reasons of either direction that are told first, as the product does."""

_MOST_INFLUENTIAL: Final = 10


def record(published: Published, kind: Kind, record_id: str) -> dict[str, Any] | None:
    """All that is known of a record; None where nothing is.

    A record that has scores of the past and none today is not open any more; then ``row`` is None.
    """
    key = {"score_name": kind.score_name, "record_id": record_id}
    row = published.row(f"select * from {kind.table} where {kind.key} = $record_id", {"record_id": record_id})
    history = published.rows(
        "select as_of_date, score, grade, model_id, method from score_history "
        "where score_name = $score_name and record_id = $record_id and score is not null order by as_of_date",
        key,
    )
    if row is None and not history:
        return None
    title = f"Score of this {kind.nouns.record} over time"
    shown = {
        "kind": kind,
        "record_id": record_id,
        "row": row,
        "history": charts.history(history, title) if history else None,
        "last": history[-1] if history else None,
    }
    if row is None:
        return shown
    return shown | _why(published, key) | _about(published, row) | {"override": _override(published, key)}


def _why(published: Published, key: dict[str, str]) -> dict[str, Any]:
    """The reasons, strongest first, and what they add up to."""
    reasons = published.rows(
        "select * from score_reasons where score_name = $score_name and record_id = $record_id "
        "order by abs(points) desc, direction desc, rank",
        key,
    )
    first = reasons[0] if reasons else {}
    base: Decimal = first.get("base_points", Decimal(0))
    return {
        "reasons": reasons,
        "positive": [reason for reason in reasons if reason["direction"] == "positive"][:TOP],
        "negative": [reason for reason in reasons if reason["direction"] == "negative"][:TOP],
        "largest": max((abs(reason["points"]) for reason in reasons), default=Decimal(1)),
        "base_points": base,
        "total": base + sum((reason["points"] for reason in reasons), Decimal(0)),
        "explained_on": first.get("explained_on"),
    }


def _about(published: Published, row: Row) -> dict[str, Any]:
    """What a score is: the grades' ranges, how often it is made, what impacts it."""
    model = {"model_name": row["model_name"]}
    return {
        "grades": published.rows("select * from score_grades where model_name = $model_name order by grade", model),
        "run": published.row("select * from score_runs where model_name = $model_name", model),
        "version": published.row(
            "select * from model_performance where model_id = $model_id", {"model_id": row["model_id"]}
        ),
        "attributes": published.rows(
            "select attribute, influence from model_attributes where model_id = $model_id and stage = '' "
            f"and influence is not null order by influence_share desc, attribute limit {_MOST_INFLUENTIAL}",
            {"model_id": row["model_id"]},
        ),
    }


def _override(published: Published, key: dict[str, str]) -> Row | None:
    return published.row("select * from score_overrides where score_name = $score_name and record_id = $record_id", key)
