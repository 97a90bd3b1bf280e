"""The policy of DAGs, held against what Airflow itself reads from ``dags/``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.house.bag import read_bag
from tests.house.tree import PROJECT, plant

Bag = dict[str, Any]
FOUR_LINES = ("Runs", "Reads", "Writes", "Fails")
WITHOUT_WAREHOUSE = {
    "extract.check_source.check_source",
    "extract.fetch.fetch",
    "extract.fetch.fetch_arrivals",
    "models_ml.forecast.forecast.forecast",
}
"""The verbs that never open the warehouse, so that their lanes run side by side."""

GOOD = '''"""What it does.

- Runs: daily.
- Reads: all.
- Writes: all.
- Fails: never.
"""
from datetime import datetime
from airflow.sdk import dag, task

@dag(schedule=None, start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1, default_args={"retries": 2},
     tags=["daily"], doc_md=__doc__)
def good():
    @task(pool="warehouse")
    def build():
        from warehouse.dbt import build

        build()

    @task(map_index_template="{{ 1 }}")
    def fetch(source):
        from extract.fetch import fetch

        fetch(source)

    fetch.expand(source=["a"]) >> build()

good()
'''
GATE = """    @task.short_circuit(ignore_downstream_trigger_rules=False)
    def gate():
        return False

"""
BAD = {
    "misnamed": GOOD,
    "undocumented": GOOD.replace("good()", "undocumented()").replace("- Reads: all.\n", ""),
    "other_page": GOOD.replace("good()", "other_page()").replace("doc_md=__doc__", "doc_md='Runs'"),
    "many_runs": GOOD.replace("good()", "many_runs()").replace("max_active_runs=1", "max_active_runs=2"),
    "catching_up": GOOD.replace("good()", "catching_up()").replace("catchup=False", "catchup=True"),
    "untagged": GOOD.replace("good()", "untagged()").replace('tags=["daily"]', "tags=[]"),
    "unretried": GOOD.replace("good()", "unretried()").replace('{"retries": 2}', "{}"),
    "unpooled": GOOD.replace("good()", "unpooled()").replace('pool="warehouse"', ""),
    "queueing": GOOD.replace("good()", "queueing()").replace("(map_index", '(pool="warehouse", map_index'),
    "unlabelled": GOOD.replace("good()", "unlabelled()").replace('map_index_template="{{ 1 }}"', ""),
    "idle_wrapper": GOOD.replace("good()", "idle_wrapper()")
    .replace("def build", "def make")
    .replace(">> build", ">> make"),
    "short": GOOD.replace("good()", "short()")
    .replace("    @task(pool", f"{GATE}    @task(trigger_rule='none_failed', pool")
    .replace(">> build", ">> gate() >> build"),
    "heavy": GOOD.replace("good()", "heavy()").replace("from datetime", "import pandas\nfrom datetime"),
    "broken": "import airflow.sdk\nfrom nowhere import dag\n",
}
FOUND = {
    "misnamed": "misnamed.py: the DAG is called good; name the file after it",
    "undocumented": "undocumented: the docstring has no line '- Reads: '",
    "other_page": "other_page: doc_md is not the module's docstring",
    "many_runs": "many_runs: max_active_runs is 2, not 1",
    "catching_up": "catching_up: catchup is on; what is missed is fetched by the next run",
    "untagged": "untagged: no tags",
    "unretried": "unretried.",
    "unpooled": "unpooled.build: opens the warehouse outside of its pool",
    "queueing": "queueing.fetch: waits for the warehouse that it never opens",
    "unlabelled": "unlabelled.fetch: mapped without map_index_template; its lanes would be called 0, 1, 2",
    "idle_wrapper": "idle_wrapper.make: calls build; name the task after its verb",
    "short": "short.gate: skips build, which has a trigger rule of its own",
    "heavy": "heavy at parse time: pandas",
    "broken": "broken.py: ",
}


def violations(bag: Bag) -> list[str]:
    """What is wrong with a folder of DAGs; an empty folder is wrong as well."""
    found = [] if bag["dags"] else ["there is no DAG"]
    found += [f"{Path(file).name}: {error}" for file, error in bag["import_errors"].items()]
    found += [f"heavy at parse time: {module}" for module in bag["heavy"]]
    for dag in bag["dags"]:
        found += _dag_violations(dag)
        found += [f"{dag['dag_id']}.{message}" for task in dag["tasks"] for message in _task_violations(task)]
    return found


def _dag_violations(dag: dict[str, Any]) -> list[str]:
    dag_id, doc = dag["dag_id"], dag["module_doc"] or ""
    checks = {
        f"{dag['file']}: the DAG is called {dag_id}; name the file after it": dag["file"] == f"{dag_id}.py",
        f"{dag_id}: doc_md is not the module's docstring": (dag["doc_md"] or "").strip() == doc.strip(),
        f"{dag_id}: max_active_runs is {dag['max_active_runs']}, not 1": dag["max_active_runs"] == 1,
        f"{dag_id}: catchup is on; what is missed is fetched by the next run": not dag["catchup"],
        f"{dag_id}: no tags": bool(dag["tags"]),
    }
    checks |= {
        f"{dag_id}: the docstring has no line '- {word}: '": bool(re.search(rf"^- {word}: \S", doc, re.MULTILINE))
        for word in FOUR_LINES
    }
    return [message for message, holds in checks.items() if not holds]


def _task_violations(task: dict[str, Any]) -> list[str]:
    task_id, opens = task["task_id"], set(task["verbs"]) - WITHOUT_WAREHOUSE
    own_name = task_id.rpartition(".")[2]
    checks = {
        f"skips {', '.join(task['cut_short'])}, which has a trigger rule of its own": not task["cut_short"],
        "no retries": task["retries"] > 0 or not task["verbs"],
        "opens the warehouse outside of its pool": not opens or task["pool"] == "warehouse",
        "waits for the warehouse that it never opens": bool(opens) or task["pool"] != "warehouse",
        "mapped without map_index_template; its lanes would be called 0, 1, 2": not task["is_mapped"] or task["label"],
    }
    verbs = [name.rpartition(".")[2] for name in task["verbs"]]
    if not any(own_name == verb or own_name.startswith(f"{verb}_") for verb in verbs):  # others may be handed to it
        checks |= {f"calls {verb}; name the task after its verb": False for verb in verbs}
    return [f"{task_id}: {message}" for message, holds in checks.items() if not holds]


@pytest.fixture(scope="module")
def bad_bag(tmp_path_factory: pytest.TempPathFactory) -> Bag:
    folder = plant(tmp_path_factory.mktemp("bad"), {f"dags/{name}.py": text for name, text in BAD.items()})
    return read_bag(folder / "dags", folder / "airflow")


def test_the_dags_keep_the_policy(tmp_path: Path) -> None:
    assert violations(read_bag(PROJECT / "dags", tmp_path)) == []


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_dag_is_found(name: str, bad_bag: Bag) -> None:
    assert [line for line in violations(bad_bag) if line.startswith(FOUND[name])] != []


def test_nothing_else_is_found_in_the_bad_dags(bad_bag: Bag) -> None:
    expected = tuple(FOUND.values())
    assert [line for line in violations(bad_bag) if not line.startswith(expected)] == []


def test_an_empty_folder_is_found() -> None:
    assert violations({"dags": [], "import_errors": {}, "heavy": []}) == ["there is no DAG"]
