"""From a file's texts to a package: good rows with the canonical columns, the others in quarantine with their reasons.

All of it is SQL over two relations, streamed from Parquet to Parquet, so that memory does not grow with the rows:

    source_rows(_row_number bigint, c0 varchar, c1 varchar, ...)      one row per record that could be taken apart
    broken_rows(_row_number bigint, broken varchar, text varchar)     the others, as the source wrote them

source_rows may have a column ``deleted boolean``: such a row has a key and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from config.schema.canonical import ENTITIES, SQL_TYPES, Column, Entity
from config.schema.mapping import ROW_NUMBER, Mapping
from extract.mapping.custom import custom_json
from extract.mapping.expressions import can_fail, expected, quoted, typed
from extract.mapping.parquet import Opened
from extract.mapping.tidy import cleaned
from extract.packages import QUARANTINE, ROWS
from warehouse.tables import ROW_COLUMNS, raw_table

_LOADED_WITH: Final = ("_loaded_at", "_known_at")
"""Columns of a raw table that ``load`` fills in."""
_VALUE_TOLD: Final = 80
_ROWS_IN_GROUP: Final = 30_720  # each thread holds one in memory while it writes


@dataclass(frozen=True)
class Origin:
    """Where the rows come from, for their bookkeeping columns."""

    source: str
    file: str
    batch_id: str
    as_of: str


def convert(
    connection: duckdb.DuckDBPyConnection, table: Mapping, opened: Opened, origin: Origin, folder: Path
) -> tuple[int, int, int]:
    """Write rows.parquet and quarantine.parquet.

    Every text is typed once, into ``typed.parquet``; a file without a fault is then done, and only one with faults is
    written a second time without them.

    Returns:
        Rows read, good, and set aside. Read is counted from the file, the other two from what was written.
    """
    texts = cleaned(connection, opened)
    mapping = _Mapped(table, ENTITIES[table.entity], opened, texts)
    custom = custom_json(connection, opened, texts, mapping.used, table)
    everything, rows, quarantine = folder / "typed.parquet", folder / ROWS, folder / QUARANTINE
    _write(connection, _typed(mapping, custom, origin), everything)
    connection.execute(f"create or replace view typed_rows as from read_parquet({quoted(str(everything))})")
    _find_repeated(connection, mapping)
    connection.execute(
        "create or replace temp table bad_rows as select _row_number from typed_rows where _problems is not null "
        "union select _row_number from repeated_rows"
    )
    _write(connection, _set_aside(mapping, opened, origin), quarantine)
    if _count(connection, "bad_rows"):
        good = "select * exclude (_problems) from typed_rows where _row_number not in (from bad_rows)"
        _write(connection, good, rows)
        everything.unlink()
    else:
        everything.rename(rows)
    return (
        _count(connection, "source_rows") + _count(connection, "broken_rows"),
        _count(connection, f"read_parquet({quoted(str(rows))})"),
        _count(connection, f"(select distinct row_id from read_parquet({quoted(str(quarantine))}))"),
    )


class _Mapped:
    """The SQL of one table's mapping onto one file's columns. ``t_<column>`` is a text, ``v_<column>`` its value."""

    def __init__(self, table: Mapping, entity: Entity, opened: Opened, texts: Sequence[str]) -> None:
        self.table, self.entity, self._opened = table, entity, opened
        self._texts = dict(zip(opened.names, texts, strict=True))

    @property
    def used(self) -> frozenset[str]:
        """Source columns that are mapped or ignored; all others are custom."""
        return frozenset(self.table.columns.values()) | frozenset(self.table.ignore)

    @property
    def has_own_keys(self) -> bool:
        """Whether the source has told already that no two rows have the same key, and cleaning makes none the same."""
        unique, key = self._opened.unique, self.entity.key[0]
        if unique is None or self.table.columns.get(key) != unique or can_fail(self.entity.column(key), self.table):
            return False
        return not self._texts[unique].startswith("clean(")

    @property
    def deleted(self) -> str:
        """SQL of whether the source says that the record was deleted."""
        return "deleted" if self._opened.has_deleted else "false"

    @property
    def filled(self) -> list[Column]:
        """Canonical columns that get a value."""
        told = self.table.columns.keys() | self.table.constants.keys()
        told |= {"regarding_entity", "regarding_id"} if self.table.regarding else set()
        return [column for column in self.entity.columns if column.name in told]

    def texts(self) -> str:
        """The text of every canonical column that gets one; null where it is empty."""
        return ", ".join(f"{self._text(column.name)} as t_{column.name}" for column in self.filled)

    def values(self) -> str:
        """The value of every canonical column; null where there is none, or where it cannot be read."""
        return ", ".join(f"{self._value(column)} as v_{column.name}" for column in self.entity.columns)

    def problems(self) -> str:
        """A list of {name, told}, null for a good row."""
        told = [self._problem(name, f"t_{name} is null", "'is empty; it is the key'") for name in self.entity.key]
        for column in self.filled:
            if can_fail(column, self.table):
                text = f"t_{column.name}"
                words = (
                    f"concat('''', left({text}, {_VALUE_TOLD}), ''' is not ', {quoted(expected(column, self.table))})"
                )
                failed = f"{text} is not null and v_{column.name} is null and not {self.deleted}"
                told.append(self._problem(column.name, failed, words))
        return f"nullif(list_filter([{', '.join(told)}], lambda problem: problem is not null), [])"

    def _problem(self, name: str, condition: str, words: str) -> str:
        source = self.table.columns.get(name, name)
        label = source if source == name else f"{source} ({name})"
        problem = f"{{'name': {quoted(name)}, 'told': concat({quoted(label + ': ')}, {words})}}"
        return f"case when {condition} then {problem} end"

    def _text(self, name: str) -> str:
        if name in self.table.constants:
            return quoted(self.table.constants[name])
        if self.table.regarding and name in {"regarding_entity", "regarding_id"}:
            return self._regarding(name)
        return self._source(self.table.columns[name])

    def _source(self, source: str) -> str:
        if source == ROW_NUMBER:
            return "cast(_row_number as varchar)"
        text = self._texts[source]
        empty = ", ".join(quoted(value) for value in self.table.empty_values)
        return f"case when {text} not in ({empty}) then {text} end" if empty else text

    def _regarding(self, name: str) -> str:
        told = [(kind, self._source(source)) for kind, source in self.table.regarding.items()]
        if name == "regarding_id":
            return f"coalesce({', '.join(text for _, text in told)})"
        return f"case {' '.join(f'when {text} is not null then {quoted(kind)}' for kind, text in told)} end"

    def _value(self, column: Column) -> str:
        if column not in self.filled:
            return f"cast(null as {SQL_TYPES[column.type]})"
        text = f"t_{column.name}"
        is_dated = self.table.columns.get(column.name) in self._opened.dated
        value = typed(column, text, self.table, is_dated=is_dated)
        of_nothing = self.table.values.get(column.name, {}).get("")
        if of_nothing is not None:
            value = f"case when {text} is null then {quoted(of_nothing)} else {value} end"
        if column.name == self.entity.key[0] and self.table.key_prefix:
            value = f"{quoted(self.table.key_prefix)} || {value}"
        return value


def _typed(mapping: _Mapped, custom: str, origin: Origin) -> str:
    """Every row of the file, with the columns of the raw table and what is wrong with it."""
    bookkeeping = {
        "custom": custom,
        "date_precision": quoted(mapping.table.date_precision),
        "_row_id": f"{quoted(origin.batch_id + ':')} || _row_number",
        "_batch_id": quoted(origin.batch_id),
        "_file": quoted(origin.file),
        "_row_number": "_row_number",
        "_deleted": mapping.deleted,
    }
    columns = [f"v_{column.name} as {column.name}" for column in mapping.entity.columns]
    columns += [f"{bookkeeping[name]} as {name}" for name in ROW_COLUMNS if name not in _LOADED_WITH]
    return (
        f"select {', '.join(columns)}, {mapping.problems()} as _problems "
        f"from (select *, {mapping.values()} from (select *, {mapping.texts()} from source_rows))"
    )


def _find_repeated(connection: duckdb.DuckDBPyConnection, mapping: _Mapped) -> None:
    """``repeated_rows``: good rows whose key an earlier good row of the file has, and the number of that row.

    Candidates come from a hash of the key; only they are compared exactly, so that a large file without repetitions
    costs one aggregation. Where modified_at is mapped, rows that differ in it are versions and not repetitions.
    """
    if mapping.has_own_keys:
        connection.execute("create or replace temp table repeated_rows (_row_number bigint, first_row bigint)")
        return
    keys = list(mapping.entity.key)
    if any(column.name == "modified_at" for column in mapping.filled):
        keys.append("modified_at")
    key = ", ".join(keys)
    connection.execute(
        f"""
        create or replace temp table repeated_rows as
        with candidates as (
            select hash({key}) as hashed from typed_rows where _problems is null group by all having count(*) > 1
        ),
        compared as (
            select _row_number, first_value(_row_number) over (partition by {key} order by _row_number) as first_row
            from typed_rows
            where _problems is null and hash({key}) in (from candidates)
        )
        select _row_number, first_row from compared where _row_number > first_row
        """
    )


def _set_aside(mapping: _Mapped, opened: Opened, origin: Origin) -> str:
    """One row per row and reason: what cannot be read, what repeats a key, what is no record at all."""
    key = mapping.entity.key[0]
    fields = [
        f"{quoted(json.dumps(name, ensure_ascii=False) + ': ')} || to_json(nullif(c{number}, ''))"
        for number, name in enumerate(opened.names)
    ]
    record_key = f"concat_ws('|', {', '.join(mapping.entity.key)})"
    said = quoted(f"{mapping.table.columns.get(key, key)}: the key '")
    repeats = f"concat({said}, left(record_key, {_VALUE_TOLD}), ''' is in row ', first_row, ' already')"
    return f"""
        with bad as (
            select _row_number, {record_key} as record_key, _problems
            from typed_rows where _row_number in (from bad_rows)
        ),
        told as (
            select _row_number, record_key, problem.name as column_name, problem.told as told
            from (select *, unnest(_problems) as problem from bad)
            union all
            select _row_number, record_key, {quoted(key)}, {repeats} from bad join repeated_rows using (_row_number)
        ),
        contents as (
            select _row_number, '{{' || concat_ws(', ', {", ".join(fields)}) || '}}' as content
            from source_rows where _row_number in (from bad_rows)
        ),
        everything as (
            select _row_number, record_key, column_name, told, content from told join contents using (_row_number)
            union all
            select _row_number, null, null, 'broken: ' || broken, '{{"line": ' || to_json(text) || '}}' from broken_rows
        )
        select
            {quoted(origin.batch_id + ":")} || _row_number as row_id, 'fetch' as stage,
            {quoted(raw_table(origin.source, mapping.entity.name))} as table_name, {quoted(origin.source)} as source,
            {quoted(origin.file)} as file, _row_number as row_number, record_key, column_name,
            concat({quoted(origin.file + ", row ")}, _row_number, ', ', told) as reason,
            content, {quoted(origin.batch_id)} as batch_id, date {quoted(origin.as_of)} as as_of_date
        from everything
        order by row_number, column_name, reason
    """


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    connection.execute(
        f"copy ({query}) to {quoted(str(path))} (format parquet, compression zstd, row_group_size {_ROWS_IN_GROUP})"
    )


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = connection.execute(f"select count(*) from {relation}").fetchone()
    return int(row[0]) if row else 0
