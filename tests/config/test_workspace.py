"""Which folders and which day a workspace stands for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.workspace import Workspace
from tests.conftest import MakeWorkspace

LIVE = "name: Acme\ncurrency: USD\n"
PINNED = f"{LIVE}as_of: 2026-06-30\n"


def test_the_day_given_comes_before_all(make_workspace: MakeWorkspace) -> None:
    workspace = make_workspace({"organisation.yml": PINNED})
    assert workspace.day("2025-12-31") == date(2025, 12, 31)
    assert workspace.day(date(2025, 12, 31)) == date(2025, 12, 31)


@pytest.mark.parametrize("explicit", [None, ""])
def test_then_comes_the_day_of_the_organisation(make_workspace: MakeWorkspace, explicit: str | None) -> None:
    assert make_workspace({"organisation.yml": PINNED}).day(explicit) == date(2026, 6, 30)


def test_live_data_are_of_today(make_workspace: MakeWorkspace) -> None:
    before = datetime.now(UTC).date()
    day = make_workspace({"organisation.yml": LIVE}).day()
    assert before <= day <= datetime.now(UTC).date()


def test_a_text_that_is_no_day(make_workspace: MakeWorkspace) -> None:
    with pytest.raises(ConfigError, match=r"--as-of 30\.6\.2026: not a day; write it as YYYY-MM-DD"):
        make_workspace().day("30.6.2026")


def test_all_data_lie_under_one_folder(workspace: Workspace) -> None:
    names = [name for name, value in vars(type(workspace.data)).items() if isinstance(value, property)]
    assert "warehouse" in names
    assert all(getattr(workspace.data, name).is_relative_to(workspace.data.root) for name in names)


def test_the_input_folder_may_be_named_by_the_source(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    table = "{entity: leads, files: a.csv, columns: {lead_id: Id}}"
    (tmp_path / "sources" / "files.yml").write_text(f"folder: {tmp_path}/exports\ntables:\n  - {table}\n")
    environment = {"SALES_INSIGHTS_CONFIG": str(tmp_path), "SALES_INSIGHTS_DATA": str(tmp_path / "data")}
    assert Workspace.open(environment).input_folder == tmp_path / "exports"
    given = environment | {"SALES_INSIGHTS_INPUT": str(tmp_path / "given")}
    assert Workspace.open(given).input_folder == tmp_path / "given"
