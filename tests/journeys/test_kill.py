"""A kill at any moment loses nothing and duplicates nothing."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Final

import pytest

from config.workspace import Workspace
from extract.demo import write_demo
from tests.journeys.day import LIBRARIES, live, tables

KILLS: Final = 10


@pytest.mark.timeout(900)
def test_ten_kills_at_random_moments_leave_the_tables_of_an_undisturbed_run(tmp_path: Path) -> None:
    write_demo(tmp_path / "input", "tiny", None)
    days = _Days(tmp_path)
    started = time.monotonic()
    assert days.start("undisturbed").ended_well(), days.log("undisturbed")
    seconds = time.monotonic() - started

    moments = random.Random(20261122)
    killed = 0
    for _ in range(KILLS):
        day = days.start("disturbed")
        time.sleep(moments.uniform(0.02, 0.98) * seconds)
        killed += day.kill()
    assert killed >= KILLS // 2, "the runs ended before they could be killed: nothing was tested"

    assert days.start("disturbed").ended_well(), days.log("disturbed")
    left, right = (tables(Workspace.open(days.environment(name))) for name in ("undisturbed", "disturbed"))
    assert left.keys() == right.keys()
    different = [name for name in left if left[name] != right[name]]
    assert different == []
    assert len(left["marts.lead_scores"]) > 0
    assert len(left["forecasts.managers"]) > 0


class _Days:
    """Starts days, each in a process of its own that has the libraries already: a kill then meets a step, no import."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.journeys.day", *LIBRARIES])

    def environment(self, name: str) -> dict[str, str]:
        return {"SALES_INSIGHTS_DATA": str(self._folder / name), "SALES_INSIGHTS_INPUT": str(self._folder / "input")}

    def log(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text()

    def start(self, name: str) -> _Day:
        process = self._context.Process(target=live, args=(self.environment(name), self._folder / f"{name}.log"))
        process.start()
        return _Day(process)


class _Day:
    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    def ended_well(self) -> bool:
        self._process.join()
        return self._process.exitcode == 0

    def kill(self) -> bool:
        """SIGKILL for the process and all that it started; False where it had ended before."""
        was_alive = self._process.is_alive()
        if was_alive and self._process.pid:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.join()
        return was_alive
