"""The benchmark's own arithmetic: whose memory, whose time, which rows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from config.workspace import Workspace
from tests.bench.live import PROJECT
from tests.bench.measure import Measured, table
from tests.bench.rows import count
from tests.bench.run import steps
from warehouse.connection import open_warehouse

MEASURE = """
import dataclasses, json, os, pathlib, sys
from tests.bench.measure import measure
log, *codes = sys.argv[1:]
found = [measure("step", [sys.executable, "-c", code], os.environ, pathlib.Path(log)) for code in codes]
print(json.dumps([dataclasses.asdict(one) for one in found]))
"""


def measured(log: Path, *codes: str) -> list[Measured]:
    """Measure pieces of Python as the benchmark does: from one process that is small, unlike that of the tests."""
    command = [sys.executable, "-c", MEASURE, str(log), *codes]
    told = subprocess.run(command, cwd=PROJECT, capture_output=True, check=True).stdout
    return [Measured(**one) for one in json.loads(told)]


def test_a_step_is_charged_with_its_own_memory_only(tmp_path: Path) -> None:
    before, greedy, after = measured(tmp_path / "log", "pass", "x = bytearray(300_000_000)", "pass")
    assert greedy.peak_mb > before.peak_mb + 100
    assert greedy.peak_mb > after.peak_mb + 100


def test_time_and_exit_status_are_the_step_s_own(tmp_path: Path) -> None:
    (asleep,) = measured(tmp_path / "log", "import time, sys; time.sleep(0.5); print('said'); sys.exit(3)")
    assert asleep.exit_status == 3
    assert asleep.seconds >= 0.5
    assert asleep.cpu_seconds < asleep.seconds
    assert (tmp_path / "log").read_text() == "said\n"


def test_the_table_shows_a_run_beside_the_one_before() -> None:
    day = [Measured("load", 0, 2.0, 1.5, 210.4), Measured("validate lead", 3, 1.0, 0.9, 99.6)]
    assert table(day, {"load": 5000}, {"load": 2.5}).splitlines() == [
        "step            rows  seconds  rows/s  CPU s  peak MB  before  note",
        "load           5,000      2.0   2,500    1.5      210     2.5",
        "validate lead             1.0            0.9      100          gate shut",
        "all                       3.0            2.4      210     2.5",
    ]


def test_rows_of_steps_that_have_not_run_are_not_counted(workspace: Workspace) -> None:
    with open_warehouse(workspace) as connection:
        rows = count(connection, ["lead"])
    assert set(rows.values()) <= {None, 0}
    named = {name for name, _ in steps("tiny")}
    assert {step for step in rows if "lead" in step or " " not in step} <= named
