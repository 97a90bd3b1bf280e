"""Quotas as loaded."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import entity_columns, names
from expectations.expectation import LARGEST_AMOUNT, Expectation, between, filled, never
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "quotas"
KEY: Final = ENTITIES[TABLE].key


def expectations(subject: Subject) -> list[Expectation]:
    """A quota is an amount for a period that ends after it starts."""
    return [
        *entity_columns(TABLE),
        filled("amount", "row"),
        between("amount", 0, LARGEST_AMOUNT, "row", "Correct the amount, or the decimal mark of the mapping."),
        never(
            "period_end is not before period_start",
            ("period_end", "period_start"),
            "period_end < period_start",
            reason="'period_end ' || period_end || ' lies before period_start ' || period_start",
            severity="row",
            advice="Mend the dates in the source, or check the date formats in config/sources/.",
        ),
        *names(subject, "user_id", "users"),
    ]
