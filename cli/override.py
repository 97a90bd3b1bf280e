"""``sales-insights override``: a person's own score for a record, beside the model's."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from cli.demo import AsOf
from config.errors import RequestRefused
from config.workspace import Workspace


def override(  # noqa: PLR0913 - one argument for each of the command's options
    score: Annotated[str, typer.Argument(help="The score: lead or opportunity.")],
    record: Annotated[str, typer.Argument(help="The key of the record.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides; it is shown.")] = "",
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why; it is shown.")] = "",
    value: Annotated[int | None, typer.Option("--score", help="The score, 0 to 100.")] = None,
    grade: Annotated[str | None, typer.Option("--grade", help="A grade instead: A, B, C or D.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="Last day it counts, YYYY-MM-DD.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="End the override that is in force.")] = False,
    as_of: AsOf = None,
) -> None:
    """Set your own score or grade for an open record beside the model's, which stays, or withdraw it."""
    from models_ml.scoring.override import Override
    from models_ml.scoring.override import override as verb
    from models_ml.scoring.override import withdraw as end

    workspace = Workspace.open()
    if withdraw:
        if (value, grade, until) != (None, None, None):
            raise RequestRefused(
                "--withdraw ends an override and sets nothing: leave out --score, --grade and --until."
            )
        report = end(workspace, score, record, who=by, why=why, as_of=as_of)
    else:
        said = Override(by, why, value, grade, _day(until))
        report = verb(workspace, score, record, said, as_of=as_of)
    for line in report.lines():
        typer.echo(line)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise RequestRefused(f"--until {text}: not a day; write it as YYYY-MM-DD, e.g. 2026-06-30.") from error
