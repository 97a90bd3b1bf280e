"""Posts as loaded."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import entity_columns, plausible_dates
from expectations.expectation import Expectation, filled
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "posts"
KEY: Final = ENTITIES[TABLE].key


def expectations(subject: Subject) -> list[Expectation]:
    """A post says something."""
    return [
        *entity_columns(TABLE),
        filled("body", "warning"),
        *plausible_dates(subject, "created_at"),
    ]
