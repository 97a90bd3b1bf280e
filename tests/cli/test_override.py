"""Overrides on the command line: what is not said is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from config.errors import RequestRefused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--score", "80", "--by", "Ann"), "--why is empty"),
        (("--score", "80", "--why", "She called."), "--by is empty"),
        (("--by", "Ann", "--why", "She called."), "A score or a grade is needed"),
        (("--score", "180", "--by", "Ann", "--why", "She called."), "between 0 and 100"),
        (("--score", "1", "--by", "Ann", "--why", "x", "--until", "30.6.2026"), "YYYY-MM-DD"),
        (("--withdraw", "--score", "80", "--by", "Ann", "--why", "x"), "sets nothing"),
        (("--withdraw", "--by", "Ann"), "--why is empty"),
    ],
)
def test_what_is_missing_is_asked_for(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SALES_INSIGHTS_DATA", str(tmp_path))
    with pytest.raises(RequestRefused, match=message):
        CliRunner().invoke(app, ["override", "lead", "L1", *arguments], catch_exceptions=False)
