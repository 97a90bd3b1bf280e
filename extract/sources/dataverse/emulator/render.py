"""Rows as JSON, written by the database: one SQL expression per selection of columns."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from typing import Final

import duckdb
import pyarrow as pa

from extract.sources.dataverse.emulator.schema import VERSION_NUMBER, Column, Kind, Table

FORMATTED: Final = "OData.Community.Display.V1.FormattedValue"
LOOKUP_NAME: Final = "Microsoft.Dynamics.CRM.lookuplogicalname"
_DATES: Final[dict[Kind, str]] = {"datetime": '"%-m/%-d/%Y %-I:%M %p"', "date": '"%-m/%-d/%Y"'}
_NUMBERS: Final[dict[Kind, str]] = {
    "money": '"€{:,.2f}"',
    "decimal": '"{:,.2f}"',
    "double": '"{:,.2f}"',
    "integer": '"{:,}"',
    "bigint": '"{:,}"',
}


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def physical(column: Column) -> str:
    """Where the store keeps a column."""
    return quoted("@version" if column.name == VERSION_NUMBER else column.name)


def row_expression(
    table: Table, columns: Iterable[Column], annotations: frozenset[str], loose: frozenset[str] = frozenset()
) -> str:
    """SQL that writes one item of a page, with a comma behind it.

    Args:
        table: whose rows.
        columns: those selected; the key is always served.
        annotations: names of those asked for; ``*`` stands for all.
        loose: columns that hold JSON text instead of values of their type.
    """
    chosen = list(columns)
    if all(column.name != table.key for column in chosen):
        chosen.append(table.column(table.key))
    parts: list[str] = [_Literal('{"@odata.etag":"W/\\"'), quoted("@version"), _Literal('\\""')]
    for column in chosen:
        parts += [_Literal(f',"{column.property_name}":'), _value(column, annotations, column.name in loose)]
    return f"concat({', '.join(_merged([*parts, _Literal('},')]))})"


class _Literal(str):
    """A piece of JSON that is the same in all rows."""

    __slots__ = ()


def _merged(parts: Iterable[str]) -> list[str]:
    """The parts as SQL, neighbouring literals in one."""
    found: list[str] = []
    for literal, group in groupby(parts, key=lambda part: isinstance(part, _Literal)):
        pieces = list(group)
        found += [text("".join(pieces))] if literal else pieces
    return found


def _value(column: Column, annotations: frozenset[str], loose: bool) -> str:
    """SQL for the JSON of a value and, behind it, of its annotations; ``null`` where there is none."""
    place = physical(column)
    if loose:
        return f"coalesce({place}, 'null')"
    value, name = value_expression(column, place), column.property_name
    behind: list[str] = []
    if _wanted(annotations, FORMATTED):
        if column.labelled:
            return _labelled(column, place)
        shown = _formatted(column, place)
        behind += [text(f',"{name}@{FORMATTED}":'), shown] if shown else []
    if column.kind == "lookup" and _wanted(annotations, LOOKUP_NAME):
        behind += [text(f',"{name}@{LOOKUP_NAME}":"'), quoted(f"{column.name}@type"), text('"')]
    if not behind:
        return f"coalesce({value}, 'null')"
    return f"case when {place} is null then 'null' else concat({', '.join([value, *behind])}) end"


def _wanted(annotations: frozenset[str], name: str) -> bool:
    return bool(annotations & {"*", name})


def _labelled(column: Column, place: str) -> str:
    """SQL for a value of an option set with its label; a value without a label comes alone."""
    known = []
    for option in column.options:
        value = json.dumps(bool(option.value)) if column.kind == "boolean" else str(option.value)
        told = f'{value},"{column.property_name}@{FORMATTED}":{json.dumps(option.label)}'
        known.append(f"when {option.value} then {text(told)}")
    bare = f"coalesce({place}::varchar, 'null')"
    return f"case {place}::bigint {' '.join(known)} else {bare} end" if known else bare


def value_expression(column: Column, place: str) -> str:
    """SQL for the JSON of a value, null where there is none."""
    if column.kind in {"key", "lookup"}:
        return f"""('"' || {place} || '"')"""
    if column.kind in {"string", "memo", "entityname"}:
        return f"to_json({place})::varchar"
    if column.kind == "datetime":
        return f"""strftime({place}, '"%Y-%m-%dT%H:%M:%SZ"')"""
    if column.kind == "date":
        return f"""('"' || {place}::varchar || '"')"""
    return f"{place}::varchar"


def _formatted(column: Column, place: str) -> str | None:
    """SQL for the JSON of what a person would read, or None where nothing is formatted."""
    if column.kind == "lookup":
        return f"coalesce(to_json({quoted(f'{column.name}@name')})::varchar, 'null')"
    if column.kind in _DATES:
        return f"strftime({place}, {text(_DATES[column.kind])})"
    if column.kind in _NUMBERS:
        return f"format({text(_NUMBERS[column.kind])}, {place})"
    return None


def joined_bytes(texts: pa.ChunkedArray) -> bytes:
    """The texts of a column one after the other, without touching them one by one."""
    pieces = []
    for chunk in texts.chunks:
        wide = 8 if pa.types.is_large_string(chunk.type) else 4
        offsets = memoryview(chunk.buffers()[1]).cast("q" if wide == 8 else "i")
        first, last = offsets[chunk.offset], offsets[chunk.offset + len(chunk)]
        pieces.append(memoryview(chunk.buffers()[2])[first:last])
    return b"".join(pieces)


def fetch_arrow(cursor: duckdb.DuckDBPyConnection, query: str, values: list[object]) -> pa.Table:
    """What a query finds, as Arrow."""
    found: pa.Table = cursor.execute(query, values).to_arrow_table()
    return found
