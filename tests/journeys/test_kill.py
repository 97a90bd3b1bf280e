"""A kill at any moment loses nothing and duplicates nothing."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from dataclasses import dataclass, replace
from itertools import pairwise
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
    assert days.start("undisturbed").ended_well(), days.log("undisturbed")

    for drawn in _moments(days.done("undisturbed")):
        moment = drawn
        while not days.start("disturbed").killed_at(moment):
            moment = moment.sooner()

    assert days.start("disturbed").ended_well(), days.log("disturbed")
    left, right = (tables(Workspace.open(days.environment(name))) for name in ("undisturbed", "disturbed"))
    assert left.keys() == right.keys()
    different = [name for name in left if left[name] != right[name]]
    assert different == []
    assert len(left["marts.lead_scores"]) > 0
    assert len(left["forecasts.managers"]) > 0


@dataclass(frozen=True)
class _Moment:
    """So many seconds after a step was done: it is met also where a machine, or a day, is slower than another."""

    after: str
    seconds: float

    def sooner(self) -> _Moment:
        """For a step that is over faster than it was on the undisturbed day."""
        return replace(self, seconds=self.seconds / 2)


def _moments(done: list[tuple[float, str]]) -> list[_Moment]:
    """Moments drawn from a whole day. The earlier ones first: a model that is in use is not trained once more."""
    draw = random.Random(20261122)
    instants = sorted(draw.uniform(0.0, done[-1][0]) for _ in range(KILLS))
    spans = [(begin, end, name) for (begin, name), (end, _) in pairwise(done)]
    return [
        _Moment(name, instant - begin) for instant in instants for begin, end, name in spans if begin <= instant < end
    ]


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

    def done(self, name: str) -> list[tuple[float, str]]:
        """Seconds since the start and name of every step of the last day."""
        return _steps_in(self._folder / f"{name}.done")

    def start(self, name: str) -> _Day:
        done = self._folder / f"{name}.done"
        done.write_text("")
        process = self._context.Process(
            target=live, args=(self.environment(name), self._folder / f"{name}.log", done), name=name
        )
        process.start()
        return _Day(process, done)


class _Day:
    def __init__(self, process: ForkServerProcess, done: Path) -> None:
        self._process, self._done = process, done

    def ended_well(self) -> bool:
        self._process.join()
        return self._process.exitcode == 0

    def killed_at(self, moment: _Moment) -> bool:
        """SIGKILL for the process and all that it started; False where it had ended before."""
        while moment.after not in [name for _, name in _steps_in(self._done)]:
            assert self._process.is_alive(), f"the day ended before '{moment.after}': there was nothing to kill"
            time.sleep(0.01)
        time.sleep(moment.seconds)
        was_alive = self._process.is_alive()
        if was_alive and self._process.pid:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.join()
        return was_alive


def _steps_in(path: Path) -> list[tuple[float, str]]:
    """The whole lines of a file of steps; a last one that is being written waits."""
    lines = path.read_text().split("\n")[:-1]
    return [(float(seconds), name) for seconds, _, name in (line.partition(" ") for line in lines)]
