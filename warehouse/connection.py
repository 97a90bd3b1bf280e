"""Opening the warehouse. One process at a time holds it; the others are told who."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

from config.errors import ConfigError, WarehouseBusy
from config.workspace import Workspace
from warehouse.tables import create_tables

_LOCKED: Final = "Conflicting lock is held"
_STORAGE: Final = "v1.5.0"
_SETTINGS: Final = {"TimeZone": "UTC", "preserve_insertion_order": "true"}


@contextmanager
def open_warehouse(workspace: Workspace) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for reading and writing; its tables exist when this returns.

    Raises:
        WarehouseBusy: where another process holds it; the message names that process.
        ConfigError: where the data folder holds another organisation's data.
    """
    _same_organisation(workspace)
    path = workspace.data.warehouse
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if not path.exists():
            _create(path)
        connection = duckdb.connect(str(path))
    except duckdb.IOException as error:
        if _LOCKED not in str(error):
            raise
        raise WarehouseBusy(
            f"{path} is open elsewhere: {_holder(error)}. Only one process may hold the warehouse; wait until it is "
            f"done, or end it. To look at data use the published copy in {workspace.data.published}, which is never "
            "locked."
        ) from error
    try:
        for name, value in _SETTINGS.items():
            connection.execute(f"set {name} = '{value}'")
        with transaction(connection):  # all tables of a new warehouse are written to the disk at once
            create_tables(connection, list(workspace.config.sources))
        yield connection
    finally:
        connection.close()


def _create(path: Path) -> None:
    """An empty warehouse in the storage format of this release of DuckDB: its texts take a quarter less to write.

    The format stays with the file, which only this product reads. Published runs stay in one that older releases read.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach {quoted(path)} as warehouse (storage_version '{_STORAGE}')")


def quoted(path: Path) -> str:
    """A path as a text of SQL."""
    return "'" + str(path).replace("'", "''") + "'"


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing: commit at the end of the block, roll back when it raises."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _same_organisation(workspace: Workspace) -> None:
    """Two organisations in one warehouse would give confident wrong numbers; the folder remembers whose it is."""
    name, owner = workspace.config.organisation.name, workspace.data.root / "organisation"
    if not owner.exists():
        owner.parent.mkdir(parents=True, exist_ok=True)
        owner.write_text(name + "\n", encoding="utf-8")
    held = owner.read_text(encoding="utf-8").strip()
    if held and held != name:
        raise ConfigError(
            f"{workspace.data.root} holds the data of '{held}', but organisation.yml says '{name}'. Choose another "
            f"folder with SALES_INSIGHTS_DATA; if the organisation was only renamed, write its new name into {owner}."
        )


def _holder(error: duckdb.IOException) -> str:
    """The part of DuckDB's message that names the process."""
    message = str(error)
    start = message.find("in ", message.find(_LOCKED))
    return message[start + 3 :].split(". See", 1)[0].strip() or "by an unknown process"
