"""Opportunities as loaded."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import (
    created_known,
    decided_after_creation,
    decided_has_date,
    entity_columns,
    names,
    not_negative,
    not_yet,
    plausible_dates,
)
from expectations.expectation import LARGEST_AMOUNT, Expectation, between, filled, never
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "opportunities"
KEY: Final = ENTITIES[TABLE].key


def expectations(subject: Subject) -> list[Expectation]:
    """A deal has a status and dates in their order; amounts are plausible, and what was won has one."""
    return [
        *entity_columns(TABLE),
        filled("status", "row", "Map its source column and values under 'status' in config/sources/."),
        between(
            "estimated_amount", 0, LARGEST_AMOUNT, "row", "Correct the amount, or the decimal mark of the mapping."
        ),
        between(
            "actual_amount", -LARGEST_AMOUNT, LARGEST_AMOUNT, "row", "Correct it, or the decimal mark of the mapping."
        ),
        not_negative("actual_amount"),
        decided_after_creation(),
        *plausible_dates(subject, "created_at", "closed_at", "modified_at"),
        created_known(),
        decided_has_date(),
        not_yet(subject, "closed_at"),
        _won_has_amount(),
        _expected_within_reach(subject),
        *names(subject, "owner_id", "users"),
        *names(subject, "account_id", "accounts"),
        *names(subject, "lead_id", "leads"),
    ]


def _won_has_amount() -> Expectation:
    return never(
        "a won deal has an amount",
        ("actual_amount", "estimated_amount", "status"),
        "status = 'won' and actual_amount is null and estimated_amount is null",
        reason="'status is won but actual_amount and estimated_amount are empty'",
        severity="warning",
        advice="It adds nothing to the revenue that forecasts learn from. Fill the amount in the source.",
    )


def _expected_within_reach(subject: Subject) -> Expectation:
    return never(
        "estimated_close_on is at most five years ahead",
        ("estimated_close_on",),
        f"estimated_close_on > date '{subject.last_day}' + interval 5 years",
        reason="'estimated_close_on ' || estimated_close_on || ' lies more than five years ahead'",
        severity="warning",
        advice="Ask its owner for a date that is meant; nothing is set aside for it.",
    )
