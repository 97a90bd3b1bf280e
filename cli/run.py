"""``sales-insights run``: prepare, start Airflow, run one whole day, show what came out, and stay up or stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import replace
from typing import Final

from rich.console import Console

from cli.airflow_api import AirflowApi
from cli.airflow_process import TELEMETRY_OFF, Airflow, await_health, only_one, standalone
from cli.day import Outcome, await_dags, end_leftovers, run_day
from cli.progress import progress
from cli.summary import summarise
from config.workspace import Workspace

POOL: Final = "warehouse"
TERMINATED: Final = 143


def run(console: Console, *, once: bool, as_of: str | None, demo_size: str) -> int:
    """Run a whole day; returns the exit status: 0 only where every task succeeded."""
    os.environ.update(TELEMETRY_OFF)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is started without
    workspace = Workspace.open()
    with only_one(workspace):
        workspace = _with_input(workspace, demo_size, console)
        console.print(f"Organisation      {workspace.config.organisation.name}, as of {workspace.day(as_of)}")
        console.print(f"Input             {workspace.input_folder}", soft_wrap=True)
        console.print(f"Data              {workspace.data.root}", soft_wrap=True)
        with standalone(workspace) as airflow:
            api = _ready(airflow, workspace, console)
            outcome = _day(api, as_of, console, wait_for_people=not once)
            _say(outcome, workspace, airflow, console)
            if not once:
                _stay(airflow, console)
    return 0 if outcome.succeeded else 1


def _with_input(workspace: Workspace, demo_size: str, console: Console) -> Workspace:
    """The workspace with its input; without any given it is the demo organisation's, written here."""
    if os.environ.get("SALES_INSIGHTS_CONFIG") or os.environ.get("SALES_INSIGHTS_INPUT"):
        return workspace
    from extract.demo import write_demo

    started = time.monotonic()
    write_demo(workspace.data.demo, demo_size, workspace.config.organisation.as_of)
    console.print(f"Demo organisation written in {time.monotonic() - started:.0f} s; its size is '{demo_size}'.")
    return replace(workspace, input_folder=workspace.data.demo)


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
        console.print(f"[red]failed[/]  {task.dag_id}.{task.name}", highlight=False)
    for task in outcome.waiting:
        console.print(f"[cyan]waits for approval[/]  {task.dag_id}.{task.name}: open Airflow, 'Required Actions'")
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
