"""How a command carries out a verb: in the workspace of the environment, its report on the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import typer

from config.workspace import Workspace


class Report(Protocol):
    """What every verb returns."""

    def lines(self) -> list[str]:
        """What a person should read."""


def perform(verb: Callable[..., Report], *arguments: Any, as_of: str | None) -> None:
    """Carry out a verb and print its report."""
    tell(verb(Workspace.open(), *arguments, as_of=as_of))


def tell(report: Report) -> None:
    """Print a report."""
    for line in report.lines():
        typer.echo(line)
