"""A kill at any moment loses nothing and duplicates nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.workspace import Workspace
from extract.demo import write_demo
from tests.conftest import PROJECT
from tests.journeys.day import tables

KILLS = 10


@pytest.mark.timeout(900)
def test_ten_kills_at_random_moments_leave_the_tables_of_an_undisturbed_run(tmp_path: Path) -> None:
    write_demo(tmp_path / "input", "tiny", None)
    undisturbed, disturbed = (_environment(tmp_path, name) for name in ("undisturbed", "disturbed"))
    started = time.monotonic()
    assert _start(undisturbed, tmp_path / "undisturbed.log").wait() == 0, (tmp_path / "undisturbed.log").read_text()
    seconds = time.monotonic() - started

    moments = random.Random(20261122)
    killed = 0
    for _ in range(KILLS):
        process = _start(disturbed, tmp_path / "disturbed.log")
        time.sleep(moments.uniform(0.05, 0.95) * seconds)
        killed += process.poll() is None
        _kill(process)
    assert killed >= KILLS // 2, "the runs ended before they could be killed: nothing was tested"

    assert _start(disturbed, tmp_path / "last.log").wait() == 0, (tmp_path / "last.log").read_text()
    left, right = (tables(Workspace.open(environment)) for environment in (undisturbed, disturbed))
    assert left.keys() == right.keys()
    different = [name for name in left if left[name] != right[name]]
    assert different == []
    assert len(left["marts.lead_scores"]) > 0
    assert len(left["forecasts.managers"]) > 0


def _environment(folder: Path, name: str) -> dict[str, str]:
    return {"SALES_INSIGHTS_DATA": str(folder / name), "SALES_INSIGHTS_INPUT": str(folder / "input")}


def _start(environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """The day in a process group of its own, as a shell would start it."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.day"],
            cwd=PROJECT,
            env=os.environ | environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
