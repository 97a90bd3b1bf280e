"""Positions as loaded."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import entity_columns, names
from expectations.expectation import Expectation, filled
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "positions"
KEY: Final = ENTITIES[TABLE].key


def expectations(subject: Subject) -> list[Expectation]:
    """A position has a name, and the one above it is known."""
    return [
        *entity_columns(TABLE),
        filled("name", "warning"),
        *names(subject, "parent_position_id", "positions"),
    ]
