"""The commands that carry a model through its life, and the one that applies it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.demo import AsOf
from cli.perform import Report, perform, tell
from config.errors import ConfigError, GateNotPassed
from config.schema.scores import overlap_warnings
from config.workspace import Workspace

app = typer.Typer()

Score = Annotated[str, typer.Argument(help="The score: lead or opportunity.")]
Model = Annotated[str | None, typer.Argument(help="The model; all of the score's where it is left out.")]
OneModel = Annotated[str | None, typer.Argument(help="The model; needed where the score has several.")]


@app.command("check-config")
def check_config() -> None:
    """Read all YAML and say what is wrong with it: file, line, key, and what to write instead."""
    config = Workspace.open().config
    sources = [name for name, source in config.sources.items() if source.enabled]
    typer.echo(
        f"The configuration of {config.organisation.name} is in order: "
        f"scores {', '.join(config.scores)}; sources {', '.join(sources)}."
    )
    for score, settings in config.scores.items():
        for sentence in overlap_warnings(score, settings.all_models(score)):
            typer.echo(f"Warning: {sentence}")


@app.command()
def create(
    score: Score,
    name: Annotated[str, typer.Option(help="Its name; LeadScoring_ and the time (UTC) if left out.")] = "",
    column: Annotated[str, typer.Option(help="Filter: the column that tells which records it is for.")] = "",
    values: Annotated[str, typer.Option(help="Filter: the values of that column, with commas.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the change, and leave the file.")] = False,
) -> None:
    """Add a model to the score's YAML in your configuration folder; then build the features and `train` it."""
    from models_ml.scoring.create import create as verb

    tell(verb(Workspace.open(), score, name, (column, values), dry_run=dry_run))


@app.command()
def train(score: Score, model: Model = None, as_of: AsOf = None) -> None:
    """Train a model on the older records and register the version; the newest are kept for `validate`."""
    from models_ml.scoring.train import train as verb

    _for_each(verb, score, model, as_of)


@app.command()
def validate(score: Score, model: Model = None, as_of: AsOf = None) -> None:
    """Measure the trained version on the most recent records and pass the verdict. Ends with 3 if a gate stays shut."""
    from models_ml.scoring.validate import validate as verb

    _for_each(verb, score, model, as_of)


@app.command()
def promote(score: Score, model: Model = None, as_of: AsOf = None) -> None:
    """Put the validated version to use; the one before it is kept as `previous`."""
    from models_ml.scoring.promote import promote as verb

    _for_each(verb, score, model, as_of)


@app.command()
def reject(score: Score, model: OneModel = None, as_of: AsOf = None) -> None:
    """Refuse the validated version of the day; the one in use stays."""
    from models_ml.scoring.reject import reject as verb

    perform(verb, score, model, as_of=as_of)


@app.command()
def revert(score: Score, model: OneModel = None) -> None:
    """Go back to the version that was in use before."""
    from models_ml.scoring.revert import revert as verb

    perform(verb, score, model, as_of=None)


@app.command()
def deactivate(score: Score, model: OneModel = None) -> None:
    """Take a model out of use: its records get no score from it, and it is not trained by itself any more."""
    from models_ml.scoring.deactivate import deactivate as verb

    perform(verb, score, model, as_of=None)


@app.command()
def delete(
    score: Score,
    model: OneModel = None,
    really: Annotated[bool, typer.Option("--really", help="Do it. Without, only say what would go.")] = False,
) -> None:
    """Delete a model with all its versions. Only one with `retrain_automatically: false`; what it scored is kept."""
    from models_ml.scoring.delete import delete as verb

    perform(verb, score, model, really, as_of=None)


@app.command()
def apply(score: Score, as_of: AsOf = None) -> None:
    """Score the open records of the day with the models in use."""
    from models_ml.scoring.apply import apply as verb

    perform(verb, score, as_of=as_of)


@app.command()
def explain(score: Score, as_of: AsOf = None) -> None:
    """Write the reasons of the day's scores, where the last explanation does not hold any more."""
    from models_ml.scoring.explain import explain as verb

    perform(verb, score, as_of=as_of)


@app.command()
def monitor(score: Score, as_of: AsOf = None) -> None:
    """Say whether inputs, scores and outcomes are still what the versions in use were measured on."""
    from models_ml.scoring.monitor import monitor as verb

    perform(verb, score, as_of=as_of)


@app.command("models")
def models_() -> None:
    """List all models: what they are for, how good their newest version is, and which version is in use."""
    from models_ml.scoring.models import models

    console = Console(width=None if Console().is_terminal else 170)
    found = models(Workspace.open())
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in (
        "score",
        "model",
        "for",
        "in use",
        "newest version",
        "AUC",
        "verdict",
        "status",
        "drift",
        "attributes",
    ):
        table.add_column(heading)
    for one in found.models:
        auc = "" if one.auc is None else f"{one.auc:.3f}"
        attributes = f"{one.attributes_used}/{one.attributes}" if one.attributes else ""
        table.add_row(
            one.score_name, one.model_name, one.records, one.in_use or "none", one.newest or "none", auc,
            one.verdict or "", one.status, one.drift or "", attributes,
        )  # fmt: skip
    console.print(table)
    for one in found.models:
        if one.lowered:
            console.print(f"{one.model_name}: {one.lowered}", highlight=False, markup=False, soft_wrap=True)
    for warning in found.warnings:
        console.print(warning, highlight=False, markup=False, soft_wrap=True)


def _for_each(verb: Callable[..., Report], score: str, model: str | None, as_of: str | None) -> None:
    """Carry out a verb for the model that is named, or for all; a gate that stays shut keeps no other back."""
    shut: list[GateNotPassed] = []
    for name in _names(score, model):
        try:
            perform(verb, score, name, as_of=as_of)
        except GateNotPassed as error:
            shut.append(error)
    for each in shut[:-1]:
        typer.echo(f"The gate stays shut. {each}", err=True)
    if shut:
        raise shut[-1]


def _names(score: str, model: str | None) -> list[str]:
    """The model that is named, or all of the score."""
    scores = Workspace.open().config.scores
    if score not in scores:
        raise ConfigError(f"There is no score '{score}'. Choose one of: {', '.join(scores)}.")
    return [model] if model else [one.name for one in scores[score].all_models(score)]
