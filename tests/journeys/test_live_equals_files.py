"""The demo organisation read from services that fail gives the history that its export gives, row for row.

What a service cannot have, or says in another way, would be listed in ``DIFFERENT``; nothing else may differ. Rows that
the export has twice are in quarantine once, and items that the service sends twice are read once.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest

from config.workspace import DataFolder, Workspace
from extract.demo import write_demo
from extract.demo.failures import Plan
from extract.demo.serve import serving
from extract.fetch import fetch
from extract.load import load
from extract.sources.dataverse.emulator.demo import DemoOrganisation
from tests.extract.sources.dataverse.demo import a_day, served, shipped
from tests.extract.sources.dataverse.organisation import SECRET, SECRET_ENV
from tests.layers import build_tables

DAYS: Final = (date(2024, 9, 16), date(2024, 9, 17))
TABLES: Final = 13
BOOKKEEPING: Final = "row_id, source_system"
DIFFERENT: Final[dict[str, Any]] = {}
"""Table to the rows that only the export has, and those that only the service has."""
ADDED: Final = ("exchange", "linkedin")
"""Sources of activities that the export does not have: they regard no record, so no feature counts them."""
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
    monkeypatch.setattr("extract.http._LONGEST_PAUSE", 0.01)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """One data folder for all, so that dbt takes its project apart only once."""
    return DataFolder(tmp_path_factory.mktemp("data"))


def history(workspace: Workspace, aside: Path, *models: str) -> Path:
    """Build the history as of the last day, and put the warehouse aside: the next one is built in its place."""
    build_tables(workspace, *(models or ("staging", "history")))
    shutil.move(workspace.data.warehouse, aside)
    shutil.rmtree(workspace.data.packages)
    return aside


def added(live: Path) -> set[str]:
    """The sources that tell of activities besides the CRM."""
    with duckdb.connect(str(live), read_only=True) as connection:
        query = f"select distinct source_system from history.hist_activities where source_system in {ADDED}"
        return {source for (source,) in connection.execute(query).fetchall()}


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
                f"select * exclude ({BOOKKEEPING}) from {source}.history.{name} where source_system not in {ADDED}"
                for source in ("files", "live")
            )
            only = [
                connection.execute(f"({one} except all {other}) order by all limit 20").fetchall()
                for one, other in ((here, there), (there, here))
            ]
            assert connection.execute(here).fetchone() is not None
            if any(only):
                found[name] = (only[0], only[1])
    return found


def test_live_equals_files(tmp_path: Path, folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = None
    for day in DAYS:
        with serving(tmp_path / "services", "tiny", day, plan=FAILURES) as services:
            for name, secret in services.secrets.items():
                monkeypatch.setenv(name, secret)
            workspace = replace(Workspace.open({**services.environment, "SALES_INSIGHTS_DATA": "unused"}), data=folder)
            sources = [name for name, source in workspace.config.sources.items() if source.enabled]
            reports = [fetch(workspace, name, as_of=day) for name in sources]
            load(workspace, as_of=day)
        assert [report.fetched.problems for report in reports] == [(), (), ()]
    assert workspace
    assert sum(rows.rows_read for rows in reports[0].fetched.read) < 200, "a second day tells what has changed"
    live = history(workspace, tmp_path / "live.duckdb")
    assert added(live) == {"exchange", "linkedin"}
    exported = replace(Workspace.open({}), data=folder, input_folder=tmp_path / "input")
    for day in DAYS:
        write_demo(exported.input_folder, "tiny", day)
        a_day(exported, "files", day)
    assert differences(history(exported, tmp_path / "files.duckdb"), live) == DIFFERENT


def test_versions_of_the_audit_log_begin_when_the_change_was_made(tmp_path: Path, folder: DataFolder) -> None:
    tables = [table for table in shipped()["tables"] if table["table"] in {"lead", "opportunity"}]
    models = [f"+hist_{table['entity']}" for table in tables]
    with served(DemoOrganisation("tiny", DAYS[1], audited=True), tmp_path, tables=tables) as own:
        workspace = replace(own, data=folder)
        a_day(workspace, "dataverse", DAYS[1])
    with duckdb.connect(str(history(workspace, tmp_path / "audited.duckdb", *models)), read_only=True) as connection:
        for table in ("hist_leads", "hist_opportunities"):
            found = connection.execute(DATED.format(table=table)).fetchone()
            assert found is not None
            assert found[:3] == (True, True, True)
            assert found[3] > 3
