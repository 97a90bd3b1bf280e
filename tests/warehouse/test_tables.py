"""The hand-written tables."""

from __future__ import annotations

import duckdb
import pytest

from config.schema.canonical import ENTITIES
from config.workspace import Workspace
from warehouse.connection import open_warehouse
from warehouse.tables import SCHEMAS, create_tables, raw_columns, raw_table


def test_every_entity_of_every_source_has_its_raw_table() -> None:
    connection = duckdb.connect()
    create_tables(connection, ["files", "dataverse"])
    tables = {
        name
        for (name,) in connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
    }
    assert {raw_table(source, entity) for source in ("files", "dataverse") for entity in ENTITIES} <= tables
    assert {table.split(".")[0] for table in tables} == set(SCHEMAS)


def test_a_raw_table_has_the_canonical_columns_and_where_a_row_came_from() -> None:
    connection = duckdb.connect()
    create_tables(connection, ["files"])
    found = connection.execute("select column_name, column_type from (describe raw.files__users)").fetchall()
    assert {name: kind.lower() for name, kind in found} == raw_columns(ENTITIES["users"])
    assert [name for name, _ in found][:2] == ["user_id", "name"]
    assert [name for name, _ in found][-1] == "_deleted"


def test_created_again_nothing_is_lost(workspace: Workspace) -> None:
    with open_warehouse(workspace) as connection:
        connection.execute("insert into raw.files__leads (lead_id) values ('L1')")
    with open_warehouse(workspace) as connection:
        assert connection.execute("select lead_id from raw.files__leads").fetchall() == [("L1",)]


def test_a_table_of_an_older_version_gets_the_columns_that_have_come_since(workspace: Workspace) -> None:
    with open_warehouse(workspace) as connection:
        connection.execute("insert into raw.files__users (user_id) values ('U1')")
        connection.execute("alter table raw.files__users drop column position_id")
    with open_warehouse(workspace) as connection:
        assert connection.execute("select user_id, position_id from raw.files__users").fetchall() == [("U1", None)]


def test_a_batch_cannot_be_loaded_twice(workspace: Workspace) -> None:
    with open_warehouse(workspace) as connection:
        connection.execute("insert into raw.batches (batch_id) values ('b1')")
        with pytest.raises(duckdb.ConstraintException):
            connection.execute("insert into raw.batches (batch_id) values ('b1')")
