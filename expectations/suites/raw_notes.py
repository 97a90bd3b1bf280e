"""Notes as loaded."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import entity_columns, names, plausible_dates
from expectations.expectation import Expectation, filled
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "notes"
KEY: Final = ENTITIES[TABLE].key


def expectations(subject: Subject) -> list[Expectation]:
    """A note says something, and who wrote it is known."""
    return [
        *entity_columns(TABLE),
        filled("body", "warning"),
        *plausible_dates(subject, "created_at", "modified_at"),
        *names(subject, "owner_id", "users"),
    ]
