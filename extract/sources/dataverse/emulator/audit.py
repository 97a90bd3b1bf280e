"""The audit log: who changed which columns of a row, from what to what, in the words of the Web API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from extract.sources.dataverse.emulator.schema import Table

TABLE: Final = "audit"
UPDATE: Final = 2
ASSIGN: Final = 13
Change = tuple[str, Any, Any]
"""A column, its old value and its new one. A lookup's value is a pair of table and key."""


def change_data(changes: Iterable[Change]) -> str:
    """The changes as ``changedata`` holds them: every value as text, a lookup as ``table,key``."""
    told = [{"logicalName": name, "oldValue": _told(old), "newValue": _told(new)} for name, old, new in changes]
    return json.dumps({"changedAttributes": told})


def changes_of(table: Table, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What differs between a row's cells before and after, without the stamp of the change itself."""
    found: list[Change] = []
    for column in table.columns:
        if column.name in after and column.name != "modifiedon":
            old, new = _value(before, column.name), _value({**before, **after}, column.name)
            if old != new:
                found.append((column.name, old, new))
    return found


def audit_row(table: str, key: str, user: str, changes: list[Change]) -> dict[str, Any]:
    """A row of the log, without its own key and instant."""
    return {
        "objectid": (table, key),
        "objecttypecode": table,
        "operation": UPDATE,
        "action": ASSIGN if any(name == "ownerid" for name, _, _ in changes) else UPDATE,
        "userid": user,
        "changedata": change_data(changes),
    }


def _value(cells: Mapping[str, Any], name: str) -> Any:
    """A cell, with a lookup's table where it has one."""
    target = cells.get(f"{name}@type")
    return (target, cells[name]) if target and cells.get(name) else cells.get(name)


def _told(value: Any) -> str | None:
    if isinstance(value, tuple):
        return f"{value[0]},{value[1]}"
    if isinstance(value, datetime):
        return f"{value:%m/%d/%Y %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%m/%d/%Y}"
    return None if value is None else str(value)
