"""The tables of an organisation in a database in memory: made, filled and changed in bulk."""

from __future__ import annotations

import calendar
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from extract.sources.dataverse.emulator.cells import NUMERIC, places
from extract.sources.dataverse.emulator.clock import Clock
from extract.sources.dataverse.emulator.render import quoted, value_expression
from extract.sources.dataverse.emulator.schema import Column, Table

FIRST_VERSION: Final = 1_000_000
_VERSIONS_A_SECOND: Final = 1_000_000


def version_at(moment: datetime) -> int:
    """The version for an instant (UTC, without a zone), where changes are numbered by when they were made."""
    return calendar.timegm(moment.timetuple()) * _VERSIONS_A_SECOND


class Tables:
    """Tables and their rows in bulk; ``Store`` adds what happens to single rows."""

    def __init__(self, tables: Iterable[Table], clock: Clock | None = None, keeps_days: int = 7) -> None:
        self.clock = clock or Clock()
        self.keeps_days = keeps_days
        self.version = FIRST_VERSION
        self.tables: dict[str, Table] = {}
        self.refused: set[str] = set()
        self.repeating: set[str] = set()
        self.loose: dict[str, frozenset[str]] = {}
        self._lock = threading.RLock()
        self._database = duckdb.connect()
        self._database.execute("set timezone = 'UTC'")
        for table in tables:
            self.add_table(table)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of one's own, for one thread."""
        return self._database.cursor()

    def settled_version(self) -> int:
        """The version of the last change that is complete."""
        with self._lock:
            return self.version

    def add_table(self, table: Table) -> None:
        """One more table, without rows."""
        columns = [f"{quoted(name)} {kind}" for column in table.columns for name, kind in places(column)]
        own = ['"@row" bigint', '"@version" bigint', '"@deleted" boolean default false', '"@repeat" bigint default 1']
        with self._lock:
            self.run(f"create table {self.place(table.name)} ({', '.join([*own, *columns])})")
            self.tables[table.name] = table
            self.loose[table.name] = frozenset()

    def by_set(self, set_name: str) -> Table | None:
        """The table whose entity set has that name."""
        return next((table for table in self.tables.values() if table.set_name == set_name), None)

    def place(self, name: str) -> str:
        """The table of the database that holds a table's rows."""
        return quoted(f"t_{name}")

    def track(self, name: str, on: bool) -> None:
        """Switch change tracking of a table on or off."""
        self.tables[name] = replace(self.tables[name], tracked=on)

    def audit(self, name: str, on: bool) -> None:
        """Switch auditing of a table on or off."""
        self.tables[name] = replace(self.tables[name], audited=on)

    def refuse(self, name: str) -> None:
        """Take away the privilege to read a table."""
        self.refused.add(name)

    def permit(self, name: str) -> None:
        """Give back the privilege to read a table."""
        self.refused.discard(name)

    def vanish(self, name: str) -> None:
        """Let a table no longer be there."""
        del self.tables[name]

    def add_column(self, name: str, column: Column) -> None:
        """Add a column, empty in all rows; no row counts as changed."""
        with self._lock:
            for place, kind in places(column):
                self.run(f"alter table {self.place(name)} add column {quoted(place)} {kind}")
            self.tables[name] = self.tables[name].with_column(column)

    def rename_column(self, name: str, old: str, new: str) -> None:
        """Give a column another logical name, as deleting it and making it anew with the same values would."""
        with self._lock:
            for place, _ in places(self.tables[name].column(old)):
                renamed = new + place.removeprefix(old)
                self.run(f"alter table {self.place(name)} rename column {quoted(place)} to {quoted(renamed)}")
            self.tables[name] = self.tables[name].renamed(old, new)
            self.loose[name] = frozenset(new if column == old else column for column in self.loose[name])

    def fill(self, name: str, rows: pa.Table) -> None:
        """Append rows in bulk. Lookups may bring ``<column>@type`` and ``<column>@name``; ``@repeat`` a count.

        A column that comes as text although its kind is a number's is *loose*: JSON text, served as it is.
        """
        table = self.tables[name]
        self._loosen_like(table, rows)
        if "@repeat" in rows.column_names:
            self.repeating.add(name)
        names = ", ".join(quoted(column) for column in rows.column_names)
        with self._lock:
            cursor = self.cursor()
            cursor.register("incoming", rows)
            before = self.number(f'select coalesce(max("@row"), 0) from {self.place(name)}')
            cursor.execute(
                f'insert into {self.place(name)} ("@row", "@version", {names}) '
                f"select {before} + n, {self.version} + n, {names} "
                f"from (select *, row_number() over () as n from incoming)"
            )
            self.version += rows.num_rows

    def date_versions(self, name: str, moment: str, *, by: str | None = None, key: str = "") -> None:
        """Number the changes of a table by when they were made, whenever its rows were written.

        Args:
            name: the table.
            moment: the column that tells when.
            by: the table that has this column, where it is another; rows belong together that share ``key``.
            key: the column that both have.
        """
        place, told = self.place(name), self.place(by or name)
        version = f'epoch({told}.{quoted(moment)})::bigint * {_VERSIONS_A_SECOND} + {place}."@row"'
        joined = f"from {told} where {told}.{quoted(key)} = {place}.{quoted(key)}" if by else ""
        self.run(f'update {place} set "@version" = {version} {joined}')

    def upsert(self, name: str, rows: pa.Table, *, known_stay: bool = False) -> None:
        """Write rows in bulk, now: those with a known key are changed (unless they stay), the others are new.

        Columns that the table no longer has are left out, and rows that were deleted stay so.
        """
        table, place = self.tables[name], self.place(name)
        key = quoted(table.key)
        own = {cell for column in table.columns for cell, _ in places(column)} | {"@repeat"}
        rows = rows.select([column for column in rows.column_names if column in own])
        known = self.run(f"select {key} from {place}").to_arrow_table()[table.key].combine_chunks()
        there = pc.is_in(rows[table.key], known)
        if not known_stay:
            self._overwrite(name, rows.filter(there))
        self.fill(name, rows.filter(pc.invert(there)))

    def _overwrite(self, name: str, rows: pa.Table) -> None:
        table, place = self.tables[name], self.place(name)
        self._loosen_like(table, rows)
        key, loose = quoted(table.key), self.loose[name]
        cells = [column for column in rows.column_names if column not in {table.key, "@repeat"}]
        with self._lock:
            cursor = self.cursor()
            cursor.register("incoming", rows)
            changes = [f"{quoted(cell)} = i.{quoted(cell)}{'::varchar' * (cell in loose)}" for cell in cells]
            cursor.execute(
                f'update {place} set "@version" = {self.version} + i.n, {", ".join(changes)} '
                f"from (select *, row_number() over () as n from incoming) as i "
                f'where {place}.{key} = i.{key} and not {place}."@deleted"'
            )
            self.version += rows.num_rows

    def _loosen_like(self, table: Table, rows: pa.Table) -> None:
        """Loosen the columns of numbers that come as text."""
        for column in table.columns:
            comes = column.kind in NUMERIC and column.name in rows.column_names
            if comes and pa.types.is_string(rows.schema.field(column.name).type):
                self.loosen(table.name, column.name)

    def loosen(self, name: str, column: str) -> None:
        """Let a column hold any JSON text, as a service does whose promises are broken."""
        with self._lock:
            if column in self.loose[name]:
                return
            shape, place = self.tables[name].column(column), quoted(column)
            value = value_expression(shape, place)
            self.run(f"alter table {self.place(name)} alter column {place} type varchar using {value}")
            self.loose[name] |= {column}

    def number(self, query: str, values: list[Any] | None = None) -> int:
        """The whole number that a query finds."""
        found = self.run(query, values).fetchone()
        return int(found[0]) if found else 0

    def run(self, query: str, values: list[Any] | None = None) -> duckdb.DuckDBPyConnection:
        """Run a query on a connection of its own."""
        return self.cursor().execute(query, values or [])
