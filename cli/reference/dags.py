"""The page about the DAGs: each one's docstring, which Airflow shows as well, and its tasks in their order of writing.

Read from the source, not from Airflow: nothing but the DAGs themselves imports Airflow.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from cli.reference.markdown import code, page, table

_INTRODUCTION = """Linked by assets: `ingest_daily`, `score_arrivals` and `forecast_weekly` start by the clock
([`schedule.yml`](config.md)), the others follow their data. Each takes one parameter, the as-of day. Every task that
opens the warehouse waits for the one slot of the pool `warehouse`."""
_ORDER = ("ingest_daily", "build_daily", "train_models", "score_daily", "score_arrivals", "forecast_weekly")


def dags_page(project: Path) -> str:
    """The page, from the files in ``dags/`` that hold a DAG."""
    trees = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in (project / "dags").glob("*.py")}
    dags = {name: tree for name, tree in trees.items() if any(_decorated(node, "dag") for node in ast.walk(tree))}
    people = _operators(trees.values())
    names = sorted(dags, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    return page("DAGs", _INTRODUCTION, [_section(name, dags[name], people) for name in names])


def _section(name: str, tree: ast.Module, operators: Mapping[str, tuple[str, str]]) -> str:
    summary, _, facts = (ast.get_docstring(tree) or "").partition("\n\n")
    listed = re.sub(r"^(\w+): ", r"- **\1:** ", facts, flags=re.MULTILINE)
    indented = re.sub(r"\n(?!- )", "\n  ", listed)
    tasks = {
        node.lineno: (node.name, ast.get_docstring(node) or "")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and _decorated(node, "task")
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    tasks |= {call.lineno: operators[ast.unparse(call.func)] for call in calls if ast.unparse(call.func) in operators}
    rows = [[code(task), meaning] for _, (task, meaning) in sorted(tasks.items())]
    return "\n\n".join([f"## {name}", summary, indented, table(["task", "what it does"], rows)])


def _operators(trees: Iterable[ast.Module]) -> dict[str, tuple[str, str]]:
    """Functions that return an operator, beside the DAGs: name to the task's id and the docstring."""
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    found = {}
    for function in functions:
        keywords = [node for node in ast.walk(function) if isinstance(node, ast.keyword) and node.arg == "task_id"]
        if keywords and function.returns and ast.unparse(function.returns).endswith("Operator"):
            found[function.name] = (str(ast.literal_eval(keywords[0].value)), ast.get_docstring(function) or "")
    return found


def _decorated(node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.FunctionDef):
        return False
    decorators = (part.func if isinstance(part, ast.Call) else part for part in node.decorator_list)
    return any(ast.unparse(decorator).partition(".")[0] == name for decorator in decorators)
