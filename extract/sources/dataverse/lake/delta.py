"""Delta tables that Synapse Link writes: what has changed between two versions of one, file by file.

A row stands once, and a deletion is a row whose IsDelete is true, or a row that is gone. A change rewrites the files
that hold the rows, so only the files that came since the last version are read, and of those that went only the keys.
Where the earlier version is no longer there to be compared with, everything is read.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from config.errors import ContractBroken, SourceUnavailable
from extract.mapping.expressions import named, quoted
from extract.sources.dataverse.lake.files import Files
from extract.sources.dataverse.lake.layout import LakeTable, Piece
from extract.sources.dataverse.lake.plan import LakePlan
from extract.stream import Reading

log: Final = logging.getLogger(__name__)
_LOG: Final = "_delta_log"
_FOLDER: Final = "deltalake"
_MEMORY: Final = "1GB"
_ROWS_IN_GROUP: Final = 30_720
_INSTANT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
Cursor = Mapping[str, Any]


@dataclass(frozen=True)
class Delta:
    """A Delta table of the lake in its present version."""

    name: str
    opened: DeltaTable
    rows: ds.FileSystemDataset

    @property
    def state(self) -> dict[str, Any]:
        """What tells this version from every other; a table that was made anew is another one."""
        return {"lake": "delta", "table": str(self.opened.metadata().id), "version": self.opened.version()}

    @property
    def described(self) -> LakeTable:
        """The table as ``plan_lake`` wants it."""
        return LakeTable(self.name, "delta", (Piece(self.name, self.name, 0, "", _columns(self.rows)),))


def open_delta(files: Files, name: str) -> Delta | None:
    """The Delta table of that name; None where the lake has none.

    Raises:
        ContractBroken: where its log cannot be read, or it needs what is not understood here.
        SourceUnavailable: where the lake does not answer.
    """
    place = _place(files, name)
    if place is None:
        return None
    with _understood(name, place):
        opened = DeltaTable(files.address(place))
        return Delta(name, opened, opened.to_pyarrow_dataset())


def read_delta(delta: Delta, plan: LakePlan, cursor: Cursor | None, folder: Path) -> Reading | None:
    """Read what has changed since the cursor; None where nothing has.

    Raises:
        ContractBroken: where a file of the table cannot be read.
        SourceUnavailable: where the lake does not answer.
    """
    told = delta.state | {"mapping": plan.stream.mapping_hash}
    if cursor and dict(cursor) == told:
        return None
    goes_on = cursor and all(cursor.get(name) == told[name] for name in ("lake", "table", "mapping"))
    folder.mkdir(parents=True, exist_ok=True)
    with _understood(delta.name, delta.name):
        if cursor and goes_on:
            try:
                return Reading(_changes(delta, plan, int(cursor["version"]), folder), told, is_complete=False)
            except (DeltaError, OSError, duckdb.InvalidInputException) as error:
                why = str(error).partition("\n")[0]
                log.warning("%s: version %s is gone (%s); all is read.", delta.name, cursor["version"], why)
        return Reading([_write(delta.rows, plan, folder / "all.parquet")], told, is_complete=True)


def _changes(delta: Delta, plan: LakePlan, version: int, folder: Path) -> list[Path]:
    """The rows of the files that are new, and the keys that only the files that are gone have."""
    before = DeltaTable(delta.opened.table_uri, version=version).to_pyarrow_dataset()
    earlier, later = ({one.path for one in rows.get_fragments()} for rows in (before, delta.rows))
    came, went = _only(delta.rows, later - earlier), _only(before, earlier - later)
    parts = [_write(came, plan, folder / "came.parquet")]
    if earlier - later:
        parts.append(_write_gone(went, came, plan, folder / "gone.parquet"))
    return parts


def _only(rows: ds.FileSystemDataset, paths: set[str]) -> ds.FileSystemDataset:
    kept = [one for one in rows.get_fragments() if one.path in paths]
    return ds.FileSystemDataset(kept, rows.schema, rows.format, rows.filesystem)


def _write(rows: ds.FileSystemDataset, plan: LakePlan, path: Path) -> Path:
    """A part of a spool, every column text."""
    with _connection(path.parent) as connection:
        connection.register("came", rows)
        _copy(connection, f"select {plan.expressions(_columns(rows))} from ({_texts(rows, 'came')})", path)
    return path


def _write_gone(went: ds.FileSystemDataset, came: ds.FileSystemDataset, plan: LakePlan, path: Path) -> Path:
    """The keys of the files that went, without those that another file has now."""
    keys = [
        f"select {plan.key_of(_columns(rows))} as key from ({_texts(rows, name)})"
        for name, rows in (("went", went), ("came", came))
    ]
    with _connection(path.parent) as connection:
        connection.register("came", came)
        connection.register("went", went)
        gone = f"from ({keys[0]}) where key is not null and key not in (from ({keys[1]}) where key is not null)"
        _copy(connection, f"select distinct key as {named(plan.stream.key)}, 'true' as \"@deleted\" {gone}", path)
    return path


@contextmanager
def _connection(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"set temp_directory = {quoted(str(folder / 'spill'))}")
        yield connection


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    connection.execute(
        f"copy ({query}) to {quoted(str(path))} (format parquet, compression lz4, row_group_size {_ROWS_IN_GROUP})"
    )


def _place(files: Files, name: str) -> str | None:
    """The folder of a table that has a log of changes, where Synapse Link puts it."""
    for place in (f"{_FOLDER}/{name}_partitioned", f"{_FOLDER}/{name}", f"{name}_partitioned", name):
        if _LOG in files.names(place):
            return place
    return None


@contextmanager
def _understood(name: str, place: str) -> Iterator[None]:
    advice = "Let Synapse Link write the table again, or read it from the organisation: take it out of the lake."
    try:
        yield
    except (DeltaError, duckdb.InvalidInputException) as error:
        why = str(error).partition("\n")[0]
        raise ContractBroken(f"{name}: the Delta table {place} cannot be read ({why}). {advice}") from error
    except OSError as error:
        raise SourceUnavailable(
            f"{place}: {error}. Is the lake reachable, and may this account read it? It is tried again."
        ) from error


def _columns(rows: ds.FileSystemDataset) -> tuple[tuple[str, str], ...]:
    return tuple((field.name, _kind(field.type)) for field in rows.schema)


def _kind(kind: pa.DataType) -> str:
    """The type as a model.json calls it."""
    if pa.types.is_integer(kind):
        return "int64"
    if pa.types.is_decimal(kind) or pa.types.is_floating(kind):
        return "decimal"
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return "dateTime"
    return "boolean" if pa.types.is_boolean(kind) else "string"


def _texts(rows: ds.FileSystemDataset, relation: str) -> str:
    return f"select {', '.join(f'{_text(field)} as {named(field.name)}' for field in rows.schema)} from {relation}"


def _text(field: pa.Field) -> str:
    """SQL of a value as the CSV of Synapse Link has it."""
    if pa.types.is_timestamp(field.type):
        return f"strftime(cast({named(field.name)} as timestamp), {quoted(_INSTANT)})"
    return f"cast({named(field.name)} as varchar)"
