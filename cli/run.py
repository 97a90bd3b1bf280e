"""``sales-insights run``: prepare, start Airflow, run one whole day, show what came out, and stay up or stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from rich.console import Console
from rich.markup import escape

from cli.airflow_api import AirflowApi
from cli.airflow_process import TELEMETRY_OFF, Airflow, await_health, only_one, standalone
from cli.day import Outcome, await_dags, end_leftovers, run_day
from cli.progress import progress
from cli.summary import summarise
from config.workspace import Workspace

POOL: Final = "warehouse"
TERMINATED: Final = 143


@dataclass(frozen=True)
class Demo:
    """How the demo organisation is shown, where no other is named.

    Attributes:
        size: tiny, small or large.
        from_files: from its exported files instead of its services.
        failures: seed of the services' plan of failures; 0: none.
    """

    size: str
    from_files: bool
    failures: int


def run(console: Console, *, once: bool, as_of: str | None, demo: Demo) -> int:
    """Run a whole day; returns the exit status: 0 only where every task succeeded."""
    os.environ.update(TELEMETRY_OFF)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is started without
    named = Workspace.open()
    with only_one(named), _organisation(named, named.day(as_of), demo, console) as workspace:
        console.print(f"Organisation      {workspace.config.organisation.name}, as of {workspace.day(as_of)}")
        console.print(f"Data              {workspace.data.root}", soft_wrap=True)
        with standalone(workspace) as airflow:
            api = _ready(airflow, workspace, console)
            outcome = _day(api, as_of, console, wait_for_people=not once)
            _say(outcome, workspace, airflow, console)
            if not once:
                _stay(airflow, console)
    return 0 if outcome.succeeded else 1


@contextmanager
def _organisation(named: Workspace, day: date, demo: Demo, console: Console) -> Iterator[Workspace]:
    """The workspace that is named; where none is, the demo organisation's, whose services run as long as the block."""
    started = time.monotonic()
    if os.environ.get("SALES_INSIGHTS_CONFIG") or os.environ.get("SALES_INSIGHTS_INPUT"):
        console.print(f"Input             {named.input_folder}", soft_wrap=True)
        yield named
    elif demo.from_files:
        from extract.demo import write_demo

        write_demo(named.data.demo, demo.size, day)
        console.print(f"Demo organisation written in {time.monotonic() - started:.0f} s; its size is '{demo.size}'.")
        console.print(f"Input             {named.data.demo}", soft_wrap=True)
        yield replace(named, input_folder=named.data.demo)
    else:
        from extract.demo.failures import Plan
        from extract.demo.serve import serving

        folder = named.data.demo / "services"
        with serving(folder, demo.size, day, plan=Plan(demo.failures) if demo.failures else None) as served:
            os.environ.update(served.environment | {"SALES_INSIGHTS_DATA": str(named.data.root)})
            console.print(
                f"Demo organisation served after {time.monotonic() - started:.0f} s; its size is '{demo.size}'."
            )
            for line in served.told():
                console.print(line, soft_wrap=True, highlight=False)
            yield Workspace.open()


def _ready(airflow: Airflow, workspace: Workspace, console: Console) -> AirflowApi:
    """Wait for Airflow; the model registry is prepared meanwhile, since its first call is slow."""
    from models_ml.registry import prepare

    console.print(f"Airflow           {airflow.address}  starts; user {airflow.user}, password {airflow.password}")
    console.print(f"                  its own log: {airflow.log}", soft_wrap=True)
    registry = threading.Thread(target=prepare, args=(workspace,))
    registry.start()
    api = AirflowApi(airflow)
    await_health(airflow, api.is_healthy)
    api.sign_in()
    api.make_pool(POOL, 1, "One process at a time may open the warehouse.")
    await_dags(api)
    if leftovers := end_leftovers(api):
        console.print(
            f"Ended before the day: {leftovers} runs that waited or were interrupted. This day does their work."
        )
    registry.join()
    return api


def _day(api: AirflowApi, as_of: str | None, console: Console, *, wait_for_people: bool) -> Outcome:
    console.print("\n[bold]The day[/]")
    with progress(console, api.result, api.log_tail) as show:
        return run_day(api, as_of, show, wait_for_people=wait_for_people)


def _say(outcome: Outcome, workspace: Workspace, airflow: Airflow, console: Console) -> None:
    console.print()
    summarise(workspace, console)
    console.print(f"Airflow           {airflow.address}  user {airflow.user}, password {airflow.password}\n")
    for task in outcome.failed:
        console.print(f"[red]failed[/]  {task.dag_id}.{escape(task.name)}", highlight=False)
    for task in outcome.waiting:
        console.print(
            f"[cyan]waits for approval[/]  {task.dag_id}.{escape(task.name)}: open Airflow, 'Required Actions'"
        )
    if outcome.succeeded:
        skipped = sum(task.state == "skipped" for task in outcome.tasks)
        note = f", {skipped} skipped (a gate that stayed shut, or no model due)" if skipped else ""
        console.print(f"All went well: {len(outcome.tasks)} tasks{note}.")


def _stay(airflow: Airflow, console: Console) -> None:
    console.print("Airflow stays up. Ctrl-C stops it and everything it started.")
    try:
        airflow.process.wait()
    except KeyboardInterrupt:
        console.print("\nStopping …")
