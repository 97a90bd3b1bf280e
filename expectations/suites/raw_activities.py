"""Activities as loaded: e-mails, calls, appointments, tasks."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import entity_columns, names, plausible_dates
from expectations.expectation import Expectation, between, filled, never
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "activities"
KEY: Final = ENTITIES[TABLE].key


def expectations(subject: Subject) -> list[Expectation]:
    """An activity that took place says when; a task still open may have no date yet."""
    return [
        *entity_columns(TABLE),
        filled("type", "warning"),
        never(
            "what took place has occurred_at",
            ("occurred_at", "status"),
            "occurred_at is null and status is distinct from 'open'",
            reason="'occurred_at is empty'",
            severity="row",
            advice="Fill the date in the source, or map another column to occurred_at in config/sources/.",
        ),
        *plausible_dates(subject, "occurred_at", "created_at", "modified_at"),
        between("duration_minutes", 0, 7 * 24 * 60, "warning", "Is it in minutes? Correct it or leave it out."),
        *names(subject, "owner_id", "users"),
    ]
