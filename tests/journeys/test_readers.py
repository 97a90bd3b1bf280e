"""Readers are never blocked and never see a mixture of two runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from config.workspace import Workspace
from extract.demo import write_demo
from tests.conftest import PROJECT
from tests.journeys.day import run_day


@pytest.mark.timeout(600)
def test_readers_in_a_loop_see_whole_runs_and_no_error_while_two_days_run(tmp_path: Path) -> None:
    workspace = Workspace.open(
        {"SALES_INSIGHTS_DATA": str(tmp_path / "data"), "SALES_INSIGHTS_INPUT": str(tmp_path / "input")}
    )
    first = _read_during_a_day(workspace, date(2026, 6, 29))
    second = _read_during_a_day(workspace, date(2026, 6, 30))
    assert first == {"ready", "held 2026-06-29", "fresh 2026-06-29"}
    # What was held open stays what it was; whoever opens anew sees the new day as soon as it is published.
    assert second == {"ready", "held 2026-06-29", "fresh 2026-06-29", "fresh 2026-06-30"}


def _read_during_a_day(workspace: Workspace, day: date) -> set[str]:
    write_demo(workspace.input_folder, "tiny", day)
    reader = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.reader", str(workspace.data.published)],
        cwd=PROJECT,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert reader.stdout is not None
    ready = reader.stdout.readline()
    try:
        run_day(workspace, day.isoformat())
    finally:
        reader.send_signal(signal.SIGINT)
        output, _ = reader.communicate(timeout=60)
    assert reader.returncode == 0, output
    return {line.strip() for line in (ready + output).splitlines()}
