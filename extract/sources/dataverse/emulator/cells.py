"""How one value is kept: a lookup in three cells, a broken promise as JSON text."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any, Final

from extract.sources.dataverse.emulator.schema import SQL_TYPES, Column

NUMERIC: Final = {"integer", "bigint", "decimal", "double", "money", "picklist", "state", "status"}
_PARTS: Final = ("type", "name")


def places(column: Column) -> list[tuple[str, str]]:
    """The cells of a column with their SQL types."""
    more = [(f"{column.name}@{part}", "varchar") for part in _PARTS] if column.kind == "lookup" else []
    return [(column.name, SQL_TYPES[column.kind]), *more]


def fits(column: Column, value: Any) -> bool:
    """Whether a column of its kind can hold the value."""
    if column.kind in {"datetime", "date"}:
        return isinstance(value, date | datetime)
    if column.kind == "boolean":
        return isinstance(value, bool)
    if column.kind in NUMERIC:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str | tuple)


def json_text(value: Any) -> str | None:
    """A value as JSON, None for none."""
    if isinstance(value, datetime):
        value = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value.tzinfo else f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return None if value is None else json.dumps(value.isoformat() if isinstance(value, date) else value)
