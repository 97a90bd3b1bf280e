"""A new model: an entry in the YAML, which loses nothing that was there."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError, RequestRefused
from config.workspace import Workspace
from models_ml.scoring.create import create
from tests.conftest import MakeWorkspace


def opened(folder: Path) -> Workspace:
    return Workspace.open({"SALES_INSIGHTS_CONFIG": str(folder), "SALES_INSIGHTS_DATA": str(folder / "data")})


@pytest.mark.fact("1c.create")
def test_a_model_with_a_filter_comes_first_and_the_one_that_was_there_stays(workspace: Workspace) -> None:
    assert workspace.config_folder is not None
    report = create(workspace, "lead", "Web", ("source", "Web, Online"))
    assert report.lines()[0].startswith("Web is in ")
    assert "+  - name: LeadScoring" in report.lines()
    found = opened(workspace.config_folder).config.scores["lead"].all_models("lead")
    assert [model.name for model in found] == ["Web", "LeadScoring"]


def test_shown_first_and_nothing_written(workspace: Workspace) -> None:
    report = create(workspace, "lead", "Web", dry_run=True)
    assert report.lines()[0].startswith("Web would be added to")
    assert workspace.config_folder is not None
    assert not (workspace.config_folder / "scores").exists()


def test_without_a_folder_of_ones_own_there_is_nowhere_to_write(tmp_path: Path) -> None:
    shipped = Workspace.open({"SALES_INSIGHTS_DATA": str(tmp_path)})
    with pytest.raises(RequestRefused, match="SALES_INSIGHTS_CONFIG"):
        create(shipped, "lead")


def test_a_name_that_the_score_has_without_saying_so_is_taken(workspace: Workspace) -> None:
    with pytest.raises(RequestRefused, match="a model named leadscoring already"):
        create(workspace, "lead", "leadscoring")


def test_a_folder_that_cannot_be_written_gets_the_lines_to_add(make_workspace: MakeWorkspace, tmp_path: Path) -> None:
    workspace = make_workspace()
    (tmp_path / "config" / "scores").write_text("a file where a folder should be")
    with pytest.raises(ConfigError, match=r"add by hand:\n(.|\n)*\+  - name: Web"):
        create(workspace, "lead", "Web")
