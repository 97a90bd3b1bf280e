"""One direction: config <- warehouse <- {extract | models_ml | expectations} <- dashboards <- {dags | cli}."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.house.tree import PROJECT, ROOMS, dotted, imports, parsed, place, plant, python_files

OPENERS = {
    "warehouse/connection.py": "the door to the warehouse",
    "warehouse/publish.py": "writes the published copy",
}
"""Files that may call ``duckdb.connect`` with a file; without one it is a database in memory, which is anybody's."""

OTHER_YAML = {"cli/reference/tables.py": "dbt's own YAML, for the reference pages"}
"""Files that read YAML which no administrator writes."""

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"
Rule = Callable[[Path], list[str]]


def broken_contracts(tree: Path) -> list[str]:
    """The contracts of ``pyproject.toml`` that import-linter finds broken."""
    run = subprocess.run(
        [sys.executable, "-c", LINT, "--config", str(PROJECT / "pyproject.toml"), "--no-cache"],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode == 0:
        return []
    broken = [line.strip() for line in run.stdout.splitlines() if line.rstrip().endswith("BROKEN")]
    return [*broken, run.stdout + run.stderr]


def upward_imports(tree: Path) -> list[str]:
    """Imports of the top floor by anyone, and of Airflow outside the DAGs."""
    found = []
    for path in python_files(tree, *ROOMS):
        room = path.relative_to(tree).parts[0]
        for node, name in imports(path):
            top = name.partition(".")[0]
            if (top in {"dags", "cli"} and top != room) or top == "tests" or (top == "airflow" and room != "dags"):
                found.append(f"{place(tree, path, node)}: {room} must not import {name}")
    return found


def second_doors(tree: Path) -> list[str]:
    """A database file opened elsewhere than through the door."""
    found = []
    for path in python_files(tree, *ROOMS):
        calls = [node for node in _calls(path) if dotted(node.func) in {"duckdb.connect", "connect"}]
        readers = path.relative_to(tree).parts[0] in {"cli", "dashboards"}
        if path.relative_to(tree).as_posix() not in OPENERS:
            found += [
                f"{place(tree, path, call)}: only {', '.join(OPENERS)} open database files"
                for call in calls
                if not (_in_memory(call) or (readers and _read_only(call)))
            ]
    return found


def _in_memory(call: ast.Call) -> bool:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "database"]
    return all(isinstance(node, ast.Constant) and node.value == ":memory:" for node in [*call.args[:1], *named])


def _read_only(call: ast.Call) -> bool:
    """Opened to be read, as the command line and the pages open the published copy."""
    return any(keyword.arg == "read_only" and ast.unparse(keyword.value) == "True" for keyword in call.keywords)


def second_readers_of_yaml(tree: Path) -> list[str]:
    """YAML read elsewhere than in config."""
    return [
        f"{place(tree, path, node)}: YAML is read by config/load.py alone"
        for path in python_files(tree, *(room for room in ROOMS if room != "config"))
        for node in _calls(path)
        if dotted(node.func) in {"yaml.safe_load", "yaml.load", "yaml.compose", "yaml.safe_load_all"}
        and path.relative_to(tree).as_posix() not in OTHER_YAML
    ]


def emulators_known(tree: Path) -> list[str]:
    """An emulator, or what emulators share, imported by the product: it must not know whether it talks to one."""
    return [
        f"{place(tree, path, node)}: only emulators, the demo and the command line know {name}"
        for path in python_files(tree, *(room for room in ROOMS if room != "cli"))
        if not path.relative_to(tree).as_posix().startswith("extract/demo/") and "emulator" not in path.parts
        for node, name in imports(path)
        if "emulator" in name.split(".") or name.startswith(("extract.demo.emulated", "extract.demo.failures"))
    ]


def _calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]


RULES: list[Rule] = [broken_contracts, upward_imports, second_doors, second_readers_of_yaml, emulators_known]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds(rule: Rule) -> None:
    assert rule(PROJECT) == []


@pytest.mark.parametrize(
    ("rule", "relative", "content"),
    [
        (upward_imports, "extract/a.py", "def f():\n    import airflow.sdk\n"),
        (upward_imports, "warehouse/a.py", "from cli.main import app\n"),
        (upward_imports, "cli/a.py", "import dags.build_daily\n"),
        (upward_imports, "models_ml/a.py", "from tests.conftest import PROJECT\n"),
        (second_doors, "models_ml/a.py", "import duckdb\nduckdb.connect('w.duckdb')\n"),
        (second_doors, "extract/a.py", "import duckdb\nduckdb.connect(database='w.duckdb')\n"),
        (second_doors, "expectations/a.py", "from duckdb import connect\nconnect('w.duckdb')\n"),
        (emulators_known, "extract/sources/dataverse/fetch.py", "import extract.sources.dataverse.emulator.app\n"),
        (emulators_known, "extract/http.py", "from extract.demo.failures import Plan\n"),
        (second_readers_of_yaml, "extract/a.py", "import yaml\nyaml.safe_load('a: 1')\n"),
    ],
)
def test_the_rule_finds(rule: Rule, tmp_path: Path, relative: str, content: str) -> None:
    assert len(rule(plant(tmp_path, {relative: content}))) == 1


def test_neither_a_database_in_memory_nor_a_reader_of_the_published_copy_is_a_door(tmp_path: Path) -> None:
    memory = "import duckdb\nduckdb.connect()\nduckdb.connect(':memory:')\n"
    reader = "import duckdb\nduckdb.connect('published.duckdb', read_only=True)\n"
    assert second_doors(plant(tmp_path, {"extract/a.py": memory, "cli/a.py": reader, "dashboards/a.py": reader})) == []
    assert len(second_doors(plant(tmp_path, {"extract/b.py": reader}))) == 1


@pytest.mark.parametrize(
    ("name", "contents"),
    [
        ("floors", {"config/a.py": "import warehouse\n"}),
        ("floors", {"warehouse/a.py": "def f():\n    import extract\n"}),
        ("floors", {"extract/a.py": "import models_ml\n"}),
        ("floors", {"expectations/a.py": "import extract\n"}),
        ("floors", {"models_ml/a.py": "import dashboards\n"}),
        ("published", {"dashboards/a.py": "import warehouse.connection\n"}),
        ("wings", {"models_ml/scoring/a.py": "from models_ml.forecast import b\n", "models_ml/forecast/b.py": ""}),
        ("Airflow", {"extract/a.py": "import airflow\n"}),
        ("dbt", {"extract/a.py": "import dbt\n"}),
    ],
)
def test_a_broken_contract_is_found(name: str, contents: Mapping[str, str], tmp_path: Path) -> None:
    empty = [*(room for room in ROOMS if room != "dags"), "models_ml/scoring", "models_ml/forecast", "dbt", "airflow"]
    modules = ("models_ml/registry.py", "warehouse/connection.py", "warehouse/dbt.py")
    tree = plant(
        tmp_path, {f"{package}/__init__.py": "" for package in [*empty, "mlflow"]} | dict.fromkeys(modules, "")
    )
    assert broken_contracts(tree) == []
    assert any(name in line for line in broken_contracts(plant(tree, contents))[:-1])
