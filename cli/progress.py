"""The progress of a day: a live table on a terminal, plain lines anywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from cli.airflow_api import Task
from cli.day import DAGS, Show

_MARKS: Final = {
    "success": "[green]✓ done[/]",
    "failed": "[red]✗ failed[/]",
    "upstream_failed": "[red]✗ not started, a task before it failed[/]",
    "skipped": "[yellow]– skipped[/]",
    "up_for_retry": "[yellow]↻ failed, will be tried again[/]",
    "awaiting_input": "[cyan]? waits for your approval in Airflow[/]",
    "deferred": "[cyan]? waits for your approval in Airflow[/]",
}
_RUNNING: Final = frozenset({"running", "queued", "scheduled"})

Told = Callable[[Task], list[str]]


@contextmanager
def progress(console: Console, result: Told, log_tail: Told) -> Iterator[Show]:
    """A ``show`` for ``run_day``. A line per finished task, with what its verb reports; a table of what runs now."""
    lines = _Lines(console, result, log_tail)
    if not console.is_terminal:
        yield lines.show
        return
    with Live(console=console, refresh_per_second=4, transient=True) as live:

        def show(tasks: list[Task]) -> None:
            lines.show(tasks)
            live.update(_table(tasks, lines.seconds))

        yield show


class _Lines:
    """Says every change of a task's state once."""

    def __init__(self, console: Console, result: Told, log_tail: Told) -> None:
        self._console = console
        self._result = result
        self._log_tail = log_tail
        self._said: set[tuple[str, str, str, int, int, str]] = set()
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the day began."""
        return time.monotonic() - self._started

    def show(self, tasks: list[Task]) -> None:
        """Print a line for each task that has come to a new state worth telling."""
        for task in tasks:
            key = (task.dag_id, task.run_id, task.task_id, task.map_index, task.attempt, task.state)
            if task.state in _MARKS and key not in self._said:
                self._said.add(key)
                self._say(task)

    def _say(self, task: Task) -> None:
        seconds = f"{task.seconds:5.1f} s" if task.seconds is not None else " " * 7
        told = self._result(task)[:1] if task.state == "success" else []
        self._console.print(
            f"{_clock(self.seconds)}  {task.dag_id:<15}  {escape(task.name):<28}  {seconds}  {_MARKS[task.state]}"
            + "".join(f"  [dim]{line}[/]" for line in told),
            highlight=False,
            soft_wrap=True,
        )
        if task.state in {"failed", "up_for_retry"} or (task.state == "skipped" and task.seconds):
            for line in self._log_tail(task):
                self._console.print(f"{'':9}{line}", highlight=False, markup=False, soft_wrap=True)


def _table(tasks: list[Task], seconds: float) -> Table:
    table = Table(title=f"The day so far, {_clock(seconds)}", title_justify="left", box=None, padding=(0, 2))
    for heading in ("DAG", "tasks", "now"):
        table.add_column(heading)
    for dag_id in DAGS:
        mine = [task for task in tasks if task.dag_id == dag_id]
        over = sum(task.is_over for task in mine)
        now = ", ".join(escape(task.name) for task in mine if task.state in _RUNNING) or (
            "" if mine else "[dim]not yet[/]"
        )
        table.add_row(dag_id, f"{over}/{len(mine)}", now)
    return table


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
