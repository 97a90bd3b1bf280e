"""The demo organisation served: what is written reads what is served."""

from __future__ import annotations

import importlib
from datetime import date
from pathlib import Path

import pytest

from config.workspace import Workspace
from extract.check_source import check_source
from extract.demo.failures import Failing, Plan
from extract.demo.serve import SOURCES, serving
from extract.fetch import fetch

DAY = date(2026, 6, 30)


def test_every_emulator_is_served() -> None:
    for emulator in SOURCES.glob("*/emulator"):
        assert (emulator / "serve.py").is_file()


def test_the_configuration_that_is_written_reads_what_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path / "emulated", "tiny", DAY) as served:
        assert set(served.addresses) == {"dataverse", "exchange", "linkedin"}
        assert all(address in "\n".join(served.lines()) for address in served.addresses.values())
        for name, secret in served.secrets.items():
            monkeypatch.setenv(name, secret)
            assert not any(secret in path.read_text() for path in served.folder.rglob("*.yml"))
        data = str(tmp_path / "data")
        workspace = Workspace.open({"SALES_INSIGHTS_CONFIG": str(served.folder), "SALES_INSIGHTS_DATA": data})
        on = [name for name, source in workspace.config.sources.items() if source.enabled]
        assert on == ["dataverse", "exchange", "linkedin"]
        assert workspace.day() == DAY
        for source in on:
            failed = [finding.what for finding in check_source(workspace, source).failed]
            assert failed in ([], ["LinkedIn solution"])
        assert fetch(workspace, "exchange").fetched.problems == ()


def test_with_a_seed_the_services_fail_by_plan() -> None:
    emulator = importlib.import_module("extract.sources.exchange.emulator.serve")
    assert isinstance(emulator.service("tiny", DAY, Plan(7)).app, Failing)
