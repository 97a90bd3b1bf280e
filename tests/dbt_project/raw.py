"""Raw rows made by hand, as ``load`` would have written them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb

from config.workspace import Workspace
from warehouse.connection import open_warehouse

Row = Mapping[str, Any]
_LOADED_AT = datetime(2026, 7, 1, 4)


def workspace_in(folder: Path, config: Mapping[str, str] | None = None) -> Workspace:
    """A workspace under the folder; ``config`` names the YAML files that differ from those shipped."""
    for relative, content in (config or {}).items():
        path = folder / "config" / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    environment = {"SALES_INSIGHTS_DATA": str(folder / "data"), "SALES_INSIGHTS_INPUT": str(folder / "input")}
    return Workspace.open(environment | ({"SALES_INSIGHTS_CONFIG": str(folder / "config")} if config else {}))


def insert(connection: duckdb.DuckDBPyConnection, table: str, *rows: Row) -> None:
    """Insert rows by the names of their columns."""
    for row in rows:
        marks = ", ".join(f"? as {column}" for column in row)
        connection.execute(f"insert into {table} by name select {marks}", list(row.values()))


def load(
    connection: duckdb.DuckDBPyConnection,
    batch_id: str,
    entity: str,
    day: date,
    rows: Sequence[Row],
    *,
    backfill: bool = True,
    content: str | None = None,
    precision: str = "second",
) -> None:
    """One batch of one file: a back-fill is known since its own events, any other since the end of the day."""
    known_at = None if backfill else datetime.combine(day, time.max)
    count = connection.execute("select count(*) from raw.batches").fetchone() or (0,)
    batch = {"batch_id": batch_id, "source": "files", "entity": entity, "file": f"{entity}.csv"}
    counts = {"rows_read": len(rows), "rows_loaded": len(rows), "rows_quarantined": 0}
    insert(
        connection,
        "raw.batches",
        batch
        | counts
        | {"content_hash": content or batch_id, "as_of_date": day, "is_backfill": backfill}
        | {"batch_number": count[0] + 1, "loaded_at": _LOADED_AT},
    )
    for number, row in enumerate(rows, 1):
        place = {"_row_id": f"{batch_id}:{number}", "_batch_id": batch_id, "_file": f"{entity}.csv"}
        more = {"_row_number": number, "_loaded_at": _LOADED_AT, "_known_at": known_at, "_deleted": False}
        insert(connection, f"raw.files__{entity}", {"date_precision": precision} | dict(row) | place | more)
    connection.execute("insert or replace into ops.days values (?, ?)", [day, _LOADED_AT])


def table(workspace: Workspace, query: str) -> list[dict[str, Any]]:
    """The rows of a query, each as column to value."""
    with open_warehouse(workspace) as connection:
        result = connection.execute(query)
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
