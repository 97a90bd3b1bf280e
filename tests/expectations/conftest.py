"""Tables with good rows, which tests break one value at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, Protocol

import duckdb
import pytest

from config.schema.canonical import ENTITIES
from config.workspace import Workspace
from tests.kept_open import kept_open
from warehouse.connection import open_warehouse

DAY: Final = date(2026, 6, 30)

Row = Mapping[str, Any]


class LoadRows(Protocol):
    """Loads rows of an entity as one more batch of a file; returns the batch's id."""

    def __call__(self, entity: str, rows: Sequence[Row], *, file: str = ..., content: str = ...) -> str: ...


class Insert(Protocol):
    """Inserts rows into a table, created from them where it does not exist."""

    def __call__(self, table: str, rows: Sequence[Row]) -> None: ...


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    """Insert rows by the names of their columns."""
    for row in rows:
        marks = ", ".join(f"? as {column}" for column in row)
        connection.execute(f"insert into {table} by name select {marks}", list(row.values()))


def record(entity: str, number: int, **values: Any) -> dict[str, Any]:
    """A good row of leads, opportunities, activities, users …; ``values`` replace or add columns."""
    row: dict[str, Any] = dict.fromkeys(ENTITIES[entity].key, f"{entity}-{number}")
    if entity in {"leads", "opportunities"}:
        row |= {"status": "open", "created_at": "2026-01-10 09:30:00", "estimated_amount": 1000.0}
    if entity == "activities":
        row |= {"type": "email", "status": "completed", "occurred_at": "2026-02-01 08:00:00"}
    if entity == "users":
        row |= {"name": f"User {number}"}
    return row | values


@pytest.fixture
def workspace(workspace: Workspace) -> Iterator[Workspace]:
    """The shipped configuration; its warehouse stays open."""
    with kept_open(workspace):
        yield workspace


@pytest.fixture
def load_rows(workspace: Workspace) -> LoadRows:
    """``load_rows("leads", [record("leads", 1)])``: as load would have, on the day 2026-06-30."""
    batches = 0

    def load(entity: str, rows: Sequence[Row], *, file: str = "", content: str = "") -> str:
        nonlocal batches
        batches += 1
        batch, file = f"batch{batches}", file or f"{entity}.csv"
        with open_warehouse(workspace) as connection:
            insert_rows(
                connection, "ops.days", [{"as_of_date": DAY, "loaded_at": "2026-07-01"}] if batches == 1 else []
            )
            insert_rows(
                connection,
                "raw.batches",
                [
                    {
                        "batch_id": batch,
                        "source": "files",
                        "entity": entity,
                        "file": file,
                        "content_hash": content or batch,
                        "batch_number": batches,
                    }
                ],
            )
            origin = {"_batch_id": batch, "_file": file, "date_precision": "second", "_deleted": False}
            numbered = [
                {**origin, "_row_id": f"{batch}:{number}", "_row_number": number, **row}
                for number, row in enumerate(rows, 1)
            ]
            insert_rows(connection, f"raw.files__{entity}", numbered)
        return batch

    return load


_SNAPSHOT: Final = "record_id varchar, as_of_date date"
_TABLES: Final = {
    "feat": f"{_SNAPSHOT}, created_at timestamp, record_order bigint, date_precision varchar, is_open boolean, "
    "is_current boolean, is_hindsight boolean, custom struct(colour varchar), age_days double, email_count bigint",
    "label": f"{_SNAPSHOT}, model_name varchar, label boolean, outcome varchar, closed_at timestamp, "
    "label_known_on date, censored_because varchar",
}


def feature(number: int, **values: Any) -> dict[str, Any]:
    """A good row of features: an open record on the day."""
    row = {"record_id": f"r{number}", "as_of_date": DAY, "created_at": "2026-05-01", "date_precision": "day"}
    row |= {"is_open": True, "is_current": True, "is_hindsight": False, "age_days": 60.0, "email_count": 3}
    return row | values


def label(number: int, **values: Any) -> dict[str, Any]:
    """The label that belongs to it: censored, as the horizon has not passed."""
    row = {"record_id": f"r{number}", "as_of_date": DAY, "model_name": "LeadScoring", "outcome": "open"}
    return row | {"censored_because": "younger than the horizon"} | values


def week(number: int, **values: Any) -> dict[str, Any]:
    """A week of a manager's series; number 0 is the week of the day."""
    start = date(2026, 6, 29) - timedelta(weeks=number)
    row = {"manager_id": "m1", "manager_name": "Mara", "as_of_date": DAY, "week_start": start}
    return row | {"won_amount": 100.0, "won_count": 1, "is_complete": number > 0} | values


class WriteFeatures(Protocol):
    """Writes the five feature tables; the tables not named are written with good rows or empty."""

    def __call__(self, **tables: Sequence[Row]) -> None: ...


@pytest.fixture
def write_features(workspace: Workspace) -> WriteFeatures:
    """``write_features(feat_lead=[feature(1)], label_lead=[label(1)])``."""

    def write(**tables: Sequence[Row]) -> None:
        with open_warehouse(workspace) as connection:
            connection.execute("create schema if not exists features")
            for name in ("feat_lead", "label_lead", "feat_opportunity", "label_opportunity"):
                connection.execute(f"create or replace table features.{name} ({_TABLES[name.split('_')[0]]})")
            connection.execute(
                "create or replace table features.feat_manager_week (manager_id varchar, manager_name varchar, "
                "as_of_date date, week_start date, won_amount double, won_count bigint, is_complete boolean)"
            )
            for name, rows in tables.items():
                insert_rows(connection, f"features.{name}", rows)

    return write


class Query(Protocol):
    """Rows of a query."""

    def __call__(self, sql: str) -> list[tuple[Any, ...]]: ...


@pytest.fixture
def query(workspace: Workspace) -> Query:
    """``query("select ...")``: opens the warehouse, reads, closes it."""

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with open_warehouse(workspace) as connection:
            return connection.execute(sql).fetchall()

    return ask


BROKEN: Final = (
    "select table_name, expectation, rows_failed from quality.check_results where not success and severity = 'table' "
    "order by all"
)
"""The promises that forbid to use a table and were broken."""


def write_rows(workspace: Workspace, table: str, rows: Sequence[Row]) -> None:
    """Insert rows into a table of the workspace's warehouse."""
    with open_warehouse(workspace) as connection:
        insert_rows(connection, table, rows)
