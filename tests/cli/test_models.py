"""Models by hand: a new one in the YAML, and the list of all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from config.errors import RequestRefused
from config.load import load_config


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SALES_INSIGHTS_CONFIG", str(tmp_path / "ours"))
    monkeypatch.setenv("SALES_INSIGHTS_DATA", str(tmp_path / "data"))
    (tmp_path / "ours").mkdir()
    return tmp_path / "ours"


def create(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["create", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


@pytest.mark.fact("1c.model-name")
def test_a_new_model_is_named_after_its_score_and_the_time(folder: Path) -> None:
    shown = create("lead", "--column", "country", "--values", "Germany, Austria", "--dry-run")
    assert re.search(r"\+  - name: LeadScoring_\d{12}\n", shown)
    assert not (folder / "scores").exists()
    assert "is in " in create("lead", "--column", "country", "--values", "Germany, Austria")
    model, already_there = load_config(folder).scores["lead"].models
    assert already_there.name == "LeadScoring"  # it goes on for the others
    assert re.fullmatch(r"LeadScoring_\d{12}", model.name)
    assert model.filter is not None
    assert model.filter.values == ("Germany", "Austria")
    assert re.search(r"\+  - name: OpportunityScoring_\d{12}\n", create("opportunity", "--dry-run"))


@pytest.mark.fact("1c.overlap")
@pytest.mark.usefixtures("folder")
def test_overlaps_are_warned_about_and_names_are_not_given_twice() -> None:
    create("lead", "--name", "First")
    assert "Warning: scores/lead.yml: the models LeadScoring and Second may both" in create("lead", "--name", "Second")
    with pytest.raises(RequestRefused, match="a model named FIRST already"):
        create("opportunity", "--name", "FIRST")
    with pytest.raises(RequestRefused, match="A filter needs both"):
        create("lead", "--column", "country")


@pytest.mark.fact("1c.ten-models")
@pytest.mark.usefixtures("folder")
def test_the_eleventh_model_is_refused() -> None:
    for number in range(9):  # besides the one that was there
        create("lead", "--name", f"M{number}")
    with pytest.raises(RequestRefused, match="has 10 models, which is the most"):
        create("lead", "--name", "M10")


@pytest.mark.usefixtures("folder")
def test_all_models_are_listed() -> None:
    listed = CliRunner().invoke(app, ["models"]).output
    assert re.search(r"lead\s+LeadScoring\s+all records\s+none\s+none\s+not trained", listed)
