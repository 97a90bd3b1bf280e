"""The tables that are written by hand and not by dbt: raw data, quarantine, check results, forecasts; and scores.

Raw tables are append-only. ``<source>__<entity>`` holds the canonical columns of that entity, ``custom`` (a JSON
object of all unmapped columns, values as text), and where each row came from.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import duckdb

from config.schema.canonical import ENTITIES, SQL_TYPES, Entity
from warehouse.score_tables import SCORE_TABLES

SCHEMAS: Final = ("raw", "quarantine", "quality", "scores", "forecasts", "ops")

ROW_COLUMNS: Final[dict[str, str]] = {
    "custom": "varchar",  # JSON object: unmapped source column -> text
    "date_precision": "varchar",  # second, day, month or order
    "_row_id": "varchar",  # <batch_id>:<row number>, unique for ever
    "_batch_id": "varchar",
    "_file": "varchar",
    "_row_number": "bigint",  # line of data in its file, from 1
    "_loaded_at": "timestamp",  # wall clock, UTC
    "_known_at": "timestamp",  # null: first back-fill, known since the source's own event
    "_deleted": "boolean",
}
"""Columns of every raw table after the canonical ones."""

_TABLES: Final[dict[str, dict[str, str]]] = {
    # One row per file and version of its content and mapping that was loaded.
    "raw.batches": {
        "batch_id": "varchar primary key",
        "source": "varchar",
        "entity": "varchar",
        "file": "varchar",
        "content_hash": "varchar",
        "mapping_hash": "varchar",
        "rows_read": "bigint",
        "rows_loaded": "bigint",
        "rows_quarantined": "bigint",
        "as_of_date": "date",
        "is_backfill": "boolean",
        "batch_number": "bigint",  # order of loading, from 1
        "fetched_at": "timestamp",
        "loaded_at": "timestamp",
    },
    # One row per row and reason it was set aside for. stage: fetch or check.
    "quarantine.rows": {
        "row_id": "varchar",
        "stage": "varchar",
        "table_name": "varchar",  # e.g. raw.files__leads, features.feat_lead
        "source": "varchar",
        "file": "varchar",
        "row_number": "bigint",
        "record_key": "varchar",
        "column_name": "varchar",
        "reason": "varchar",
        "content": "varchar",  # the row as JSON, as it was read
        "batch_id": "varchar",  # null for rows set aside by a check
        "as_of_date": "date",
        "quarantined_at": "timestamp",
    },
    # One row per expectation, table and as-of day: the last check of that day.
    "quality.check_results": {
        "as_of_date": "date",
        "layer": "varchar",
        "table_name": "varchar",
        "expectation": "varchar",
        "column_name": "varchar",
        "success": "boolean",
        "rows_checked": "bigint",
        "rows_failed": "bigint",
        "checked_at": "timestamp",
        "severity": "varchar",  # row, warning or table
    },
    # One row per as-of day that was loaded.
    "ops.days": {"as_of_date": "date primary key", "loaded_at": "timestamp"},
    # One row per source, entity and file that lay in the folder when the entity was fetched for the first time: what is
    # loaded from it first is back-fill.
    "ops.first_files": {"source": "varchar", "entity": "varchar", "file": "varchar"},
    # One row per source, entity, and file or stream: the last fetch in which it was read, whether or not it had news.
    "ops.last_read": {
        "source": "varchar",
        "entity": "varchar",
        "file": "varchar",
        "as_of_date": "date",
        "fetched_at": "timestamp",
    },
    # One row per as-of day, source, file or stream, and problem: what could not be read at the day's last fetch. Where
    # it is all of a source, entity and file are empty texts.
    "ops.source_problems": {
        "as_of_date": "date",
        "source": "varchar",
        "entity": "varchar",
        "file": "varchar",
        "kind": "varchar",  # missing, empty, unreadable, mapping, unavailable or refused
        "column_name": "varchar",
        "line_number": "bigint",
        "message": "varchar",
        "fetched_at": "timestamp",
    },
    # One row per dbt node and layer: the last build.
    "ops.build_results": {
        "as_of_date": "date",
        "layer": "varchar",
        "node": "varchar",
        "status": "varchar",
        "seconds": "double",
        "message": "varchar",
        "built_at": "timestamp",
    },
    # One row per lead and as-of day within which it came, after the day had been built.
    "ops.arrivals": {
        "as_of_date": "date",
        "record_id": "varchar",
        "found_at": "timestamp",  # wall clock, UTC
        "published_at": "timestamp",  # null: on its way
    },
    # One row per manager, fiscal period and as-of day.
    "forecasts.managers": {
        "manager_id": "varchar",
        "manager_name": "varchar",
        "as_of_date": "date",
        "period": "varchar",  # current or next
        "period_label": "varchar",
        "period_start": "date",
        "period_end": "date",
        "status": "varchar",  # forecast (95 % interval, or interval, not measurable), or not enough history
        "weeks_of_history": "integer",
        "won_to_date_amount": "double",
        "predicted_amount": "double",
        "low_80_amount": "double",
        "high_80_amount": "double",
        "low_95_amount": "double",
        "high_95_amount": "double",
        "forecast_at": "timestamp",
    },
    # One row per manager, period, past origin and as-of day: what would have been forecast, and what came.
    "forecasts.backtests": {
        "manager_id": "varchar",
        "as_of_date": "date",
        "period": "varchar",  # current or next: which period's window was laid behind the origin
        "origin_week": "date",  # Monday of the last week that was known
        "horizon_weeks": "integer",  # weeks from the origin to the end of the window
        "predicted_amount": "double",
        "naive_amount": "double",  # by the mean of the 13 weeks before
        "actual_amount": "double",
        "scale_amount": "double",  # unit of the error in the pooled intervals
    },
}


def raw_table(source: str, entity: str) -> str:
    """The qualified name of the raw table of an entity from a source."""
    return f"raw.{source}__{entity}"


def raw_columns(entity: Entity) -> dict[str, str]:
    """Column name to SQL type of an entity's raw table, in stored order."""
    return {column.name: SQL_TYPES[column.type] for column in entity.columns} | ROW_COLUMNS


def create_tables(connection: duckdb.DuckDBPyConnection, sources: Iterable[str]) -> None:
    """Create what does not exist yet: schemas, the tables above, a raw table per source and entity.

    A table that an older version of the product made gets the columns that have come since; they are empty in its rows.
    """
    there: dict[str, set[str]] = {}
    query = "select schema_name || '.' || table_name, column_name from duckdb_columns() where not internal"
    for table, name in connection.execute(query).fetchall():
        there.setdefault(table, set()).add(name)
    for schema in SCHEMAS:
        connection.execute(f"create schema if not exists {schema}")
    raw = {raw_table(source, name): raw_columns(entity) for source in sources for name, entity in ENTITIES.items()}
    for table, columns in (raw | _TABLES | SCORE_TABLES).items():
        if table not in there:
            body = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            connection.execute(f"create table {table} ({body})")
            continue
        for name in columns.keys() - there[table]:
            connection.execute(f"alter table {table} add column {name} {columns[name]}")
