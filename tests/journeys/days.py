"""Days in processes of their own, which can be killed, or run to their end beside one that reads."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from tests.journeys.day import LIBRARIES, live


@dataclass(frozen=True)
class Done:
    """A step of a day that is done: seconds since the day's start, and its place in the day. -1: the start itself."""

    seconds: float
    place: int
    name: str


@dataclass(frozen=True)
class Moment:
    """So many seconds after a step was done: it is met also where a machine, or a day, is slower than another."""

    after: int
    seconds: float

    def sooner(self) -> Moment:
        """For a step that is over faster than it was on the undisturbed day."""
        return replace(self, seconds=self.seconds / 2)


class Days:
    """Starts days, each in a process of its own that has the libraries already: a kill then meets a step, no import."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.journeys.day", *LIBRARIES])

    def environment(self, name: str, exported: str = "input") -> dict[str, str]:
        """What names the workspace of a day: its data folder, and its folder of exported files."""
        return {"SALES_INSIGHTS_DATA": str(self._folder / name), "SALES_INSIGHTS_INPUT": str(self._folder / exported)}

    def log(self, name: str) -> str:
        """What the days in that data folder said."""
        return (self._folder / f"{name}.log").read_text()

    def done(self, name: str) -> list[Done]:
        """Every step of the last day that was done."""
        return _steps_in(self._folder / f"{name}.done")

    def start(self, name: str, exported: str = "input", as_of: str | None = None, begin: int = 0) -> Day:
        """Begin a day in the data folder of that name; ``begin``: the place of its first step, others being done."""
        done = self._folder / f"{name}.done"
        done.write_text("")
        arguments = (self.environment(name, exported), self._folder / f"{name}.log", done, as_of, begin)
        process = self._context.Process(target=live, args=arguments, name=name)
        process.start()
        return Day(process, done)


class Day:
    """A day that is on its way."""

    def __init__(self, process: ForkServerProcess, done: Path) -> None:
        self._process, self._done = process, done

    def ended_well(self) -> bool:
        """Wait for its end."""
        self._process.join()
        return self._process.exitcode == 0

    def killed_at(self, moment: Moment) -> bool:
        """SIGKILL for the process and all that it started; False where it had ended before."""
        while all(done.place < moment.after for done in _steps_in(self._done)):
            assert self._process.is_alive(), f"the day ended before {moment}: there was nothing to kill"
            time.sleep(0.01)
        time.sleep(moment.seconds)
        was_alive = self._process.is_alive()
        if was_alive and self._process.pid:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.join()
        assert was_alive or self._process.exitcode == 0, "the day failed, and was not killed"
        return was_alive


def _steps_in(path: Path) -> list[Done]:
    """The whole lines of a file of steps; a last one that is being written waits."""
    told = [line.split(" ", 2) for line in path.read_text().split("\n")[:-1]]
    return [Done(float(seconds), int(place), name) for seconds, place, name in told]
