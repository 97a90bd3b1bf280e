"""Products of opportunities as loaded."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import entity_columns, names, not_negative
from expectations.expectation import Expectation, filled
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "opportunity_products"
KEY: Final = ENTITIES[TABLE].key


def expectations(subject: Subject) -> list[Expectation]:
    """A line belongs to an opportunity, and comes to an amount that can be."""
    return [
        *entity_columns(TABLE),
        filled("opportunity_id", "row"),
        not_negative("quantity"),
        not_negative("amount"),
        *names(subject, "opportunity_id", "opportunities"),
        *names(subject, "product_id", "products"),
    ]
