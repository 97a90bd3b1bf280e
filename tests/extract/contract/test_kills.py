"""Fifty kills at random moments of fetch and load: after the next clean run all is as if nothing had happened."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import duckdb
import pytest

from tests.extract.contract.adapter import adapter, held_to
from tests.extract.contract.reading import FIRST, Sources
from tests.extract.contract.runs import Run, Runner
from tests.layers import build_tables

KILLS: Final = (16, 50)
"""By the end of each day: of the first reading, and of one of changes."""
VERBS: Final = (*(f"fetch {source}" for source in held_to("kills")), "load")
OF_EACH: Final = KILLS[-1] // len(VERBS) // 2
"""Each verb is killed as often at least, whatever the others meet."""
pytestmark = pytest.mark.timeout(900)
PAUSES: Final = {"extract.http._FIRST_PAUSE": 0.01}


@dataclass
class Killing:
    """The organisations of all live sources, and what is done to those who read them."""

    sources: Sources
    runner: Runner
    moments: random.Random = field(default_factory=lambda: random.Random(20261122))
    seconds: dict[str, float] = field(default_factory=dict)
    killed: Counter[str] = field(default_factory=Counter)
    sooner: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    started: int = 0
    items: int = 10

    def clean(self, name: str, day: date) -> None:
        """Every verb to its end; of those that were never disturbed, how long each took is remembered."""
        for verb in VERBS:
            begun = time.monotonic()
            self._start(verb, name, day)
            assert self.runner.end() == 0, verb
            if name == "undisturbed":
                self.seconds[verb] = time.monotonic() - begun

    def kill(self, verb: str, name: str, day: date) -> None:
        """Start a verb and kill it at any moment of the time that it takes when it is left alone.

        The machine may have been busier when that was measured. So the time is halved where a verb has ended before,
        and doubled again by two kills: two of three attempts meet something, at any moment of it, on any machine.
        """
        process = self._start(verb, name, day)
        time.sleep(self.moments.uniform(0, 0.95) * self.seconds[verb] / 2 ** self.sooner[verb])
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        status = self.runner.end()
        assert status in {0, -signal.SIGKILL}, f"{verb} ended by itself with {status}"
        self.sooner[verb] = self.sooner[verb] + 1 if status == 0 else max(self.sooner[verb] - 0.5, 0)
        self.killed[verb] += status == -signal.SIGKILL
        self.started += 1

    def lacks(self, kills: int) -> bool:
        """Whether there were fewer kills than these, or on their last day too few of a verb."""
        of_each = OF_EACH if kills == KILLS[-1] else 0
        return self.killed.total() < kills or min(self.killed[verb] for verb in VERBS) < of_each

    def add(self) -> None:
        """Something new everywhere, so that every reading has something to lose."""
        self.items += 1
        for organisation in self.sources.served.values():
            organisation.add([self.items])

    def _start(self, verb: str, name: str, day: date) -> int:
        return self.runner.start(Run(verb, self.sources.environment(name), day.isoformat(), PAUSES))


@pytest.fixture(scope="module")
def killing(tmp_path_factory: pytest.TempPathFactory, runner: Runner) -> Iterator[Killing]:
    """Two days of all live sources, killed again and again, and left alone."""
    folder = tmp_path_factory.mktemp("kills")
    with ExitStack() as stack:
        served = {name: stack.enter_context(adapter(name).organisation(folder)) for name in held_to("kills")}
        told = Killing(Sources(folder, served), runner)
        for day, kills in enumerate(KILLS):
            _a_day(told, FIRST + timedelta(days=day), kills)
        yield told


def _a_day(killing: Killing, day: date, kills: int) -> None:
    """On the first day all is there from the beginning: what comes later would be no back-fill."""
    for organisation in killing.sources.served.values():
        organisation.add(range(1, 8)) if day == FIRST else organisation.live_on(8)
    killing.clean("undisturbed", day)
    while killing.lacks(kills):
        assert killing.started < 2 * KILLS[-1], f"most verbs ended before they could be killed: {killing.killed}"
        for verb in killing.moments.sample(VERBS, len(VERBS)):
            if day != FIRST:
                killing.add()
            killing.kill(verb, "disturbed", day)
    killing.clean("disturbed", day)
    if day != FIRST:
        killing.clean("undisturbed", day)


def test_kills_met_every_verb(killing: Killing) -> None:
    assert killing.killed.total() >= KILLS[-1]
    assert killing.killed.total() > killing.started / 2
    assert min(killing.killed[verb] for verb in VERBS) >= OF_EACH, killing.killed


def test_raw_tables_are_those_of_an_undisturbed_run(killing: Killing) -> None:
    raw = killing.sources.raw("disturbed")
    assert raw == killing.sources.raw("undisturbed")
    assert {table.partition("__")[0] for table, rows in raw.items() if rows} == set(held_to("kills"))


def test_history_is_that_of_an_undisturbed_run(killing: Killing) -> None:
    history = {name: _history(killing.sources, name) for name in ("undisturbed", "disturbed")}
    assert history["disturbed"] == history["undisturbed"]
    assert sum(rows.total() > 0 for rows in history["disturbed"].values()) >= 4


def _history(sources: Sources, name: str) -> dict[str, Counter[tuple[Any, ...]]]:
    """Every table of the history. Built in one data folder for all, so that dbt takes its project apart only once."""
    workspace = sources.workspace("built")
    shutil.copytree(sources.folder / name, sources.folder / "built", dirs_exist_ok=True)
    build_tables(workspace, "staging", "history")
    found = {}
    with duckdb.connect(str(workspace.data.warehouse), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'history'").fetchall()
        for (table,) in tables:
            found[table] = Counter(connection.execute(f"select * exclude (row_id) from history.{table}").fetchall())
    return found
