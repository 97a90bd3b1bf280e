"""What is missing from a day's data, and since when."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
import yaml
from rich.console import Console

from cli.status import status
from config.workspace import Workspace
from extract.missing import missing
from tests.conftest import MakeWorkspace
from tests.extract.organisations import GOOD, LEADS, a_day, put

ACCOUNTS: dict[str, Any] = {"entity": "accounts", "files": "accounts_*.csv", "columns": {"account_id": "id"}}
DAYS = ("2026-06-28", "2026-06-29", "2026-06-30")


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    files = yaml.safe_dump({"enabled": True, "tables": [LEADS, ACCOUNTS]})
    return make_workspace({"sources/files.yml": files}, {"leads.csv": GOOD, "accounts_1.csv": "id\nA1\n"})


def told(workspace: Workspace, day: str, failed: dict[str, str] | None = None) -> list[str]:
    return missing(workspace, failed, as_of=day).lines()


def test_nothing_is_missing(workspace: Workspace) -> None:
    a_day(workspace, DAYS[0])
    assert told(workspace, DAYS[0]) == [f"{DAYS[0]}: nothing is missing. Read: files."]


def test_since_the_last_day_it_was_read_whether_or_not_it_had_news(workspace: Workspace) -> None:
    a_day(workspace, DAYS[0])
    a_day(workspace, DAYS[1])
    put(workspace, "id\n", "accounts_1.csv")
    put(workspace, "", "leads_2.csv")
    a_day(workspace, DAYS[2])
    _, accounts, leads = told(workspace, DAYS[2])
    assert accounts.startswith(f"files, accounts_1.csv: last read for {DAYS[1]}, at ")
    assert leads.startswith("files, leads_2.csv: never read. leads_2.csv (leads): it is empty")
    put(workspace, "id\nA2\n", "accounts_1.csv")
    (workspace.input_folder / "leads_2.csv").unlink()
    a_day(workspace, DAYS[2])
    assert len(told(workspace, DAYS[2])) == 1


def test_of_a_file_that_is_gone_the_pattern_is_told(workspace: Workspace) -> None:
    a_day(workspace, DAYS[0])
    (workspace.input_folder / "accounts_1.csv").unlink()
    a_day(workspace, DAYS[1])
    assert told(workspace, DAYS[1])[1].startswith(f"files, accounts_*.csv: last read for {DAYS[0]}, at ")


def test_a_source_that_was_not_fetched(workspace: Workspace) -> None:
    assert "files, all of it: never read. No fetch of it" in told(workspace, DAYS[0])[1]
    a_day(workspace, DAYS[0])
    (_, line) = told(workspace, DAYS[1])
    assert line.startswith(f"files, all of it: last read for {DAYS[0]}, at ")
    assert "'sales-insights fetch files'" in line


def test_why_a_source_failed_is_remembered_until_it_is_read_again(workspace: Workspace) -> None:
    a_day(workspace, DAYS[0])
    (_, line) = told(workspace, DAYS[1], {"files": "The disk is gone. Mend it."})
    assert line.endswith(" UTC. The disk is gone. Mend it.")
    page = Console(file=StringIO(), width=200)
    a_day(workspace, DAYS[1])
    told(workspace, DAYS[1], {"files": "It is gone again."})
    status(workspace, page)
    assert isinstance(page.file, StringIO)
    assert "Missing from that day's data" in page.file.getvalue()
    assert "all of it" in page.file.getvalue()
    assert "It is gone again." in page.file.getvalue()
    a_day(workspace, DAYS[1])
    assert told(workspace, DAYS[1]) == [f"{DAYS[1]}: nothing is missing. Read: files."]
