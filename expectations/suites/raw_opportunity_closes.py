"""Closes of opportunities as loaded."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import entity_columns, names, plausible_dates
from expectations.expectation import Expectation, filled
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "opportunity_closes"
KEY: Final = ENTITIES[TABLE].key


def expectations(subject: Subject) -> list[Expectation]:
    """A close says of which opportunity, how, and when."""
    return [
        *entity_columns(TABLE),
        filled("opportunity_id", "row"),
        filled("outcome", "warning"),
        *plausible_dates(subject, "closed_at"),
        *names(subject, "opportunity_id", "opportunities"),
    ]
