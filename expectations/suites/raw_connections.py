"""Connections as loaded."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import entity_columns, plausible_dates
from expectations.expectation import Expectation, filled
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "connections"
KEY: Final = ENTITIES[TABLE].key


def expectations(subject: Subject) -> list[Expectation]:
    """A connection has two ends."""
    return [
        *entity_columns(TABLE),
        filled("from_id", "warning"),
        filled("to_id", "warning"),
        *plausible_dates(subject, "created_at"),
    ]
