"""A key that an administrator may write is a key that some code reads; otherwise it is a promise without a keeper."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterable
from pathlib import Path

import config.schema
from config.schema.base import Section
from tests.house.tree import PROJECT, ROOMS, dotted, files, parsed, plant, python_files

VALIDATORS = {"field_validator", "model_validator"}


def sections() -> list[type[Section]]:
    """Every block of YAML that the schema knows."""
    for module in pkgutil.walk_packages(config.schema.__path__, "config.schema."):
        importlib.import_module(module.name)
    found, waiting = [], [Section]
    while waiting:
        below = waiting.pop().__subclasses__()
        found += below
        waiting += below
    ours = {section for section in found if section.__module__.startswith("config.")}
    return sorted(ours, key=lambda section: (section.__module__, section.__name__))


def keys(schemas: Iterable[type[Section]]) -> set[str]:
    return {name for schema in schemas for name in schema.model_fields}


def names_read(tree: Path) -> set[str]:
    """Every ``something.name`` that is read in the rooms; in the schema itself validators do not count as readers."""
    found: set[str] = set()
    for path in python_files(tree, *ROOMS):
        ignored = set[ast.AST]()
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef) and VALIDATORS & {_name(part) for part in node.decorator_list}:
                ignored |= set(ast.walk(node))
        found |= {
            node.attr for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute) and node not in ignored
        }
    return found


def _name(decorator: ast.expr) -> str:
    return dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)


def violations(tree: Path, schemas: Iterable[type[Section]]) -> list[str]:
    return [f"{key}: no code reads this key" for key in sorted(keys(schemas) - names_read(tree))]


def undescribed(schemas: Iterable[type[Section]]) -> list[str]:
    """Keys that the reference could not explain."""
    return [
        f"{schema.__name__}.{name}: no description"
        for schema in schemas
        for name, field in schema.model_fields.items()
        if not field.description
    ]


def secrets(tree: Path) -> list[str]:
    """YAML keys that sound like a secret and do not hold the name of an environment variable."""
    words = ("password", "secret", "token", "api_key", "credential")
    found = []
    for path in files(tree, ".yml", ".yaml"):
        if path.relative_to(tree).parts[0] not in {"config", "docs"}:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            key, colon, value = line.partition("#")[0].strip().removeprefix("- ").partition(":")
            if colon and any(word in key.lower() for word in words) and not value.strip().isupper():
                found.append(f"{path.relative_to(tree)}:{number}: name the environment variable that holds the secret")
    return found


class _Shop(Section):
    opening_hours: str
    name: str


def test_every_key_is_read() -> None:
    assert len(sections()) > 10
    assert violations(PROJECT, sections()) == []


def test_every_key_is_described() -> None:
    assert undescribed(sections()) == []


def test_no_yaml_holds_a_secret() -> None:
    assert secrets(PROJECT) == []


def test_a_key_that_nobody_reads_is_found(tmp_path: Path) -> None:
    only_checked = "class A:\n    @field_validator('opening_hours')\n    def f(self): return self.opening_hours\n"
    tree = plant(tmp_path, {"config/schema/a.py": only_checked, "extract/a.py": "def f(shop): return shop.name\n"})
    assert violations(tree, [_Shop]) == ["opening_hours: no code reads this key"]


def test_a_key_without_a_description_is_found() -> None:
    assert undescribed([_Shop]) == ["_Shop.opening_hours: no description", "_Shop.name: no description"]


def test_a_secret_is_found(tmp_path: Path) -> None:
    text = "client_secret: hunter2\ntoken: CRM_TOKEN  # a variable\nname: x\n"
    assert len(secrets(plant(tmp_path, {"config/sources/crm.yml": text}))) == 1
