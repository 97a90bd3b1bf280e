"""A warehouse with marts made by hand."""

from __future__ import annotations

from datetime import date
from typing import Final, Protocol

import pytest

from config.workspace import Workspace
from warehouse.connection import open_warehouse, transaction

DAY: Final = date(2026, 6, 30)


class WriteMarts(Protocol):
    """Writes two marts that belong together."""

    def __call__(self, number: int = 1, *, day: date = DAY, rows: int = 10) -> None: ...


def write_marts_of(workspace: Workspace, number: int, *, day: date = DAY, rows: int = 10) -> None:
    """Build the marts ``lead_scores`` and ``score_runs`` of run ``number``, as dbt would have, on a day."""
    with open_warehouse(workspace) as connection, transaction(connection):
        connection.execute("create schema if not exists marts")
        connection.execute(
            f"create or replace table marts.lead_scores as select 'lead' || i as lead_id, {number} as run_number, "
            f"date '{day}' as as_of_date, cast(i as decimal(18, 2)) as amount from range({rows}) as numbers (i)"
        )
        connection.execute(f"create or replace table marts.score_runs as select {number} as run_number")
        connection.execute("delete from ops.days where as_of_date = ?", [day])
        connection.execute("insert into ops.days values (?, now()::timestamp)", [day])
        connection.execute("delete from ops.build_results")
        connection.execute(
            "insert into ops.build_results by name select ? as as_of_date, 'marts' as layer, 'lead_scores' as node, "
            "'success' as status",
            [day],
        )


@pytest.fixture
def write_marts(workspace: Workspace) -> WriteMarts:
    """``write_marts(2)``: marts whose every row says that it is of run 2."""

    def write(number: int = 1, *, day: date = DAY, rows: int = 10) -> None:
        write_marts_of(workspace, number, day=day, rows=rows)

    return write
