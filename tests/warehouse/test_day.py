"""Which day the pipeline is on."""

from __future__ import annotations

from datetime import date

import pytest

from config.errors import ConfigError, ContractBroken
from config.workspace import Workspace
from warehouse.connection import open_warehouse
from warehouse.day import day_loaded


def test_the_day_that_was_loaded_last_not_the_latest(workspace: Workspace) -> None:
    with open_warehouse(workspace) as connection:
        connection.execute("insert into ops.days values ('2026-06-30', '2026-07-01'), ('2026-05-31', '2026-07-02')")
        assert day_loaded(connection, workspace) == date(2026, 5, 31)
        assert day_loaded(connection, workspace, "2026-06-15") == date(2026, 6, 15)
        assert day_loaded(connection, workspace, date(2026, 6, 16)) == date(2026, 6, 16)


def test_before_anything_is_loaded_it_says_what_to_run(workspace: Workspace) -> None:
    with open_warehouse(workspace) as connection, pytest.raises(ContractBroken, match="sales-insights load"):
        day_loaded(connection, workspace)


def test_what_is_no_day_is_told(workspace: Workspace) -> None:
    with open_warehouse(workspace) as connection, pytest.raises(ConfigError, match=r"30\.6\.2026: not a day"):
        day_loaded(connection, workspace, "30.6.2026")
