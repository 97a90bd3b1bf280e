"""A whole day under Airflow: start it, follow it until nothing is left to do, and say how it went."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from cli.airflow_api import AirflowApi, Run, Task
from config.errors import SalesInsightsError

DAGS: Final = ("ingest_daily", "build_daily", "train_models", "score_daily", "forecast_weekly")
_POLL_SECONDS: Final = 1.5
_QUIET_SECONDS: Final = 8  # the scheduler needs some seconds to start what an asset event calls for
_BESIDE: Final = "score_arrivals"
"""The DAG that comes by the clock, whatever else runs, and is no part of the day."""
_AWAITING: Final = frozenset({"awaiting_input", "deferred"})

Show = Callable[[list[Task]], None]


@dataclass
class Outcome:
    """How a day went."""

    tasks: list[Task] = field(default_factory=list)

    @property
    def failed(self) -> list[Task]:
        """The tasks that failed, or could not start because one before them failed."""
        return [task for task in self.tasks if task.state in {"failed", "upstream_failed"}]

    @property
    def waiting(self) -> list[Task]:
        """The approvals that wait for a person."""
        return [task for task in self.tasks if task.state in _AWAITING]

    @property
    def succeeded(self) -> bool:
        """Whether every task came to a good end; a skipped one is a gate that stayed shut or a model not due."""
        return bool(self.tasks) and all(task.state in {"success", "skipped"} for task in self.tasks)


def await_dags(api: AirflowApi, seconds: int = 300) -> None:
    """Wait until Airflow has read all DAG files.

    Raises:
        SalesInsightsError: with the import errors, or where they do not appear in time.
    """
    deadline = time.monotonic() + seconds
    while not set(DAGS) <= api.dag_ids():
        if errors := api.import_errors():
            raise SalesInsightsError("Airflow cannot read these DAGs:\n" + "\n".join(errors))
        if time.monotonic() > deadline:
            missing = ", ".join(sorted(set(DAGS) - api.dag_ids()))
            raise SalesInsightsError(f"Airflow has not found {missing}. Look at its log in the data folder.")
        time.sleep(0.5)


def end_leftovers(api: AirflowApi) -> int:
    """Fail the runs that a killed session left behind; what they began is done again, nothing twice."""
    leftovers = [run for run in api.runs() if run.is_active]
    for run in leftovers:
        api.fail(run)
    return len(leftovers)


def run_day(api: AirflowApi, as_of: str | None, show: Show, *, wait_for_people: bool) -> Outcome:
    """Start ``ingest_daily``, let the data start the rest, add the weekly forecast, and follow all to the end.

    Args:
        api: Airflow, signed in.
        as_of: the day to run, or None for the organisation's own.
        show: called at every look with all tasks so far.
        wait_for_people: whether an open approval is waited for; otherwise it is left open and the day ends.
    """
    since = datetime.now(UTC) - timedelta(seconds=2)
    api.trigger("ingest_daily", {"as_of": as_of})
    forecast_started = False
    quiet_since: float | None = None
    while True:
        runs = [run for run in api.runs(since) if run.dag_id != _BESIDE]
        tasks = [task for run in runs for task in api.tasks(run)]
        show(tasks)
        if not forecast_started and _has_succeeded(runs, "build_daily"):
            api.trigger("forecast_weekly", {"as_of": as_of})
            forecast_started = True
            continue
        active = [run for run in runs if run.is_active and (wait_for_people or not _only_waits(run, tasks))]
        if active:
            quiet_since = None
        elif quiet_since is None:
            quiet_since = time.monotonic()
        elif time.monotonic() - quiet_since > _QUIET_SECONDS:
            return Outcome(tasks)
        time.sleep(_POLL_SECONDS)


def _has_succeeded(runs: list[Run], dag_id: str) -> bool:
    return any(run.dag_id == dag_id and run.state == "success" for run in runs)


def _only_waits(run: Run, tasks: list[Task]) -> bool:
    """Whether all that is left of a run is an approval and what comes after it."""
    mine = [task for task in tasks if task.run_id == run.run_id and task.dag_id == run.dag_id]
    left = [task for task in mine if not task.is_over]
    return any(task.state in _AWAITING for task in left) and all(task.state in _AWAITING | {"waiting"} for task in left)
