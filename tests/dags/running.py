"""Run a DAG as Airflow would, in a process of its own: ``python -m tests.dags.running DAG DAY DONE`` writes JSON.

The scheduler's and the workers' parts run in this one process, over a database in a new ``AIRFLOW_HOME``.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, TypedDict

from tests.house.tree import PROJECT


class Ran(TypedDict):
    """How a run ended: its state, task (of a lane ``task[number]``) to state, task to the lines it left under XCom."""

    state: str
    tasks: dict[str, str]
    told: dict[str, list[str]]


def ran(dag: str, day: str, home: Path, done: str) -> Ran:
    """Run a DAG for a day; tasks that the pattern ``done`` matches count as done without being run."""
    dags = home / "dags"
    dags.mkdir(parents=True)
    (dags / f"{dag}.py").symlink_to(PROJECT / "dags" / f"{dag}.py")
    environment = os.environ | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "PYTHONPATH": str(PROJECT),
    }
    command = [sys.executable, "-m", "tests.dags.running", dag, day, done]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    found: Ran = json.loads(run.stdout.splitlines()[-1])
    return found


def describe(dag: str, day: str, done: str) -> Ran:
    from airflow.models.xcom import XComModel
    from airflow.utils.db import initdb
    from airflow.utils.session import create_session

    initdb()
    module: Any = importlib.import_module(f"dags.{dag}")
    run = getattr(module, dag)().test(run_conf={"as_of": day}, mark_success_pattern=re.compile(done))
    tasks = {
        f"{task.task_id}[{task.map_index}]" if task.map_index >= 0 else task.task_id: str(task.state)
        for task in run.get_task_instances()
    }
    with create_session() as session:
        kept = session.query(XComModel).filter_by(run_id=run.run_id, key="return_value", map_index=-1).all()
    return {
        "state": str(run.state),
        "tasks": tasks,
        "told": {one.task_id: XComModel.deserialize_value(one) for one in kept},
    }


if __name__ == "__main__":
    sys.stdout.write(f"\n{json.dumps(describe(*sys.argv[1:]))}\n")
