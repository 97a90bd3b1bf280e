"""Leads as loaded."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import (
    created_known,
    decided_after_creation,
    decided_has_date,
    email_shape,
    entity_columns,
    names,
    not_negative,
    not_yet,
    plausible_dates,
)
from expectations.expectation import LARGEST_AMOUNT, Expectation, between, filled
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "leads"
KEY: Final = ENTITIES[TABLE].key


def expectations(subject: Subject) -> list[Expectation]:
    """A lead has a status and dates in their order; what it is worth is a plausible amount."""
    return [
        *entity_columns(TABLE),
        filled("status", "row", "Map its source column and values under 'status' in config/sources/."),
        between(
            "estimated_amount", 0, LARGEST_AMOUNT, "row", "Correct the amount, or the decimal mark of the mapping."
        ),
        decided_after_creation(),
        *plausible_dates(subject, "created_at", "closed_at", "modified_at"),
        created_known(),
        decided_has_date(),
        not_yet(subject, "closed_at"),
        not_negative("employee_count"),
        email_shape(),
        *names(subject, "owner_id", "users"),
    ]
