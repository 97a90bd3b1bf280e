"""Who took part in activities, as loaded."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import email_shape, entity_columns, names
from expectations.expectation import Expectation
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "activity_parties"
KEY: Final = ENTITIES[TABLE].key


def expectations(subject: Subject) -> list[Expectation]:
    """Each party belongs to an activity that is known."""
    return [
        *entity_columns(TABLE),
        email_shape(),
        *names(subject, "activity_id", "activities"),
    ]
