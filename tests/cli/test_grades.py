"""Grades on the command line: shown with what they have meant, and saved only if they are valid."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cli.grades import _print
from cli.main import app
from config.errors import ConfigError, RequestRefused
from config.load import load_config
from config.schema.grades import Grades
from models_ml.scoring.grade_preview import GradePreview
from models_ml.scoring.grades import HeldOut, choose
from tests.conftest import write_files

LEAD = "horizon_days: 30\n# Ours.\ngrades: {A: 60, B: 40, C: 20}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An organisation's configuration folder, which the environment names."""
    config = tmp_path / "config"
    write_files(config, {"scores/lead.yml": LEAD})
    monkeypatch.setenv("SALES_INSIGHTS_CONFIG", str(config))
    monkeypatch.setenv("SALES_INSIGHTS_DATA", str(tmp_path / "data"))
    return config


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["grades", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.fact("1e.header", "1e.lift")
def test_a_preview_is_a_table_of_what_the_grades_have_meant(capsys: pytest.CaptureFixture[str]) -> None:
    """Facts 1e: per grade the rate with its lift and the share; above it the overall rate and the score range."""
    scores = np.repeat([80, 50, 30, 10], [10, 30, 40, 20])
    labels = np.concatenate([np.arange(size) < good for size, good in ((10, 9), (30, 18), (40, 11), (20, 2))])
    held_out = HeldOut(labels, scores, np.ones(100))
    open_scores, open_grades = np.array([72, 65, 45, 3]), np.array(["A", "A", "B", "D"])
    grades = choose(Grades(A=70, B=40, C=20), held_out)
    _print(GradePreview("lead", "lead-1", grades, held_out, date(2026, 6, 30), open_scores, open_grades))
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "overall conversion 40.0 %, scores 10 to 80" in " ".join(lines)
    assert lines[-6:] == [
        "grade scores conversion lift share open records",
        "A green 70 to 100 90.0 % 2.25x 10.0 % 1",
        "B purple 40 to 69 60.0 % 1.50x 30.0 % 2",
        "C yellow 20 to 39 27.5 % 0.69x 40.0 % 0",
        "D red 0 to 19 10.0 % 0.25x 20.0 % 1",
        "1 of 4 open records would change their grade.",
    ]


@pytest.mark.fact("1e.save")
def test_a_minimum_that_is_not_given_is_the_one_that_is_set(folder: Path) -> None:
    run("save", "lead", "--b", "55")
    assert load_config(folder).scores["lead"].grades == Grades(A=60, B=55, C=20)


def test_a_dry_run_shows_the_change_and_saves_nothing(folder: Path) -> None:
    shown = run("save", "lead", "--a", "70", "--b", "50", "--c", "30", "--dry-run")
    assert "-grades: {A: 60, B: 40, C: 20}\n+grades: {A: 70, B: 50, C: 30}" in shown
    assert (folder / "scores" / "lead.yml").read_text() == LEAD


@pytest.mark.fact("1e.set-to-default")
def test_what_is_saved_leaves_the_rest(folder: Path) -> None:
    assert "next 'sales-insights apply lead'" in run("save", "lead", "--default")
    assert (folder / "scores" / "lead.yml").read_text() == LEAD.replace("{A: 60, B: 40, C: 20}", "default")
    assert "these are the grades already" in run("save", "lead", "--default")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--a", "40"), r"A \(40\) must begin above B \(40\).*Choose other minima"),
        (("--a", "101"), "A Input should be less than or equal to 100"),
        (("--c", "0"), "C Input should be greater than or equal to 1"),
        ((), "Give minima, such as --a 70"),
        (("--a", "70", "--default"), "one of the two"),
    ],
)
def test_wrong_grades_are_neither_previewed_nor_saved(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    for command in ("preview", "save"):
        with pytest.raises(RequestRefused, match=message):
            run(command, "lead", *arguments)
    assert (folder / "scores" / "lead.yml").read_text() == LEAD


@pytest.mark.usefixtures("folder")
def test_derived_grades_are_replaced_by_all_three_minima() -> None:
    run("save", "lead", "--default")
    with pytest.raises(RequestRefused, match="add --b, --c"):
        run("save", "lead", "--a", "70")


def test_the_shipped_configuration_is_not_written_to(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SALES_INSIGHTS_CONFIG")
    with pytest.raises(RequestRefused, match="name it in SALES_INSIGHTS_CONFIG"):
        run("save", "lead", "--default")
    with pytest.raises(ConfigError, match="no score 'leed'"):
        run("save", "leed", "--default")
    assert (folder / "scores" / "lead.yml").read_text() == LEAD
