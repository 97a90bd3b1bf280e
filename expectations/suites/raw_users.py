"""Users as loaded: sellers, managers, directors."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.canonical import email_shape, entity_columns, names
from expectations.expectation import Expectation, filled, never
from expectations.subject import Subject

LAYER: Final = "raw"
TABLE: Final = "users"
KEY: Final = ENTITIES[TABLE].key


def expectations(subject: Subject) -> list[Expectation]:
    """A user has a name, a manager other than themselves, and leaves after joining.

    Without the row the hierarchy would break, so none is set aside for any of it.
    """
    return [
        *entity_columns(TABLE),
        filled("name", "warning"),
        email_shape(),
        never(
            "manager_id is somebody else",
            ("manager_id", "user_id"),
            "manager_id = user_id",
            reason="'user ' || user_id || ' is their own manager'",
            severity="warning",
            advice="Such a user is treated as the top of the hierarchy. Leave manager_id empty there.",
        ),
        never(
            "left_on is not before joined_on",
            ("left_on", "joined_on"),
            "left_on < joined_on",
            reason="'left_on ' || left_on || ' lies before joined_on ' || joined_on",
            severity="warning",
            advice="Mend the dates in the source; nothing is set aside for it.",
        ),
        *names(subject, "manager_id", "users"),
        *names(subject, "team_id", "teams"),
        *names(subject, "position_id", "positions"),
    ]
