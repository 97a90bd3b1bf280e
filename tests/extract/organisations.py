"""What the tests of the extract layer ask of a workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb

from config.workspace import Workspace
from extract.fetch import FetchReport, fetch
from extract.load import load

LEADS: dict[str, Any] = {
    "entity": "leads",
    "files": "leads*.csv",
    "columns": {"lead_id": "id", "status": "state", "estimated_amount": "value", "created_at": "created"},
    "values": {"status": {"new": "open", "good": "qualified", "bad": "disqualified"}},
}
GOOD = "id,state,value,created\nL1,new,10.5,2026-01-05\nL2,good,,2026-01-06 13:45:00\n"
ONE_BROKEN = "id,state,value,created\nL1,new,10.5,2026-01-05\nL2,good,x,2026-01-06\n"
"""Two leads; the amount of the second is no number."""
Organised = Callable[..., Workspace]


def rows(workspace: Workspace, query: str) -> list[tuple[Any, ...]]:
    """What a query finds in the warehouse. It is only read, which does not ask whether each table is there."""
    with duckdb.connect(str(workspace.data.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def packaged(workspace: Workspace, name: str = "rows.parquet") -> list[dict[str, Any]]:
    """The rows of all packages that wait, in order."""
    found: list[dict[str, Any]] = []
    for folder in sorted((workspace.data.packages / "files").glob("[0-9]*-[0-9a-f]*")):
        if (folder / name).exists():
            cursor = duckdb.sql(f"select * from read_parquet('{folder / name}')")
            found += [dict(zip(cursor.columns, row, strict=True)) for row in cursor.fetchall()]
    return found


def fetched(workspace: Workspace, name: str, content: str | bytes) -> FetchReport:
    """Put a file into the input folder and fetch."""
    path = workspace.input_folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return fetch(workspace, "files")


def accounts(report: FetchReport) -> tuple[int, int, int]:
    """Rows read, loaded and quarantined of the one file of a report."""
    (file,) = report.fetched.read
    assert file.rows_read == file.rows_loaded + file.rows_quarantined
    return file.rows_read, file.rows_loaded, file.rows_quarantined


def put(workspace: Workspace, content: str, name: str = "leads.csv") -> None:
    """Write a file into the input folder."""
    (workspace.input_folder / name).write_text(content)


def a_day(workspace: Workspace, as_of: str | None = None) -> None:
    """Fetch and load the files source."""
    fetch(workspace, "files", as_of=as_of)
    load(workspace, as_of=as_of)
