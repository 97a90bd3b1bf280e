"""Small files, small functions: what a person can hold in mind. No tree keeps its size without a test."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.tree import PROJECT, dag_files, files, parsed, place, plant, python_files

FILE_LINES, FUNCTION_LINES, DAG_LINES, SQL_LINES = 300, 40, 79, 100


Function = ast.FunctionDef | ast.AsyncFunctionDef


def body_lines(function: Function) -> int:
    """Lines of a function from its first statement to its last, without its docstring and the functions within it.

    Those are counted by themselves: a DAG is a function full of tasks, and the limit of its file holds it.
    """
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    own = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
    inner = [node for node in ast.walk(function) if isinstance(node, Function) and node is not function]
    outermost = [node for node in inner if not any(node in ast.walk(other) for other in inner if other is not node)]
    return own - sum((node.end_lineno or 0) - node.lineno + 1 for node in outermost)


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def violations(tree: Path) -> list[str]:
    found, dags = [], set(dag_files(tree))
    for path in python_files(tree):
        limit = DAG_LINES if path in dags else FILE_LINES
        if lines(path) > limit:
            found.append(f"{place(tree, path)}: {lines(path)} lines, at most {limit}")
        for node in ast.walk(parsed(path)):
            if isinstance(node, Function) and body_lines(node) > FUNCTION_LINES:
                found.append(f"{place(tree, path, node)}: {node.name} has {body_lines(node)} lines")
    for path in files(tree, ".sql"):
        if lines(path) > SQL_LINES:
            found.append(f"{place(tree, path)}: {lines(path)} lines, at most {SQL_LINES}")
    return found


def test_nothing_is_too_long() -> None:
    assert violations(PROJECT) == []


@pytest.mark.parametrize(
    ("relative", "content"),
    [
        ("extract/long.py", "x = 1\n" * 301),
        ("extract/long_function.py", "def f() -> None:\n" + "    x = 1\n" * 41),
        ("dags/long.py", "x = 1\n" * 80),
        ("dbt_project/models/long.sql", "select 1\n" * 101),
    ],
)
def test_what_is_too_long_is_found(tmp_path: Path, relative: str, content: str) -> None:
    assert len(violations(plant(tmp_path, {relative: content}))) == 1


def test_the_largest_allowed_is_allowed(tmp_path: Path) -> None:
    documented = 'def f() -> None:\n    """One.\n\n    Two.\n    """\n' + "    x = 1\n" * 40
    plant(tmp_path, {"extract/a.py": "x = 1\n" * 300, "extract/b.py": documented, "dags/a.py": "x = 1\n" * 79})
    tasks = "def f() -> None:\n" + ("    def g() -> None:\n" + "        x = 1\n" * 40) * 2
    plant(tmp_path, {"extract/c.py": tasks})
    assert violations(tmp_path) == []
