"""Teams as loaded."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import entity_columns, names
from expectations.expectation import Expectation, filled
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "teams"
KEY: Final = ENTITIES[TABLE].key


def expectations(subject: Subject) -> list[Expectation]:
    """A team has a name and is led by a user."""
    return [
        *entity_columns(TABLE),
        filled("name", "warning"),
        *names(subject, "manager_id", "users"),
    ]
