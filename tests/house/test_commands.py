"""The command line: every command has help and is in the documentation, and the documentation names no other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from cli.main import app
from tests.house.tree import PROJECT, files, plant

MENTION = re.compile(r"\bsales-insights ([a-z][a-z-]*)(?![a-z-]*[:/.@])(?: ([a-z][a-z-]*))?")
PROMISED = {
    "check-config",
    "check-source",
    "map",
    "fetch",
    "load",
    "build",
    "check",
    "train",
    "validate",
    "promote",
    "apply",
    "forecast",
    "publish",
    "status",
}


def commands(application: typer.Typer) -> dict[str, Any]:
    """Every command by its name; those of a group, such as ``demo serve``, by both words."""
    group: Any = get_command(application)
    groups = {name: command.commands for name, command in group.commands.items() if hasattr(command, "commands")}
    inner = {f"{name} {word}": command for name, within in groups.items() for word, command in within.items()}
    return {**group.commands, **inner}


def documents(tree: Path) -> list[Path]:
    return [path for path in files(tree, ".md") if path.relative_to(tree).parts[0] in {"docs", "README.md"}]


def mentions(tree: Path, known: Iterable[str]) -> dict[str, list[str]]:
    """``sales-insights <command>`` as the documentation says it: command to the documents that do."""
    groups = {name.partition(" ")[0] for name in known if " " in name}
    found: dict[str, list[str]] = {}
    for path in documents(tree):
        told = set(MENTION.findall(path.read_text(encoding="utf-8")))
        within = {f"{name} {word}" for name, word in told if word and name in groups}
        for name in {name for name, _ in told} | within:
            found.setdefault(name, []).append(path.relative_to(tree).as_posix())
    return found


def violations(tree: Path, application: typer.Typer) -> list[str]:
    known = commands(application)
    named = mentions(tree, known)
    found = [f"{name}: no help" for name, command in known.items() if not command.help]
    found += [
        f"{name} {parameter.name}: no help"
        for name, command in known.items()
        for parameter in command.params
        if not getattr(parameter, "help", None)
    ]
    found += [f"{name}: in no document" for name in sorted(set(known) - set(named))]
    return found + [f"{', '.join(named[name])}: there is no command {name}" for name in sorted(set(named) - set(known))]


def test_every_command_is_explained() -> None:
    assert set(commands(app)) >= PROMISED
    assert violations(PROJECT, app) == []


@pytest.fixture
def small() -> typer.Typer:
    application = typer.Typer()

    @application.command()
    def fetch(source: str) -> None:
        """Read a source."""

    @application.command()
    def load() -> None:
        pass

    within = typer.Typer(help="Show.")

    @within.command()
    def serve() -> None:
        """Serve it."""

    application.add_typer(within, name="demo")
    return application


def test_what_is_not_explained_is_found(tmp_path: Path, small: typer.Typer) -> None:
    tree = plant(
        tmp_path, {"docs/a.md": "Run `sales-insights fetch`, `sales-insights lode`, `sales-insights demo sreve`.\n"}
    )
    assert violations(tree, small) == [
        "load: no help",
        "fetch source: no help",
        "demo serve: in no document",
        "load: in no document",
        "docs/a.md: there is no command demo sreve",
        "docs/a.md: there is no command lode",
    ]
