"""A whole day without Airflow: the verbs in the order of the DAGs, in one process."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb

from config.errors import GateNotPassed
from config.workspace import Workspace

LIBRARIES: Final = ("dbt.adapters.duckdb", "dbt.cli.main", "great_expectations", "lightgbm", "mlflow", "prophet")
"""What a day imports, a dozen seconds of it; those who start many days may import them once."""

# Bookkeeping: when something was done and under which number, which a second run may do differently.
_BOOKKEEPING = frozenset(
    {"_loaded_at", "built_at", "checked_at", "fetched_at", "forecast_at", "loaded_at", "message", "quarantined_at"}
    | {"scored_at", "seconds", "trained_at"}
)


def live(environment: dict[str, str], log: Path, done: Path, as_of: str | None) -> None:
    """A day as a shell would start it, for a process that is to be killed: a group of its own, its words in a log.

    Args:
        environment: names the workspace.
        log: where its words go.
        done: gets a line for each step that is done: seconds since the start and its name.
        as_of: the day; None: the organisation's own.
    """
    os.setsid()
    os.environ.update(environment)
    started = time.monotonic()
    with log.open("a") as output, done.open("w", buffering=1) as finished:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
        finished.write("0 start\n")
        for step in steps(Workspace.open(), as_of):
            finished.write(f"{time.monotonic() - started} {step}\n")


def steps(workspace: Workspace, as_of: str | None = None) -> Iterator[str]:
    """Everything from files to published scores and forecasts; yields the name of the step that was just done."""
    from expectations.check import check
    from extract.fetch import fetch
    from extract.load import load
    from models_ml.forecast.forecast import collect, forecast, series
    from warehouse.dbt import build
    from warehouse.publish import publish

    for source in workspace.config.sources:
        fetch(workspace, source, as_of=as_of)
    yield "fetch"
    load(workspace, as_of=as_of)
    yield "load"
    check(workspace, "raw", as_of=as_of)
    yield "check raw"
    for layer in ("staging", "history", "intermediate", "features"):
        build(workspace, layer, as_of=as_of)
        yield f"build {layer}"
    check(workspace, "features", as_of=as_of)
    yield "check features"
    yield from _scores(workspace, as_of)
    for lane in series(workspace, as_of=as_of):
        forecast(workspace, lane.manager_id, as_of=lane.as_of_date)
    collect(workspace, as_of=as_of)
    yield "forecast"
    check(workspace, "forecasts", as_of=as_of)
    yield "check forecasts"
    build(workspace, "marts", as_of=as_of)
    yield "build marts"
    publish(workspace, as_of=as_of)
    yield "publish"


def _scores(workspace: Workspace, as_of: str | None) -> Iterator[str]:
    from expectations.check import check
    from models_ml.scoring.apply import apply
    from models_ml.scoring.due import due
    from models_ml.scoring.promote import promote
    from models_ml.scoring.train import train
    from models_ml.scoring.validate import validate

    for score in workspace.config.scores:
        if due(workspace, score, as_of=as_of).is_due:
            try:
                train(workspace, score, as_of=as_of)
                yield f"train {score}"
                validate(workspace, score, as_of=as_of)
                yield f"validate {score}"
            except GateNotPassed:
                logging.getLogger(__name__).info("%s: the gate stays shut", score)
            else:
                promote(workspace, score, as_of=as_of)
                yield f"promote {score}"
        apply(workspace, score, as_of=as_of)
        yield f"apply {score}"
    check(workspace, "scores", as_of=as_of)
    yield "check scores"


def tables(workspace: Workspace) -> dict[str, list[tuple[object, ...]]]:
    """Every table of the warehouse, its rows sorted, without bookkeeping: what a killed run must not change."""
    with duckdb.connect(str(workspace.data.warehouse), read_only=True) as connection:
        columns: dict[str, list[str]] = {}
        for schema, table, column in connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns order by ordinal_position"
        ).fetchall():
            columns.setdefault(f"{schema}.{table}", []).extend([column] if column not in _BOOKKEEPING else [])
        return {
            name: connection.execute(f"select {', '.join(kept)} from {name} order by all").fetchall()
            for name, kept in columns.items()
        }
