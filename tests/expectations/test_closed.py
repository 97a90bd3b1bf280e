"""A check leaves no connection behind: here nothing keeps the warehouse open besides."""

from __future__ import annotations

import duckdb
import pytest

from config.workspace import Workspace
from expectations.check import check
from tests.conftest import MakeWorkspace
from tests.expectations.conftest import LoadRows, record


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    return make_workspace()


def test_the_warehouse_opens_again_in_the_same_process(workspace: Workspace, load_rows: LoadRows) -> None:
    load_rows("leads", [record("leads", 1)])
    check(workspace, "raw")
    with duckdb.connect(str(workspace.data.warehouse), config={"threads": "1"}) as connection:
        assert connection.execute("select count(*) from raw.files__leads").fetchone() == (1,)
