"""Products as loaded."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import entity_columns, not_negative
from expectations.expectation import Expectation, filled
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "products"
KEY: Final = ENTITIES[TABLE].key


def expectations(_: Subject) -> list[Expectation]:
    """A product has a name and a price that can be."""
    return [
        *entity_columns(TABLE),
        filled("name", "warning"),
        not_negative("list_price"),
    ]
