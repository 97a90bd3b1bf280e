"""Run one command and measure it; show many such measurements as a table."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

KIB_PER_MB = 1024 if sys.platform != "darwin" else 1024 * 1024


@dataclass(frozen=True)
class Measured:
    """What a step cost: wall-clock and processor seconds, and the most memory any one of its processes held, in MB."""

    step: str
    exit_status: int
    seconds: float
    cpu_seconds: float
    peak_mb: float


def measure(step: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> Measured:
    """Run a command in a process of its own and wait for it; what it says goes to the log file.

    ``wait4`` tells the peak of this child and the processes that it waited for, and of no other step's. It can never
    tell less than the memory of who started it, so this module imports nothing heavy.
    """
    sys.stderr.write(f"{step} …\n")
    with log.open("wb") as output:
        started = time.monotonic()
        process = subprocess.Popen(command, env=dict(environment), stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(step, process.returncode, seconds, cpu, usage.ru_maxrss / KIB_PER_MB)


def table(measured: Sequence[Measured], rows: Mapping[str, int | None], before: Mapping[str, float]) -> str:
    """The measurements as text, beside the seconds of the run before.

    Args:
        measured: in the order they ran.
        rows: rows that a step worked on, None or no entry where there is nothing to count.
        before: seconds of the same steps in the run before; empty where there was none.
    """
    heads = ("step", "rows", "seconds", "rows/s", "CPU s", "peak MB", "before", "note")
    lines = [heads, *(_cells(one, rows.get(one.step), before.get(one.step)) for one in measured)]
    total = sum(one.seconds for one in measured)
    total_before = sum(before.get(one.step, 0.0) for one in measured)
    cpu = sum(one.cpu_seconds for one in measured)
    peak = max((one.peak_mb for one in measured), default=0.0)
    lines.append(("all", "", f"{total:.1f}", "", f"{cpu:.1f}", f"{peak:.0f}", _seconds(total_before or None), ""))
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join(_line(line, widths) for line in lines)


def _cells(one: Measured, rows: int | None, before: float | None) -> tuple[str, ...]:
    count = "" if rows is None else f"{rows:,}"
    rate = "" if rows is None or one.seconds <= 0 else f"{rows / one.seconds:,.0f}"
    note = {0: "", 3: "gate shut"}.get(one.exit_status, f"failed with {one.exit_status}")
    cost = (f"{one.seconds:.1f}", rate, f"{one.cpu_seconds:.1f}", f"{one.peak_mb:.0f}")
    return (one.step, count, *cost, _seconds(before), note)


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, *numbers, note = cells
    aligned = [cell.rjust(width) for cell, width in zip(numbers, widths[1:-1], strict=True)]
    return "  ".join([name.ljust(widths[0]), *aligned, note]).rstrip()
