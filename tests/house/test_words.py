"""The words of the house: no names that mean nothing, no output that nobody hears, no error that is swallowed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.tree import PROJECT, ROOMS, dotted, files, parsed, place, plant, python_files

EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "misc"}
BROAD = {"Exception", "BaseException"}
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|NotImplemented" + r"Error|pragma: no " + r"cover")
UNTESTED = re.compile(r"\bx" + r"fail\b(?!_strict)|pytest\.ski" + r"p\(")


def empty_names(tree: Path) -> list[str]:
    """Files and folders named after nothing in particular."""
    return sorted(
        {
            f"{path.relative_to(tree).as_posix()}: '{part}' says nothing; name it after what it does"
            for path in files(tree, ".py", ".sql", ".yml", ".md")
            for part in (*path.relative_to(tree).parts[:-1], path.stem)
            if part.strip("_").lower() in EMPTY_NAMES
        }
    )


def prints(tree: Path) -> list[str]:
    """Calls of ``print``: the pipeline logs; the command line writes through typer or rich."""
    return [
        f"{place(tree, path, node)}: print; use logging.getLogger(__name__)"
        for path in python_files(tree, *ROOMS)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and dotted(node.func) == "print"
    ]


def reraises(handler: ast.ExceptHandler) -> bool:
    """Whether the handler ends by raising, so that nothing is swallowed (a roll-back, a clean-up)."""
    return isinstance(handler.body[-1], ast.Raise)


def broad_excepts(tree: Path) -> list[str]:
    """Handlers that catch everything and let it vanish."""
    return [
        f"{place(tree, path, node)}: a broad except; name the error, or raise it again"
        for path in python_files(tree)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or any(dotted(part) in BROAD for part in _types(node.type)))
        and not reraises(node)
    ]


def _types(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def unfinished(tree: Path) -> list[str]:
    """Marks of work that was left for later, and tests that do not run."""
    return [
        f"{place(tree, path)}:{number}: {line.strip()}"
        for path in files(tree, ".py", ".sql", ".yml")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if UNFINISHED.search(line) or (path.suffix == ".py" and UNTESTED.search(line))
    ]


def undocumented(tree: Path) -> list[str]:
    """Modules, and public classes and functions at the top of a module, without a docstring."""
    found = []
    for path in python_files(tree, *ROOMS):
        module = parsed(path)
        named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        if module.body and ast.get_docstring(module) is None:
            found.append(f"{place(tree, path)}: no module docstring")
        found += [
            f"{place(tree, path, node)}: {node.name} has no docstring"
            for node in module.body
            if isinstance(node, named) and not node.name.startswith("_") and ast.get_docstring(node) is None
        ]
    return found


RULES = [empty_names, prints, broad_excepts, unfinished, undocumented]
SWALLOWED = '"""Doc."""\ntry:\n    x = 1\nexcept Exception:\n    x = 2\n'


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds(rule: type) -> None:
    assert rule(PROJECT) == []


@pytest.mark.parametrize(
    ("rule", "relative", "content"),
    [
        (empty_names, "extract/utils.py", '"""Doc."""\n'),
        (empty_names, "extract/common/read.py", '"""Doc."""\n'),
        (empty_names, "dbt_project/macros/misc.sql", "select 1\n"),
        (prints, "cli/shout.py", '"""Doc."""\nprint("a")\n'),
        (broad_excepts, "extract/quiet.py", SWALLOWED),
        (broad_excepts, "extract/quiet.py", SWALLOWED.replace(" Exception", "")),
        (broad_excepts, "tests/quiet.py", SWALLOWED.replace("Exception", "(KeyError, BaseException)")),
        (unfinished, "extract/later.py", "# TO" + "DO: the rest\n"),
        (unfinished, "tests/test_later.py", "@pytest.mark.x" + "fail\ndef test(): ...\n"),
        (unfinished, "dbt_project/models/later.sql", "-- FIX" + "ME\n"),
        (undocumented, "extract/silent.py", "x = 1\n"),
        (undocumented, "extract/silent.py", '"""Doc."""\ndef f(): ...\n'),
        (undocumented, "extract/silent.py", '"""Doc."""\nclass F: ...\n'),
    ],
)
def test_the_rule_finds(rule: type, tmp_path: Path, relative: str, content: str) -> None:
    assert len(rule(plant(tmp_path, {relative: content}))) == 1


def test_a_roll_back_is_not_a_broad_except(tmp_path: Path) -> None:
    plant(tmp_path, {"extract/a.py": SWALLOWED.replace("    x = 2", "    x = 2\n    raise")})
    assert broad_excepts(tmp_path) == []
