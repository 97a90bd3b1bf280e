"""Accounts as loaded."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import entity_columns, names, not_negative, plausible_dates
from expectations.expectation import Expectation, filled
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "accounts"
KEY: Final = ENTITIES[TABLE].key


def expectations(subject: Subject) -> list[Expectation]:
    """An account has a name, and sizes that can be."""
    return [
        *entity_columns(TABLE),
        filled("name", "warning"),
        not_negative("annual_revenue"),
        not_negative("employee_count"),
        *plausible_dates(subject, "created_at", "modified_at"),
        *names(subject, "owner_id", "users"),
        *names(subject, "parent_account_id", "accounts"),
    ]
