"""``load``: what was fetched goes into the warehouse, each package in one transaction, none of them twice."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import duckdb

from config.errors import ContractBroken
from config.schema.canonical import ENTITIES
from config.workspace import Workspace
from extract.batch import Batch
from extract.packages import QUARANTINE, ROWS, Package, Packages, now
from extract.report import FileRows, reasons, totals
from warehouse.connection import open_warehouse, transaction
from warehouse.tables import raw_columns, raw_table

log: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoadReport:
    """What came into the warehouse with this load."""

    as_of: date
    files: tuple[FileRows, ...]
    problems: tuple[str, ...]
    to_fetch_again: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The sum, a paragraph per file, and what could not be read."""
        read, loaded, aside = totals(self.files)
        first = (
            f"{self.as_of}: {len(self.files)} files loaded: "
            f"{read:,} rows read = {loaded:,} loaded + {aside:,} quarantined."
            if self.files
            else f"{self.as_of}: no file is new or changed."
        )
        again = (
            f"{len(self.to_fetch_again)} files were loaded into another warehouse: run 'sales-insights fetch' again."
        )
        told = [line for file in self.files for line in file.lines()]
        return [first, *told, *self.problems, *([again] if self.to_fetch_again else [])]


def load(workspace: Workspace, *, as_of: date | str | None = None) -> LoadReport:
    """Load all waiting packages of all sources, in order, and record that the as-of day was loaded.

    Back-fill is decided here: rows of the files that were there at an entity's first fetch have no ``_known_at`` (known
    since the source's own event); rows that arrive later are known from the end of their as-of day. Content that was
    loaded before and is only mapped anew keeps what it was.

    Raises:
        WarehouseBusy: where another process has the warehouse open.
        ContractBroken: where a package does not hold what its manifest says.
    """
    day = workspace.day(as_of)
    files: list[FileRows] = []
    problems: list[str] = []
    again: list[str] = []
    with open_warehouse(workspace) as connection:
        for source in sorted(workspace.config.sources):
            packages = Packages(workspace.data.packages / source)
            for package in packages.pending():
                loaded = _load_package(connection, source, package)
                packages.done(package, _number(connection, package))
                files += [loaded] if loaded else []
            again += packages.forget(_batches(connection))
            problems += _problems(connection, source, day)
        connection.execute("insert or replace into ops.days values (?, ?)", [day, now()])
    return LoadReport(day, tuple(files), tuple(problems), tuple(again))


def _load_package(connection: duckdb.DuckDBPyConnection, source: str, package: Package) -> FileRows | None:
    """One package, one transaction. None: it was loaded before, or it is the end of a fetch."""
    with transaction(connection):
        if package.batch is None:
            _record_fetch(connection, source, package)
            return None
        if package.batch.batch_id in _batches(connection):
            log.info("%s: was loaded before; nothing is loaded twice.", package.batch.file)
            return None
        return _insert(connection, package, package.batch)


def _insert(connection: duckdb.DuckDBPyConnection, package: Package, batch: Batch) -> FileRows:
    rows, quarantine = package.folder / ROWS, package.folder / QUARANTINE
    _verify(connection, package, batch)
    is_backfill, known_at = _standing(connection, batch)
    loaded_at = now()
    table = raw_table(batch.source, batch.entity)
    columns = list(raw_columns(ENTITIES[batch.entity]))
    given = {"_loaded_at": "$loaded_at::timestamp", "_known_at": "$known_at::timestamp"}
    connection.execute(
        f"insert into {table} ({', '.join(columns)}) "
        f"select {', '.join(given.get(name, name) for name in columns)} from read_parquet($rows)",
        {"loaded_at": loaded_at, "known_at": known_at, "rows": str(rows)},
    )
    connection.execute(
        "insert into quarantine.rows by name select *, ?::timestamp as quarantined_at from read_parquet(?)",
        [loaded_at, str(quarantine)],
    )
    connection.execute(
        "insert into raw.batches by name select ? as batch_id, ? as source, ? as entity, ? as file, ? as content_hash, "
        "? as mapping_hash, ? as rows_read, ? as rows_loaded, ? as rows_quarantined, ?::date as as_of_date, "
        "? as is_backfill, (select coalesce(max(batch_number), 0) + 1 from raw.batches) as batch_number, "
        "?::timestamp as fetched_at, ?::timestamp as loaded_at",
        [*_told(batch), is_backfill, batch.fetched_at, loaded_at],
    )
    counts = FileRows(
        batch.source, batch.entity, batch.file, batch.rows_read, batch.rows_loaded, batch.rows_quarantined
    )
    return replace(counts, reasons=reasons(connection, f"read_parquet('{_quoted(str(quarantine))}')"))


def _told(batch: Batch) -> list[object]:
    return [
        batch.batch_id,
        batch.source,
        batch.entity,
        batch.file,
        batch.content_hash,
        batch.mapping_hash,
        batch.rows_read,
        batch.rows_loaded,
        batch.rows_quarantined,
        batch.as_of_date,
    ]


def _verify(connection: duckdb.DuckDBPyConnection, package: Package, batch: Batch) -> None:
    """The promise of the whole extract layer, checked where it is cheapest: no row lost, none counted twice."""
    held = connection.execute(
        "select (select count(*) from read_parquet(?)), (select count(distinct row_id) from read_parquet(?))",
        [str(package.folder / ROWS), str(package.folder / QUARANTINE)],
    ).fetchone()
    told = (batch.rows_loaded, batch.rows_quarantined)
    if held != told or sum(told) != batch.rows_read:
        raise ContractBroken(
            f"{package.folder}: {batch.file} had {batch.rows_read} rows, {told[0]} good and {told[1]} to quarantine, "
            f"but the package holds {held}. Remove that folder and run 'sales-insights fetch {batch.source}' again."
        )


def _standing(connection: duckdb.DuckDBPyConnection, batch: Batch) -> tuple[bool, datetime | None]:
    """Whether a batch is back-fill, and since when its rows are known (None: since the source's own event)."""
    key = [batch.source, batch.entity, batch.file]
    earlier = connection.execute(
        "select is_backfill, as_of_date, content_hash = ? from raw.batches "
        "where source = ? and entity = ? and file = ? order by 3 desc, batch_number",
        [batch.content_hash, *key],
    ).fetchone()
    if earlier and earlier[2]:
        return earlier[0], None if earlier[0] else _end_of(earlier[1])
    begun = connection.execute(
        "select count(*) > 0, count(*) filter (file = ?) > 0 from ops.first_files where source = ? and entity = ?",
        [batch.file, batch.source, batch.entity],
    ).fetchone()
    is_backfill = earlier is None and (begun is None or not begun[0] or begun[1])
    return is_backfill, None if is_backfill else _end_of(batch.as_of_date)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.min) + timedelta(days=1, microseconds=-1)


def _record_fetch(connection: duckdb.DuckDBPyConnection, source: str, package: Package) -> None:
    """The end of a fetch: its problems replace the day's earlier ones; entities met for the first time begin.

    A fetch of some entities says nothing about the problems of the others.
    """
    told = package.manifest
    begun = connection.execute("select distinct entity from ops.first_files where source = ?", [source]).fetchall()
    begun_entities = {entity for (entity,) in begun}
    for file in told["files"]:
        if file["entity"] not in begun_entities:
            connection.execute("insert into ops.first_files values (?, ?, ?)", [source, file["entity"], file["file"]])
    _record_read(connection, source, told)
    day, entities = told["as_of_date"], told.get("entities")
    connection.execute(
        "delete from ops.source_problems where source = ? and as_of_date = ?::date "
        "and (?::varchar[] is null or list_contains(?::varchar[], entity))",
        [source, day, entities, entities],
    )
    for problem in told["problems"]:
        connection.execute(
            "insert into ops.source_problems by name select ?::date as as_of_date, ? as source, ? as entity, "
            "? as file, ? as kind, ? as column_name, ?::bigint as line_number, ? as message, "
            "?::timestamp as fetched_at",
            [
                day,
                source,
                *(problem[name] for name in ("entity", "file", "kind", "column_name", "line_number", "message")),
                told["fetched_at"],
            ],
        )


def _record_read(connection: duckdb.DuckDBPyConnection, source: str, told: Mapping[str, Any]) -> None:
    """What was read without a problem has been read last now."""
    broken = {(problem["entity"], problem["file"]) for problem in told["problems"]}
    pairs = [(file["entity"], file["file"]) for file in told["files"]]
    entities, files = ([pair[place] for pair in pairs if pair not in broken] for place in (0, 1))
    connection.execute(
        "delete from ops.last_read where source = ? "
        "and (entity, file) in (select (unnest(?::varchar[]), unnest(?::varchar[])))",
        [source, entities, files],
    )
    connection.execute(
        "insert into ops.last_read select ?, unnest(?::varchar[]), unnest(?::varchar[]), ?::date, ?::timestamp",
        [source, entities, files, told["as_of_date"], told["fetched_at"]],
    )


def _number(connection: duckdb.DuckDBPyConnection, package: Package) -> int | None:
    if package.batch is None:
        return None
    found = connection.execute(
        "select batch_number from raw.batches where batch_id = ?", [package.batch.batch_id]
    ).fetchone()
    return found[0] if found else None


def _batches(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {batch for (batch,) in connection.execute("select batch_id from raw.batches").fetchall()}


def _problems(connection: duckdb.DuckDBPyConnection, source: str, day: date) -> list[str]:
    rows = connection.execute(
        "select message from ops.source_problems where source = ? and as_of_date = ? order by file, message",
        [source, day],
    ).fetchall()
    return [f"not read: {message}" for (message,) in rows]


def _quoted(text: str) -> str:
    return text.replace("'", "''")
