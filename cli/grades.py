"""``sales-insights grades``: what the grades of a score mean, what others would mean, and saving them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from config.edit import edit_grades
from config.errors import ConfigError, RequestRefused
from config.schema.grades import COLOURS, DEFAULT, Grades, GradesOrDefault
from config.workspace import Workspace

if TYPE_CHECKING:  # costs a second and a half of import
    from models_ml.scoring.grade_preview import GradePreview

_WIDTH: Final = 110
_SHADES: Final = {"green": "green", "purple": "magenta", "yellow": "yellow", "red": "red"}

app = typer.Typer(
    no_args_is_help=True,
    help="Grades: what each range of scores has meant (`show`), what others would mean (`preview`), and `save` them.",
)

Score = Annotated[str, typer.Argument(help="The score: lead or opportunity.")]
Model = Annotated[str | None, typer.Option("--model", help="The model; needed where the score has several.")]
A = Annotated[int | None, typer.Option("--a", help="Least score of grade A.")]
B = Annotated[int | None, typer.Option("--b", help="Least score of grade B.")]
C = Annotated[int | None, typer.Option("--c", help="Least score of grade C; D lies below it.")]
Derived = Annotated[bool, typer.Option("--default", help="Ranges derived from the held-out records instead.")]


@app.command()
def show(score: Score, model: Model = None) -> None:
    """Show each grade's range, conversion, lift, share, and open records, for the grades that are set."""
    from models_ml.scoring.grade_preview import preview as verb

    _print(verb(Workspace.open(), score, model_name=model))


@app.command()
def preview(score: Score, a: A = None, b: B = None, c: C = None, default: Derived = False, model: Model = None) -> None:
    """Show the same for other grades, and how many open records would change theirs. Nothing is saved."""
    from models_ml.scoring.grade_preview import preview as verb

    workspace = Workspace.open()
    wanted = _wanted(workspace, score, {"A": a, "B": b, "C": c}, default=default)
    _print(verb(workspace, score, wanted, model))


@app.command()
def save(
    score: Score,
    a: A = None,
    b: B = None,
    c: C = None,
    default: Derived = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change in the file, and leave it.")
    ] = False,
) -> None:
    """Write grades into the score's YAML in your configuration folder; all else in it stays as it is."""
    workspace = Workspace.open()
    wanted = _wanted(workspace, score, {"A": a, "B": b, "C": c}, default=default)
    folder = os.environ.get("SALES_INSIGHTS_CONFIG")
    if not folder:
        raise RequestRefused(
            "There is no configuration folder of your own to save grades in; the shipped one stays as it is. Make a "
            "folder and name it in SALES_INSIGHTS_CONFIG; a file that it lacks is taken from the shipped one."
        )
    edit = edit_grades(Path(folder).resolve(), score, wanted)
    if not edit.diff():
        typer.echo(f"{edit.path}: these are the grades already.")
        return
    typer.echo(edit.diff(), nl=False)
    if not dry_run:
        edit.write()
        typer.echo(f"Saved. They hold from the next 'sales-insights apply {score}' on.")


def _wanted(workspace: Workspace, score: str, given: dict[str, int | None], *, default: bool) -> GradesOrDefault:
    """The grades asked for; a minimum that is not given is the one that is set.

    Raises:
        RequestRefused: where they leave a hole or overlap, or nothing is given.
    """
    scores = workspace.config.scores
    if score not in scores:
        raise ConfigError(f"There is no score '{score}'. Choose one of: {', '.join(scores)}.")
    minima = {grade: minimum for grade, minimum in given.items() if minimum is not None}
    if bool(minima) == default:
        raise RequestRefused("Give minima, such as --a 70 --b 50 --c 30, or --default; one of the two.")
    if default:
        return DEFAULT
    present = scores[score].grades
    known = present.model_dump() if isinstance(present, Grades) else {}
    if missing := given.keys() - known.keys() - minima.keys():
        options = ", ".join(f"--{grade.lower()}" for grade in sorted(missing))
        raise RequestRefused(f"The grades are derived now, so all three minima are needed: add {options}.")
    try:
        return Grades.model_validate({**known, **minima})
    except ValidationError as error:
        told = "; ".join(
            f"{' '.join(map(str, each['loc']))} {each['msg'].removeprefix('Value error, ')}".strip()
            for each in error.errors()
        )
        raise RequestRefused(
            f"{told}. Choose other minima; A is the highest and C the lowest, from 1 to 100."
        ) from error


def _print(seen: GradePreview) -> None:
    console = Console(width=_WIDTH, highlight=False)
    console.print(f"{seen.score_name}: {seen.chosen.because}", markup=False)
    for line in _header(seen):
        console.print(line, markup=False)
    headings = ("grade", "scores", "conversion", "lift", "share", "open records")
    table = Table(*headings, box=None, padding=(0, 2, 0, 0))
    for column in table.columns[1:]:
        column.justify = "right"
    waiting = seen.open_records()
    for row in seen.figures():
        colour = COLOURS[row.grade]
        table.add_row(
            f"[{_SHADES[colour]}]{row.grade}[/] {colour}",
            f"{row.minimum} to {row.maximum}",
            _percent(row.conversion),
            "none" if row.lift is None else f"{row.lift:.2f}x",
            _percent(row.share),
            f"{waiting[row.grade]:,}",
        )
    console.print(table)
    if seen.day:
        changes = f"{seen.would_change():,} of {len(seen.open_scores):,} open records would change their grade."
        console.print(changes, markup=False)


def _header(seen: GradePreview) -> list[str]:
    if seen.measured.rate is None:
        return ["No model is in use, so nothing is known of what became of the records of each grade."]
    scores = f"{seen.measured.scores.min()} to {seen.measured.scores.max()}"
    day = f"open records as scored on {seen.day}" if seen.day else "nothing has been scored yet"
    measured = f"Of {seen.measured.records:,} records that the model {seen.model_id} was measured on: "
    return [f"{measured}overall conversion {_percent(seen.measured.rate)}, scores {scores}; {day}."]


def _percent(value: float | None) -> str:
    return "none" if value is None else f"{100 * value:.1f} %"
