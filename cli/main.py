"""The command line: every verb that Airflow runs, by hand, and the few that only a person needs."""

from __future__ import annotations

import logging
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from cli.demo import AsOf, Size
from cli.demo import app as demo
from cli.grades import app as grades
from cli.models import app as models
from cli.override import override
from cli.pages import pages
from cli.perform import perform, tell
from config.errors import ConfigError, ContractBroken, GateNotPassed, SalesInsightsError
from config.workspace import Workspace

GATE_SHUT: Final = 3
"""Exit status of a verb that ends at a gate which stays shut; a mistake or broken data end with 1."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""Scores for leads and opportunities, and revenue forecasts, from your CRM's data.

**A day by hand**, each step the same verb that Airflow runs:
`check-source` → `fetch` → `load` → `check raw` → `build staging|history|intermediate|features` → `check features`
→ `train` → `validate` → `promote` → `apply` → `explain` → `monitor` → `check scores` → `build marts` → `publish`

**Or all at once, under Airflow:** `sales-insights run`

Which organisation: SALES_INSIGHTS_CONFIG (a folder of YAML), SALES_INSIGHTS_DATA, SALES_INSIGHTS_INPUT.
""",
)
app.add_typer(demo, name="demo")
app.add_typer(models)
app.add_typer(grades, name="grades")
app.command()(override)
app.command()(pages)


class Layer(StrEnum):
    """The layers that dbt builds, in their order."""

    staging = "staging"
    history = "history"
    intermediate = "intermediate"
    features = "features"
    marts = "marts"


class Checked(StrEnum):
    """The layers that are checked."""

    raw = "raw"
    features = "features"
    scores = "scores"
    forecasts = "forecasts"


@app.command("map")
def map_(
    folder: Annotated[Path, typer.Argument(help="A folder with exported files.", exists=True, file_okay=False)],
) -> None:
    """Propose a first `sources/files.yml` for a folder of exported files. Prints it; redirect it to a file."""
    from extract.sources.files.map import map_folder

    typer.echo(map_folder(folder), nl=False)


@app.command("check-source")
def check_source(
    source: Annotated[str | None, typer.Argument(help="The source; all that are switched on if left out.")] = None,
    as_of: AsOf = None,
) -> None:
    """Verify the prerequisites of a source one by one, and say of each that fails what to do. Exit status 1 if any."""
    from extract.check_source import check_source as verb

    reports = [verb(Workspace.open(), name, as_of=as_of) for name in _sources(source)]
    for report in reports:
        tell(report)
    raise typer.Exit(1 if any(report.failed for report in reports) else 0)


@app.command()
def fetch(
    source: Annotated[str | None, typer.Argument(help="The source; all that are switched on if left out.")] = None,
    as_of: AsOf = None,
) -> None:
    """Read a source into packages of typed rows. Never opens the warehouse; broken rows are set aside."""
    from extract.fetch import fetch as verb

    for name in _sources(source):
        perform(verb, name, as_of=as_of)


@app.command()
def load(as_of: AsOf = None) -> None:
    """Append all fetched packages to the raw tables; what is loaded already is not loaded twice."""
    from extract.load import load as verb

    perform(verb, as_of=as_of)


@app.command()
def build(layer: Annotated[Layer, typer.Argument(help="The layer to build.")], as_of: AsOf = None) -> None:
    """Build one layer with dbt and run its tests."""
    from warehouse.dbt import build as verb

    perform(verb, layer.value, as_of=as_of)


@app.command()
def check(layer: Annotated[Checked, typer.Argument(help="The layer to check.")], as_of: AsOf = None) -> None:
    """Hold a layer against its expectations; rows that break one are kept in quarantine with the reason."""
    from expectations.check import check as verb

    perform(verb, layer.value, as_of=as_of)


@app.command()
def forecast(as_of: AsOf = None) -> None:
    """Forecast every manager's won revenue for the current and the next fiscal period."""
    from models_ml.forecast.forecast import collect, series
    from models_ml.forecast.forecast import forecast as one_manager

    for lane in series(Workspace.open(), as_of=as_of):
        perform(one_manager, lane.manager_id, as_of=lane.as_of_date.isoformat())
    perform(collect, as_of=as_of)


@app.command()
def publish(as_of: AsOf = None) -> None:
    """Copy the marts into a new published run and move the pointer; readers are never blocked."""
    from warehouse.publish import publish as verb

    perform(verb, as_of=as_of)


@app.command("score-arrivals")
def score_arrivals(as_of: AsOf = None) -> None:
    """Score the leads that came since the daily run: fetch them, and take them to the published copy."""
    from expectations.check_arrivals import check_arrivals
    from extract.fetch import fetch_arrivals, sources_of_leads
    from extract.load import load as append
    from models_ml.scoring.score_arrivals import score_arrivals as verb

    for name in sources_of_leads(Workspace.open()):
        perform(fetch_arrivals, name, as_of=as_of)
    perform(verb, append, check_arrivals, as_of=as_of)


@app.command()
def status() -> None:
    """Say where the pipeline stands: what was read and set aside, the models, the scores, what is published."""
    from cli.status import status as show

    show(Workspace.open(), _console())


@app.command()
def reference() -> None:
    """Write the pages of `docs/reference/` from the code; run it after a change to a DAG, a YAML key or a table."""
    from cli.reference import write_reference

    stale = write_reference()
    typer.echo(f"{len(stale)} pages were written." if stale else "All pages are current.")


@app.command()
def run(
    once: Annotated[bool, typer.Option("--once", help="Stop everything at the end of the day.")] = False,
    demo_size: Annotated[
        Size, typer.Option(help="Size of the demo organisation, where no input is given. Large comes from files only.")
    ] = Size.small,
    demo_files: Annotated[
        bool, typer.Option("--demo-files", help="Read the demo organisation's exported files instead of its services.")
    ] = False,
    failures: Annotated[
        int, typer.Option(metavar="SEED", help="Where the demo's services fail, as the real ones do; 0: nowhere.")
    ] = 1,
    as_of: AsOf = None,
) -> None:
    """Run one whole day under Airflow with live progress, and show what came out. This is what `make run` calls.

    Without SALES_INSIGHTS_CONFIG or SALES_INSIGHTS_INPUT it runs on the demo organisation, which emulated services of
    Dynamics 365, Exchange and LinkedIn show on this machine, and whose answers fail now and then.
    """
    from cli.run import Demo
    from cli.run import run as whole_day

    if demo_size is Size.large and not demo_files:
        raise ConfigError("The demo organisation of size large is not served. Read its files: --demo-files.")
    demo_organisation = Demo(demo_size.value, demo_files, failures)
    raise typer.Exit(whole_day(_console(), once=once, as_of=as_of, demo=demo_organisation))


def main() -> None:
    """The entry point: errors a person can mend are told in one message, without a traceback."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    for room in ("dashboards", "expectations", "extract", "models_ml", "warehouse"):
        logging.getLogger(room).setLevel(logging.INFO)
    try:
        app()
    except GateNotPassed as shut:
        typer.echo(f"The gate stays shut. {shut}", err=True)
        sys.exit(GATE_SHUT)
    except SalesInsightsError as error:
        typer.echo(f"{_title(error)}:\n{error}", err=True)
        sys.exit(1)


def _console() -> Console:
    """A terminal as wide as it is; a file or a log wide enough for a table."""
    return Console(width=None if sys.stdout.isatty() else 150)


def _title(error: SalesInsightsError) -> str:
    match error:
        case ConfigError():
            return "The configuration has mistakes"
        case ContractBroken():
            return "The data break a promise"
        case _:
            return "This did not work"


def _sources(source: str | None) -> list[str]:
    """The one that is named, or all that are switched on."""
    sources = Workspace.open().config.sources
    if source is not None and source not in sources:
        raise ConfigError(f"There is no source '{source}'. Choose one of: {', '.join(sources)}.")
    return [source] if source else [name for name, settings in sources.items() if settings.enabled]
