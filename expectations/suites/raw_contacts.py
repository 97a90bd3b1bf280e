"""Contacts as loaded."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import email_shape, entity_columns, names, plausible_dates
from expectations.expectation import Expectation
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "contacts"
KEY: Final = ENTITIES[TABLE].key


def expectations(subject: Subject) -> list[Expectation]:
    """A contact works for a known account and can be written to."""
    return [
        *entity_columns(TABLE),
        *plausible_dates(subject, "created_at", "modified_at"),
        email_shape(),
        *names(subject, "account_id", "accounts"),
        *names(subject, "owner_id", "users"),
    ]
