"""The attributes of a score: columns of ``features.feat_<score>``, and how they are read.

Training and applying read through the same select list, so an attribute means the same in both. Besides the columns of
the feature table, every field of its struct ``custom`` (a column of the organisation's own, as text) is an attribute.
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
_TELL_THE_TIME: Final = ("created_month",)
_NUMBERS: Final = ("DOUBLE", "FLOAT", "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT", "BOOLEAN", "DECIMAL")
_FIRST_ROWS: Final = 10_000
_MOSTLY: Final = 0.99
"""A custom column is a number (or a date) when this share of its filled values reads as one."""

_LIKE_NUMBER: Final = "({0} < ':' or lower(left({0}, 4)) in ('nan', 'inf', 'infi'))"
_LIKE_DATE: Final = r"regexp_matches({0}, '^[0-9]+[-/\\ ]|^[0-9]{{1,2}}[.][0-9]{{1,2}}[.][0-9]{{2}}')"
_DATE_FORMATS: Final = tuple(
    f"{day}{time}"
    for day in ("%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%Y", "%m-%d-%Y")
    for time in ("", " %H:%M", " %H:%M:%S", " %I:%M %p")
)
_DATE: Final = f"coalesce(try_cast({{0}} as timestamp), try_strptime({{0}}, {list(_DATE_FORMATS)}))"
"""ISO 8601, or as people write a day."""

Kind = Literal["number", "category", "date"]


@dataclass(frozen=True)
class Attribute:
    """A column that a model may learn from.

    Attributes:
        name: as people know it; unique in its score. A custom column that bears the name of a feature is called
            ``custom.<name>``.
        kind: number, category, or date (a custom column; dates are not learnt from).
        key: the field of ``custom``; None for a column of the feature table.
        ignore_empty: whether an empty value is to say nothing: it then counts as the most common one.
    """

    name: str
    kind: Kind
    key: str | None = None
    ignore_empty: bool = field(default=False, compare=False)

    @property
    def tells_the_time(self) -> bool:
        """Whether it moves with the calendar alone: that records of another time have other values says nothing."""
        return self.key is None and self.name in _TELL_THE_TIME


def empty_keys(connection: duckdb.DuckDBPyConnection, score_name: str, day: date, keys: Sequence[str]) -> set[str]:
    """Those of the custom columns that no record to be scored on the day fills, or that are gone."""
    known = own_columns(connection, score_name)
    left = [key for key in keys if key.lower() in known]
    # Most columns are filled on some of the first rows; all rows are read for the others alone.
    for rows in (f"limit {_FIRST_ROWS}", ""):
        if left:
            shown = ", ".join(f"{_field(key)} as value_{number}" for number, key in enumerate(left))
            found = connection.execute(
                f"select {', '.join(f'count(value_{number})' for number in range(len(left)))} from (select {shown} "
                f"from {without_quarantined(f'feat_{score_name}')} f where is_current and as_of_date = ? {rows})",
                [day],
            ).fetchone()
            left = [key for key, filled in zip(left, found or (), strict=True) if not filled]
    return {key for key in keys if key.lower() not in known} | set(left)


def read_attributes(
    connection: duckdb.DuckDBPyConnection, score_name: str, called: str | None = None
) -> tuple[Attribute, ...]:
    """The attributes of a feature table: its own columns first, then the custom ones by name.

    Args:
        connection: to the warehouse.
        score_name: whose features.
        called: only those that a person calls so, in small letters; None: all, which takes a scan of all.

    Raises:
        ContractBroken: where the table is missing, lacks a column of ``META``, or has an attribute that is neither
            text, nor number, nor boolean; where ``custom`` is no struct.
    """
    columns = table_columns(connection, score_name)
    own = [Attribute(name, _kind(score_name, name, kind)) for name, kind in columns.items() if name not in META]
    taken = {attribute.name for attribute in own} | set(META) | set(LABELS)
    names = {key: f"custom.{key}" if key in taken else key for key in own_columns(connection, score_name).values()}
    if called is not None:
        own = [attribute for attribute in own if attribute.name.lower() == called]
        names = {key: name for key, name in names.items() if called in (name.lower(), key.lower())}
    kinds = _custom_kinds(connection, score_name, list(names))
    return (*own, *(Attribute(names[key], kind, key) for key, kind in kinds.items()))


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


def own_columns(connection: duckdb.DuckDBPyConnection, score_name: str) -> dict[str, str]:
    """The organisation's own columns in a feature table, by their names in small letters; their order is by name.

    Raises:
        ContractBroken: where they were kept otherwise, by an earlier release.
    """
    kind = connection.sql(f"select custom from features.feat_{score_name}").types[0]
    if kind.id == "struct":
        return {name.lower(): name for name in sorted(name for name, _ in kind.children)}
    if kind.id == "boolean":  # there are none, and no struct is without fields
        return {}
    raise ContractBroken(
        f"features.feat_{score_name}: custom is {kind}, not a struct: an earlier release built it. Build it anew: "
        "sales-insights build features."
    )


def _custom_kinds(connection: duckdb.DuckDBPyConnection, score_name: str, keys: Sequence[str]) -> dict[str, Kind]:
    """Custom column to what its values are, in their order; those that are never filled are left out."""
    if not keys:
        return {}
    # Casts that fail are slow, so texts that can be no number or no date are not tried.
    counted = ", ".join(
        f"count({value}), count(case when {_LIKE_NUMBER.format(value)} then try_cast({value} as double) end), "
        f"count(case when {_LIKE_DATE.format(value)} then {_DATE.format(value)} end)"
        for value in map(_field, keys)
    )
    counts = connection.execute(f"select {counted} from {without_quarantined(f'feat_{score_name}')} f").fetchone() or ()
    found = zip(keys, counts[::3], counts[1::3], counts[2::3], strict=True)
    return {
        key: "number" if numbers >= _MOSTLY * filled else "date" if dates >= _MOSTLY * filled else "category"
        for key, filled, numbers, dates in found
        if filled
    }


def without_quarantined(table: str, *more_key: str) -> str:
    """A table of the features layer without the rows that its last check has set aside, as an SQL subquery."""
    key = ", ".join(("record_id", "as_of_date", *more_key))
    return (
        f"(select * from features.{table} where concat_ws(':', {key}) not in "
        f"(select row_id from quarantine.rows where stage = 'check' and table_name = 'features.{table}'))"
    )


def selected(
    connection: duckdb.DuckDBPyConnection, score_name: str, attributes: Sequence[Attribute], meta: Sequence[str]
) -> str:
    """The select list from a row ``f``: meta columns, then attributes as double or varchar.

    A column of the organisation's own that the table has no more is empty.
    """
    own = own_columns(connection, score_name)
    columns = [f"f.{name}" for name in meta]
    for attribute in attributes:
        gone = attribute.key is not None and attribute.key.lower() not in own
        value = "null" if gone else value_of(attribute)
        kind = "double" if attribute.kind == "number" else "varchar"
        columns.append(f"try_cast({value} as {kind}) as {_quoted(attribute.name)}")
    return ", ".join(columns)


def value_of(attribute: Attribute) -> str:
    """One attribute of a row ``f``, as SQL."""
    return f"f.{_quoted(attribute.name)}" if attribute.key is None else _field(attribute.key)


def _field(key: str) -> str:
    return f"f.custom.{_quoted(key)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
