"""Earlier versions of a table's rows, from the audit log: what each row was before it became what it is.

The log tells of every change which columns it touched, with their old and new values. From a row as it is now, the
changes are undone one by one, the latest first: what was true after each of them, and before the first, is a version.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import duckdb

from extract.http import Http, Missing, Refused
from extract.mapping.expressions import named, quoted
from extract.sources.dataverse.metadata import API, Column
from extract.sources.dataverse.plan import FORMATTED, LOOKUP_TYPE, MODIFIED, Plan
from extract.spool import HISTORY, OWN, Spool

log: Final = logging.getLogger(__name__)
_CREATED: Final = "createdon"
_UPDATE: Final = 2
_LOG: Final = {"auditid": "id", "_objectid_value": "key", "createdon": "at", "changedata": "changes"}
_MEMORY: Final = "256MB"
_ROWS_AT_ONCE: Final = 2_000
_AS_LOGGED: Final = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y", "%m/%d/%Y %I:%M:%S %p")
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}
State = dict[str, str | None]
"""A row as the spool has it."""


def is_on(http: Http, url: str) -> bool:
    """Whether the organisation keeps an audit log at all."""
    try:
        found = http.get(f"{url}{API}/organizations?$select=isauditenabled").get("value") or [{}]
    except (Missing, Refused) as error:
        log.warning("whether the organisation is audited cannot be told, so no earlier versions are read: %s", error)
        return False
    return bool(found[0].get("isauditenabled"))


def dates_versions(plan: Plan) -> bool:
    """Whether versions of the table's rows can be dated: that takes when a row was made and when it was changed."""
    mapped = plan.stream.mapping.columns
    return mapped.get("modified_at") == MODIFIED and mapped.get("created_at") == _CREATED


def read_past(http: Http, url: str, plan: Plan, parts: Sequence[Path], folder: Path) -> list[Path]:
    """Write the earlier versions of the rows of a spool to further parts of it.

    Args:
        http: the client.
        url: the organisation's address.
        plan: how the rows were read.
        parts: their spool.
        folder: where the log and the further parts go.

    Returns:
        The further parts; none where nothing was ever changed.

    Raises:
        Missing, Refused, Rejected, SourceUnavailable: as ``Http.get`` does.
    """
    changes = _read_log(http, url, plan, folder / "log")
    if not parts or not changes:
        return []
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        connection.execute(f"set temp_directory = {quoted(str(folder / 'spill'))}")
        last = connection.execute(f'select max("@row") from {_relation(parts)}').fetchone() or (0,)
        with Spool(folder / "past", after=last[0]) as spool:
            for rows in _changed_rows(connection, plan, parts, changes):
                versions = [version for state, events in rows for version in _versions(plan, state, events)]
                spool.add(versions, {name: name for name in rows[0][0]}, mark=HISTORY)
    return spool.parts


def _read_log(http: Http, url: str, plan: Plan, folder: Path) -> list[Path]:
    """The changes of the table's rows, as a spool."""
    condition = quote(f"objecttypecode eq '{plan.definition.name}' and operation eq {_UPDATE}")
    following: str | None = f"{url}{API}/audits?$select={','.join(_LOG)}&$filter={condition}"
    with Spool(folder) as spool:
        while following:
            answer = http.get(following)
            spool.add(answer.get("value") or [], _LOG)
            following = answer.get("@odata.nextLink")
    return spool.parts


def _changed_rows(
    connection: duckdb.DuckDBPyConnection, plan: Plan, parts: Sequence[Path], changes: Sequence[Path]
) -> Iterator[list[tuple[State, list[dict[str, str]]]]]:
    """Rows that were ever changed, some at a time, each with its changes, the latest first."""
    key = named(plan.stream.key)
    found = connection.execute(
        f"""
        with events as (
            select lower(key) as key, list({{'at': "at", 'changes': changes}} order by "at" desc, "@row" desc) as events
            from (
                select * from {_relation(changes)}
                where key is not null and "at" is not null
                qualify row_number() over (partition by id order by "@row" desc) = 1
            )
            group by 1
        ),
        rows as (
            select * from {_relation(parts)} where "@broken" is null and "@deleted" is null
            qualify row_number() over (partition by {key} order by "@row" desc) = 1
        )
        select events.events, rows.* exclude ({", ".join(named(name) for name in OWN)})
        from rows join events on lower(rows.{key}) = events.key
        """
    )
    names = [column[0] for column in found.description[1:]]
    while chunk := found.fetchmany(_ROWS_AT_ONCE):
        yield [(dict(zip(names, row[1:], strict=True)), row[0]) for row in chunk]


def _versions(plan: Plan, state: State, events: Sequence[Mapping[str, str]]) -> Iterator[State]:
    """What a row was, from the last version before the present one back to the first."""
    state, until = dict(state), state.get(MODIFIED) or ""
    for event in events:
        if event["at"] < until:
            yield state | {MODIFIED: event["at"]}
            until = event["at"]
        for change in _told(event["changes"]):
            state |= _cells(plan, str(change.get("logicalName", "")), change.get("oldValue"))
    born = state.get(_CREATED)
    if born and born < until:
        yield state | {MODIFIED: born}


def _told(text: str | None) -> list[dict[str, Any]]:
    """The changes of an entry of the log. An entry about something else than columns has other words, or none."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return []
    changed = found.get("changedAttributes") if isinstance(found, dict) else None
    return [change for change in changed or [] if isinstance(change, dict)]


def _cells(plan: Plan, name: str, told: Any) -> State:
    """What a value of the log is in the spool: nothing where the column is not read."""
    column = plan.columns.get(name)
    if column is None:
        return {}
    item = _as_served(column, None if told is None or told == "" else str(told))
    cells: State = {kept: item.get(place) for place, kept in plan.names.items() if kept and place in item}
    for kept, (place, labels) in plan.labels.items():
        if place == column.served_as:
            value = item[place]
            truth = _TRUTH.get((value or "").lower()) if column.kind == "Boolean" else None
            cells[kept] = labels.get(value if truth is None else truth, value)
    return cells


def _as_served(column: Column, told: str | None) -> State:
    """A value of the log as the Web API would serve it, with its annotations; names of rows are not in the log."""
    place = column.served_as
    table = None
    if column.is_lookup and told is not None:
        table, _, told = told.rpartition(",")
    elif column.kind == "DateTime" and told is not None:
        told = _instant(told)
    elif column.kind == "Boolean" and told is not None:
        told = told.lower()
    return {place: told, f"{place}@{LOOKUP_TYPE}": table or None, f"{place}@{FORMATTED}": None}


def _instant(told: str) -> str:
    """ISO 8601, of an instant as the log writes it; the text itself where it is something else."""
    for pattern in _AS_LOGGED:
        try:
            found = datetime.strptime(told, pattern)  # the log is in UTC
        except ValueError:
            continue
        return f"{found:%Y-%m-%dT%H:%M:%SZ}" if "%H" in pattern or "%I" in pattern else f"{found:%Y-%m-%d}"
    return told


def _relation(parts: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(quoted(str(path)) for path in parts)}], union_by_name=true)"
