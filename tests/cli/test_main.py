"""The command line as a person meets it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from cli.main import GATE_SHUT, app, main
from tests.conftest import MakeWorkspace

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Ended:
    """How the command line ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Ended]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("status", SALES_INSIGHTS_DATA=...)``: the entry point itself, in this process."""

    def _run(*arguments: str, **environment: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["sales-insights", *arguments])
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return Ended(int(ended.value.code or 0), told.out, told.err)

    return _run


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert len(result.output) > 100


def test_the_help_shows_the_order_of_a_day() -> None:
    result = CliRunner().invoke(app, ["--help"])
    assert "check raw" in " ".join(result.output.split())


def test_check_config_names_file_line_key_and_the_nearest_known_key(run: Run, tmp_path: Path) -> None:
    (tmp_path / "forecast.yml").write_text("minimum_weeks: 36\nminimum_week: 36\n")
    result = run("check-config", SALES_INSIGHTS_CONFIG=str(tmp_path))
    assert result.returncode == 1
    assert "forecast.yml:2" in result.stderr
    assert "did you mean 'minimum_weeks'" in result.stderr


def test_an_unknown_score_and_an_unknown_source_are_told_with_what_exists(run: Run, tmp_path: Path) -> None:
    data = str(tmp_path)
    assert "lead, opportunity" in run("train", "leed", SALES_INSIGHTS_DATA=data).stderr
    assert "files" in run("fetch", "dynamics", SALES_INSIGHTS_DATA=data).stderr


def test_the_installed_command_tells_a_mistake_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "forecast.yml").write_text("minimum_week: 36\n")
    named = os.environ | {"SALES_INSIGHTS_CONFIG": str(tmp_path)}
    command = [str(Path(sys.executable).with_name("sales-insights")), "check-config"]
    result = subprocess.run(command, env=named, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith("The configuration has mistakes:")
    assert "Traceback" not in result.stderr


def test_a_day_that_is_none_is_told_how_to_write_one(run: Run, tmp_path: Path) -> None:
    result = run("load", "--as-of", "30.6.2026", SALES_INSIGHTS_DATA=str(tmp_path))
    assert result.returncode == 1
    assert "YYYY-MM-DD" in result.stderr


def test_a_step_before_its_data_says_what_to_run_first(run: Run, tmp_path: Path) -> None:
    result = run("apply", "lead", SALES_INSIGHTS_DATA=str(tmp_path))
    assert result.returncode == 1
    assert "sales-insights fetch" in result.stderr


def test_status_of_an_empty_warehouse_says_that_nothing_was_loaded(run: Run, tmp_path: Path) -> None:
    result = run("status", SALES_INSIGHTS_DATA=str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert "none yet" in result.stdout
    assert "nothing yet" in result.stdout


def test_a_data_folder_of_another_organisation_is_refused(
    run: Run, make_workspace: MakeWorkspace, tmp_path: Path
) -> None:
    assert run("status", SALES_INSIGHTS_DATA=str(tmp_path / "data")).returncode == 0
    make_workspace({"organisation.yml": "name: Somebody Else\ncurrency: USD\n"})
    other = run("status", SALES_INSIGHTS_DATA=str(tmp_path / "data"), SALES_INSIGHTS_CONFIG=str(tmp_path / "config"))
    assert other.returncode == 1
    assert "Brightwater Instruments" in other.stderr
    assert "SALES_INSIGHTS_DATA" in other.stderr


def test_a_shut_gate_has_an_exit_status_of_its_own() -> None:
    assert GATE_SHUT not in {0, 1, 2}
