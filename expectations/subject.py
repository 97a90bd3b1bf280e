"""What is checked: one table, and which of its rows count on the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import duckdb

from config.errors import ContractBroken
from config.workspace import Workspace
from expectations.suites import Suite, suites
from warehouse.tables import raw_table

ACTIVE_BATCHES: Final = """
    select batch_id from raw.batches
    qualify row_number() over (partition by source, entity, file, content_hash order by batch_number desc) = 1"""
"""Batches that count: where a file was loaded again with a mended mapping, only the last time."""


@dataclass(frozen=True)
class Subject:
    """A table under check.

    Attributes:
        workspace: whose it is.
        table: its qualified name, e.g. ``raw.files__leads``.
        suite: the promises it is held to.
        source: the source of a raw table; None for all others.
        day: the as-of day.
        last_day: the latest day ever loaded, never before ``day``.
        tables: every table of the warehouse, with its columns.
        filled_tables: those of them that have any row.
        only: SQL condition; where given, only rows that meet it are checked.
    """

    workspace: Workspace
    table: str
    suite: Suite
    source: str | None
    day: date
    last_day: date
    tables: Mapping[str, Mapping[str, str]]
    filled_tables: frozenset[str]
    only: str | None = None

    @property
    def columns(self) -> Mapping[str, str]:
        """The table's columns, name to SQL type."""
        return self.tables[self.table]

    @property
    def rows(self) -> str:
        """The query for the rows that count."""
        conditions = [f"({self.only})"] if self.only else []
        if self.source is not None:
            # The mark of a deletion carries a key and no more: nothing else is promised of it.
            conditions += ["not coalesce(_deleted, false)", f"_batch_id in ({ACTIVE_BATCHES})"]
        elif self.suite.of_the_day:
            conditions.append(f"as_of_date = date '{self.day}'")
        return f"select * from {self.table}" + (f" where {' and '.join(conditions)}" if conditions else "")

    def sibling(self, entity: str) -> str:
        """The raw table of another entity of the same source."""
        if self.source is None:
            raise ValueError(f"{self.table} is no raw table")
        return raw_table(self.source, entity)

    def usable_raw_rows(self, entity: str) -> str:
        """Query for the raw rows of an entity, of all sources, that must have come through to the features of the day.

        They are active, not deleted, not set aside, created and known by the end of the day.
        """
        parts = [
            f"select _row_id from {table} where _batch_id in ({ACTIVE_BATCHES}) and not coalesce(_deleted, false) "
            f"and coalesce(created_at, date '{self.day}') < date '{self.day}' + 1 "
            f"and coalesce(_known_at, date '{self.day}') < date '{self.day}' + 1 "
            f"and _row_id not in (select row_id from quarantine.rows where table_name = '{table}')"
            for table in (raw_table(source, entity) for source in self.workspace.config.sources)
        ]
        return " union all ".join(parts)


def subjects(connection: duckdb.DuckDBPyConnection, workspace: Workspace, layer: str, day: date) -> list[Subject]:
    """The tables of a layer that have a suite.

    A raw table without any row is left out: not every organisation has every entity.

    Raises:
        ContractBroken: where a table that the layer promises has not been built.
    """
    tables = _tables(connection)
    last_day = _last_day(connection, day)
    filled = frozenset(table for table in tables if _has_rows(connection, table))
    found = []
    for suite in suites(layer):
        sources = workspace.config.sources if layer == "raw" else (None,)
        for source in sources:
            table = raw_table(source, suite.table) if source else suite.table
            if table not in tables:
                raise ContractBroken(
                    f"{table} does not exist. Run 'sales-insights build {layer}', or the DAG build_daily, first."
                )
            if source is None or table in filled:
                found.append(Subject(workspace, table, suite, source, day, last_day, tables, filled))
    return found


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and not internal order by column_index"
    ).fetchall():
        tables.setdefault(table, {})[column] = kind
    return tables


def _last_day(connection: duckdb.DuckDBPyConnection, day: date) -> date:
    row = connection.execute("select max(as_of_date) from ops.days").fetchone()
    return max(day, row[0]) if row and row[0] else day


def _has_rows(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    return connection.execute(f"select 1 from {table} limit 1").fetchone() is not None
