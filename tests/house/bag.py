"""Describe a folder of DAGs as Airflow sees it: ``python -m tests.house.bag FOLDER`` writes JSON.

A process of its own, because what a DAG file imports when it is parsed can only be seen where nothing else was.
"""

from __future__ import annotations

import ast
import inspect
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from tests.house.tree import PROJECT, ROOMS

HEAVY = ("dbt", "great_expectations", "lightgbm", "mlflow", "pandas", "prophet", "sklearn")


def read_bag(dags: Path, home: Path) -> dict[str, Any]:
    """The description of a folder of DAGs, made in a new process with an ``AIRFLOW_HOME`` of its own."""
    environment = os.environ | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "PYTHONPATH": str(PROJECT),
    }
    run = subprocess.run(
        [sys.executable, "-m", "tests.house.bag", str(dags)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    described: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return described


def _verbs(task: Any) -> list[str]:
    """What a task's function imports from the rooms, e.g. ``warehouse.dbt.build``."""
    function = getattr(task, "python_callable", None)
    if function is None:
        return []
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = [f"{node.module}.{alias.name}" for node in froms for alias in node.names]
    return [name for name in names if name.partition(".")[0] in set(ROOMS) - {"config", "dags"}]


def _cut_short(task: Any) -> list[str]:
    """The tasks with a trigger rule of their own that a short circuit would skip all the same."""
    if "ShortCircuit" not in type(task).__name__:
        return []
    return sorted(each.task_id for each in task.downstream_list if each.trigger_rule != "all_success")


def _task(task: Any) -> dict[str, Any]:
    mapped = type(task).__name__.endswith("MappedOperator")
    arguments = task.partial_kwargs if mapped else {}
    return {
        "task_id": task.task_id,
        "pool": task.pool,
        "retries": task.retries,
        "is_mapped": mapped,
        "cut_short": _cut_short(task),
        "label": arguments.get("map_index_template"),
        "verbs": _verbs(task),
    }


def _dag(dag: Any) -> dict[str, Any]:
    return {
        "dag_id": dag.dag_id,
        "file": Path(dag.fileloc).name,
        "doc_md": dag.doc_md,
        "module_doc": ast.get_docstring(ast.parse(Path(dag.fileloc).read_text(encoding="utf-8"))),
        "tags": sorted(dag.tags),
        "max_active_runs": dag.max_active_runs,
        "catchup": dag.catchup,
        "tasks": [_task(task) for task in dag.tasks],
    }


def describe(folder: Path) -> dict[str, Any]:
    """All DAGs of a folder, the files that could not be imported, and the heavy modules that parsing pulled in."""
    from airflow.dag_processing.dagbag import DagBag

    before = set(sys.modules)
    bag = DagBag(dag_folder=str(folder))
    return {
        "dags": [_dag(dag) for dag in bag.dags.values()],
        "import_errors": bag.import_errors,
        "heavy": sorted(set(HEAVY) & (set(sys.modules) - before)),
    }


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(describe(Path(sys.argv[1]))) + "\n")
