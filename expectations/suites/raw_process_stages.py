"""Stages of processes as loaded."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import entity_columns
from expectations.expectation import Expectation, filled
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "process_stages"
KEY: Final = ENTITIES[TABLE].key


def expectations(_: Subject) -> list[Expectation]:
    """A stage has a name."""
    return [
        *entity_columns(TABLE),
        filled("name", "warning"),
    ]
