"""The demo organisation read from the service gives the history that its export gives, row for row.

What a service cannot have, or says in another way, would be listed in ``DIFFERENT``; nothing else may differ. Rows that
the export has twice are in quarantine once, and items that the service sends twice are read once.
"""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest

from config.workspace import DataFolder, Workspace
from extract.demo import write_demo
from extract.demo.failures import Plan
from extract.http import Http
from extract.sources.dataverse import fetch
from extract.sources.dataverse.emulator.demo import DemoOrganisation
from tests.extract.sources.dataverse.demo import a_day, served, shipped
from tests.extract.sources.dataverse.organisation import SECRET, SECRET_ENV
from warehouse.dbt import build

DAYS: Final = (date(2024, 9, 16), date(2024, 9, 17))
TABLES: Final = 11
BOOKKEEPING: Final = "row_id, source_system"
DIFFERENT: Final[dict[str, Any]] = {}
"""Table to the rows that only the export has, and those that only the service has."""
DATED: Final = """
    select
        bool_and(is_backfill and known_at = valid_from),
        bool_and(valid_from = case when version_number = 1 then created_at else modified_at end),
        bool_and((status = 'open') = coalesce(closed_at > valid_from, true)),
        max(version_number)
    from history.{table}
"""
FAILURES: Final = Plan(seed=11, retry_after_s=0, slow_s=0.01)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET_ENV, SECRET)
    monkeypatch.setattr(fetch, "Http", partial(Http, sleep=lambda seconds: time.sleep(seconds / 1_000)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """One data folder for all, so that dbt takes its project apart only once."""
    return DataFolder(tmp_path_factory.mktemp("data"))


def history(workspace: Workspace, aside: Path) -> Path:
    """Build the history as of the last day, and put the warehouse aside: the next one is built in its place."""
    for layer in ("staging", "history"):
        build(workspace, layer, as_of=DAYS[1])
    shutil.move(workspace.data.warehouse, aside)
    shutil.rmtree(workspace.data.packages)
    return aside


def differences(files: Path, live: Path) -> dict[str, tuple[list[Any], list[Any]]]:
    """Table to the rows that only the export has, and those that only the service has, where there are any."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{files}' as files (read_only); attach '{live}' as live (read_only)")
        query = "select table_name from duckdb_tables() where database_name = 'files' and schema_name = 'history'"
        names = sorted(name for (name,) in connection.execute(query).fetchall())
        assert len(names) == TABLES
        for name in names:
            here, there = (
                f"select * exclude ({BOOKKEEPING}) from {source}.history.{name}" for source in ("files", "live")
            )
            only = [
                connection.execute(f"({one} except all {other}) order by all limit 20").fetchall()
                for one, other in ((here, there), (there, here))
            ]
            assert connection.execute(here).fetchone() is not None
            if any(only):
                found[name] = (only[0], only[1])
    return found


def raw_rows(workspace: Workspace) -> dict[str, list[Any]]:
    """Every raw row, whichever package and page it came with."""
    with duckdb.connect(str(workspace.data.warehouse), read_only=True) as connection:
        query = "select table_name from duckdb_tables() where schema_name = 'raw' and table_name like 'dataverse__%'"
        told = "* exclude (_row_id, _batch_id, _row_number, _loaded_at)"
        return {
            name: connection.execute(f"select {told} from raw.{name} order by all").fetchall()
            for (name,) in connection.execute(query).fetchall()
        }


def test_live_equals_files(tmp_path: Path, folder: DataFolder) -> None:
    organisation = DemoOrganisation("tiny", DAYS[0])
    with ExitStack() as stack:
        plain = stack.enter_context(served(organisation, tmp_path / "plain"))
        a_day(plain, "dataverse", DAYS[0])
        failing = replace(stack.enter_context(served(organisation, tmp_path / "failing", FAILURES)), data=folder)
        a_day(failing, "dataverse", DAYS[0])
        assert raw_rows(plain) == raw_rows(failing)
        organisation.advance(DAYS[1])
        report = a_day(failing, "dataverse", DAYS[1])
        assert report.fetched.problems == ()
        assert sum(rows.rows_read for rows in report.fetched.read) < 200
    live = history(failing, tmp_path / "live.duckdb")
    for day in DAYS:
        write_demo(failing.input_folder, "tiny", day)
        a_day(failing, "files", day)
    assert differences(history(failing, tmp_path / "files.duckdb"), live) == DIFFERENT


def test_versions_of_the_audit_log_begin_when_the_change_was_made(tmp_path: Path, folder: DataFolder) -> None:
    tables = [table for table in shipped()["tables"] if table["table"] in {"lead", "opportunity"}]
    with served(DemoOrganisation("tiny", DAYS[1], audited=True), tmp_path, tables=tables) as own:
        workspace = replace(own, data=folder)
        a_day(workspace, "dataverse", DAYS[1])
    with duckdb.connect(str(history(workspace, tmp_path / "audited.duckdb")), read_only=True) as connection:
        for table in ("hist_leads", "hist_opportunities"):
            found = connection.execute(DATED.format(table=table)).fetchone()
            assert found is not None
            assert found[:3] == (True, True, True)
            assert found[3] > 3
