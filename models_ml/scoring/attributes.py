"""The attributes of a score: columns of ``features.feat_<score>``, and how they are read.

Training and applying read through the same select list, so an attribute means the same in both. Besides the columns of
the feature table, every key of its JSON column ``custom`` (a column of the organisation's own) is an attribute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

import duckdb

from config.errors import ContractBroken

META: Final = (
    "record_id",
    "as_of_date",
    "created_at",
    "record_order",
    "date_precision",
    "is_open",
    "is_current",
    "is_hindsight",
    "custom",
)
"""Columns of a feature table that describe the row; all others are attributes."""

LABELS: Final = ("label", "outcome", "closed_at", "label_known_on", "censored_because")
_NUMBERS: Final = ("DOUBLE", "FLOAT", "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT", "BOOLEAN", "DECIMAL")
_FIRST_ROWS: Final = 10_000
_MOSTLY: Final = 0.99
"""A custom column is a number (or a date) when this share of its filled values reads as one."""

_LIKE_NUMBER: Final = "(value < ':' or lower(left(value, 4)) in ('nan', 'inf', 'infi'))"
_LIKE_DATE: Final = r"regexp_matches(value, '^[0-9]+[-/\\ ]')"

Kind = Literal["number", "category", "date"]


@dataclass(frozen=True)
class Attribute:
    """A column that a model may learn from.

    Attributes:
        name: as people know it; unique in its score. A custom column that bears the name of a feature is called
            ``custom.<name>``.
        kind: number, category, or date (a custom column; dates are not learnt from).
        key: the key in ``custom``; None for a column of the feature table.
        ignore_empty: whether an empty value is to say nothing: it then counts as the most common one.
    """

    name: str
    kind: Kind
    key: str | None = None
    ignore_empty: bool = field(default=False, compare=False)


def empty_keys(connection: duckdb.DuckDBPyConnection, score_name: str, day: date, keys: Sequence[str]) -> set[str]:
    """Those of the custom columns that no record to be scored on the day fills."""
    left = list(keys)
    # Most columns are filled on some of the first rows; all rows are read for the others alone.
    for rows in (f"limit {_FIRST_ROWS}", ""):
        if left:
            filled = ", ".join(f"bool_or(trim(value[{number}]) <> '')" for number in range(1, len(left) + 1))
            found = connection.execute(
                f"select {filled} from (select json_extract_string(custom, [{_pointers(left)}]) as value "
                f"from {without_quarantined(f'feat_{score_name}')} where is_current and as_of_date = ? {rows})",
                [day],
            ).fetchone()
            left = [key for key, is_filled in zip(left, found or (), strict=True) if not is_filled]
    return set(left)


def read_attributes(connection: duckdb.DuckDBPyConnection, score_name: str) -> tuple[Attribute, ...]:
    """The attributes of a feature table: its own columns first, then the custom ones by name.

    Raises:
        ContractBroken: where the table is missing, lacks a column of ``META``, or has an attribute that is neither
            text, nor number, nor boolean.
    """
    columns = table_columns(connection, score_name)
    own = [Attribute(name, _kind(score_name, name, kind)) for name, kind in columns.items() if name not in META]
    taken = {attribute.name for attribute in own} | set(META) | set(LABELS)
    custom = [
        Attribute(f"custom.{key}" if key in taken else key, kind, key)
        for key, kind in _custom_kinds(connection, score_name).items()
    ]
    return (*own, *custom)


def table_columns(connection: duckdb.DuckDBPyConnection, score_name: str) -> dict[str, str]:
    """Column name to SQL type of the feature table.

    Raises:
        ContractBroken: where the feature or label table is missing or incomplete.
    """
    tables: dict[str, dict[str, str]] = {f"feat_{score_name}": {}, f"label_{score_name}": {}}
    found = connection.execute(
        "select table_name, column_name, data_type from information_schema.columns "
        "where table_schema = 'features' order by table_name, ordinal_position"
    ).fetchall()
    for table, name, kind in found:
        tables.setdefault(table, {})[name] = kind
    for table, needed in ((f"feat_{score_name}", META), (f"label_{score_name}", ("model_name", *LABELS))):
        missing = [name for name in needed if name not in tables[table]]
        if missing:
            raise ContractBroken(
                f"features.{table}: missing {', '.join(missing)}. Build it: sales-insights build features."
            )
    return tables[f"feat_{score_name}"]


def _kind(score_name: str, name: str, sql_type: str) -> Kind:
    if sql_type.startswith("VARCHAR"):
        return "category"
    if sql_type.startswith(_NUMBERS):
        return "number"
    raise ContractBroken(
        f"features.feat_{score_name}: column {name} is {sql_type}; an attribute is text, a number or a boolean. "
        "Turn it into one of these in its dbt model."
    )


def _custom_kinds(connection: duckdb.DuckDBPyConnection, score_name: str) -> dict[str, Kind]:
    """Key of a custom column to what its values are, by name; keys that are never filled are left out."""
    # Casts that fail are slow, so texts that can be no number or no date are not tried.
    found = connection.execute(
        f"select key, count(*), count(case when {_LIKE_NUMBER} then try_cast(value as double) end), "
        f"count(case when {_LIKE_DATE} then try_cast(value as timestamp) end) "
        f"from ({_entries(f'feat_{score_name}')}) group by key order by key"
    ).fetchall()
    return {
        key: "number" if numbers >= _MOSTLY * filled else "date" if dates >= _MOSTLY * filled else "category"
        for key, filled, numbers, dates in found
    }


def _entries(table: str) -> str:
    """One row per row of the table and filled custom column."""
    return (
        "select entry.key as key, trim(entry.value) as value from (select "
        """unnest(map_entries(json_transform(custom, '"MAP(VARCHAR, VARCHAR)"'))) as entry """
        f"from {without_quarantined(table)}) where trim(entry.value) <> ''"
    )


def without_quarantined(table: str, *more_key: str) -> str:
    """A table of the features layer without the rows that its last check has set aside, as an SQL subquery."""
    key = ", ".join(("record_id", "as_of_date", *more_key))
    return (
        f"(select * from features.{table} where concat_ws(':', {key}) not in "
        f"(select row_id from quarantine.rows where stage = 'check' and table_name = 'features.{table}'))"
    )


def selected(attributes: Sequence[Attribute], meta: Sequence[str]) -> str:
    """The select list from a row ``f``: meta columns, then attributes as double or varchar; JSON is parsed once."""
    keys = [attribute.key for attribute in attributes if attribute.key is not None]
    values = f"json_extract_string(f.custom, [{_pointers(keys)}])"
    columns = [f"f.{name}" for name in meta]
    for attribute in attributes:
        if attribute.key is None:
            value = f"f.{_quoted(attribute.name)}"
        else:
            value = f"{values}[{keys.index(attribute.key) + 1}]"
            if attribute.kind != "number":  # casting to a number trims, and makes null of an empty text
                value = f"nullif(trim({value}), '')"
        kind = "double" if attribute.kind == "number" else "varchar"
        columns.append(f"try_cast({value} as {kind}) as {_quoted(attribute.name)}")
    return ", ".join(columns)


def value_of(attribute: Attribute) -> str:
    """One attribute of a row ``f``, as SQL."""
    if attribute.key is None:
        return f"f.{_quoted(attribute.name)}"
    return f"nullif(trim(json_extract_string(f.custom, {_pointer(attribute.key)})), '')"


def _pointers(keys: Sequence[str]) -> str:
    return ", ".join(_pointer(key) for key in keys)


def _pointer(key: str) -> str:
    """A key as a JSON pointer (RFC 6901) in an SQL literal: safe for any text."""
    return "'/" + key.replace("~", "~0").replace("/", "~1").replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
