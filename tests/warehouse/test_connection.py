"""One process holds the warehouse; the others are told who."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pytest

from config.errors import ConfigError, WarehouseBusy
from config.workspace import PROJECT, Workspace
from tests.conftest import MakeWorkspace
from warehouse.connection import open_warehouse, transaction

_HOLDER = """
    import sys
    from config.workspace import Workspace
    from warehouse.connection import open_warehouse
    with open_warehouse(Workspace.open()):
        print("held", flush=True)
        sys.stdin.read()
"""


def test_a_second_process_is_told_who_holds_it(workspace: Workspace) -> None:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "SALES_INSIGHTS_DATA": str(workspace.data.root)}
    command = [sys.executable, "-c", textwrap.dedent(_HOLDER)]
    with subprocess.Popen(
        command, env=environment, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(WarehouseBusy) as error, open_warehouse(workspace):
            pass
        holder.communicate()
    assert f"(PID {holder.pid})" in str(error.value)
    assert str(workspace.data.published) in str(error.value)
    with open_warehouse(workspace) as connection:  # it has let go
        assert connection.execute("select 1").fetchone() == (1,)


def test_what_is_no_warehouse_is_not_called_busy(workspace: Workspace) -> None:
    workspace.data.warehouse.parent.mkdir(parents=True)
    workspace.data.warehouse.write_bytes(b"not a database" * 1000)
    with pytest.raises(Exception, match="not a valid DuckDB database") as error, open_warehouse(workspace):
        pass
    assert not isinstance(error.value, WarehouseBusy)


def test_instants_are_utc_and_rows_keep_their_order(workspace: Workspace) -> None:
    with open_warehouse(workspace) as connection:
        settings = "select current_setting('TimeZone'), current_setting('preserve_insertion_order')"
        assert connection.execute(settings).fetchone() == ("UTC", True)


def test_a_transaction_is_all_or_nothing(workspace: Workspace) -> None:
    with open_warehouse(workspace) as connection:
        with transaction(connection):
            connection.execute("insert into ops.days values ('2026-06-29', null)")
        with pytest.raises(duckdb.ConversionException):
            _insert_days(connection, "2026-06-30", "not a day")
    with open_warehouse(workspace) as connection:
        assert connection.execute("select count(*) from ops.days").fetchone() == (1,)


def _insert_days(connection: duckdb.DuckDBPyConnection, *days: str) -> None:
    with transaction(connection):
        for day in days:
            connection.execute("insert into ops.days values (?, null)", [day])


def test_it_is_closed_when_the_block_raises(workspace: Workspace) -> None:
    with pytest.raises(KeyError), open_warehouse(workspace) as connection:
        raise KeyError
    with pytest.raises(Exception, match="closed"):
        connection.execute("select 1")


def test_another_organisation_is_kept_out(make_workspace: MakeWorkspace) -> None:
    workspace = make_workspace()
    with open_warehouse(workspace):
        pass
    organisation = (PROJECT / "config" / "organisation.yml").read_text()
    other = make_workspace({"organisation.yml": organisation.replace("Brightwater Instruments", "Northwind")})
    with (
        pytest.raises(ConfigError, match="holds the data of 'Brightwater Instruments'") as error,
        open_warehouse(other),
    ):
        pass
    (Path(workspace.data.root) / "organisation").write_text("Northwind\n")
    assert str(workspace.data.root / "organisation") in str(error.value)
    with open_warehouse(other):
        pass


def test_a_new_warehouse_is_in_the_storage_format_of_this_release(workspace: Workspace) -> None:
    for _ in range(2):
        with open_warehouse(workspace) as connection:
            found = connection.execute("select tags['storage_version'] from duckdb_databases() where not internal")
            assert found.fetchall() == [("v1.5.0+",)]
