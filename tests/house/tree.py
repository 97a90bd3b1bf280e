"""Reading a source tree: what every rule of the house starts from.

A rule is a function ``violations(tree) -> list[str]``. It is run on this project, where it must find nothing, and on a
small bad tree, where it must find what was put there.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
ROOMS = ("cli", "config", "dags", "dashboards", "expectations", "extract", "models_ml", "warehouse")
_NOT_OURS = {".git", ".venv", ".venv-lint", "__pycache__", "data", "target"}


def files(tree: Path, *suffixes: str) -> list[Path]:
    """The files of the tree that git tracks or would track; of a tree without git, all that are ours."""
    if (tree / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=tree,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        paths = [tree / line for line in listed]
    else:
        paths = [path for path in tree.rglob("*") if not _NOT_OURS & set(path.relative_to(tree).parts)]
    return sorted(path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes))


def python_files(tree: Path, *rooms: str) -> list[Path]:
    """The Python files of the rooms named; of all rooms and the tests where none is named."""
    wanted = rooms or (*ROOMS, "tests")
    return [path for path in files(tree, ".py") if path.relative_to(tree).parts[0] in wanted]


def dag_files(tree: Path) -> list[Path]:
    """The files of ``dags/`` that hold a DAG: all but those that ``.airflowignore`` names."""
    ignored = tree / "dags" / ".airflowignore"
    patterns = ignored.read_text(encoding="utf-8").replace("\\", "").split() if ignored.is_file() else []
    return [path for path in python_files(tree, "dags") if not any(path.match(pattern) for pattern in patterns)]


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def place(tree: Path, path: Path, node: ast.AST | None = None) -> str:
    """``folder/file.py:12``, as a person clicks it."""
    line = f":{node.lineno}" if node is not None and hasattr(node, "lineno") else ""
    return f"{path.relative_to(tree).as_posix()}{line}"


def imports(path: Path) -> Iterator[tuple[ast.stmt, str]]:
    """Every import of a file, also those inside functions: the statement and the dotted name."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield node, f"{node.module}.{alias.name}"


def dotted(node: ast.expr) -> str:
    """``a.b.c`` of a chain of names; an empty text for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id])) if isinstance(node, ast.Name) else ""


def plant(tree: Path, contents: Mapping[str, str]) -> Path:
    """Write a small tree, mostly a bad one for a rule to find fault with."""
    for relative, content in contents.items():
        path = tree / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tree
