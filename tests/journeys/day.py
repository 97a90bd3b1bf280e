"""A whole day without Airflow: the verbs in the order of the DAGs, in one process."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
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


def live(environment: dict[str, str], log: Path, done: Path, as_of: str | None, begin: int = 0) -> None:
    """A day as a shell would start it, for a process that is to be killed: a group of its own, its words in a log.

    Args:
        environment: names the workspace.
        log: where its words go.
        done: gets a line for each step that is done: seconds since the start, its place in the day and its name.
        as_of: the day; None: the organisation's own.
        begin: the place of the step to begin with; those before it were done by a day that was killed.
    """
    os.setsid()
    os.environ.update(environment)
    started = time.monotonic()
    with log.open("a") as output, done.open("w", buffering=1) as finished:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
        finished.write(f"0 {begin - 1} start\n")
        for place, (name, step) in enumerate(steps(Workspace.open(), as_of)):
            if place >= begin and step():
                finished.write(f"{time.monotonic() - started} {place} {name}\n")


def steps(workspace: Workspace, as_of: str | None = None) -> list[tuple[str, Callable[[], bool]]]:
    """Everything from files to published scores and forecasts, by name. A step tells whether it did anything."""
    from expectations.check import check
    from extract.fetch import fetch
    from extract.load import load
    from models_ml.forecast.forecast import collect, forecast, series
    from warehouse.dbt import build
    from warehouse.publish import publish

    def fetch_all() -> None:
        for source in workspace.config.sources:
            fetch(workspace, source, as_of=as_of)

    def forecast_all() -> None:
        for lane in series(workspace, as_of=as_of):
            forecast(workspace, lane.manager_id, as_of=lane.as_of_date)
        collect(workspace, as_of=as_of)

    def checked(layer: str) -> tuple[str, Callable[[], bool]]:
        return _always(f"check {layer}", lambda: check(workspace, layer, as_of=as_of))

    def built(layer: str) -> tuple[str, Callable[[], bool]]:
        return _always(f"build {layer}", lambda: build(workspace, layer, as_of=as_of))

    return [
        _always("fetch", fetch_all),
        _always("load", lambda: load(workspace, as_of=as_of)),
        checked("raw"),
        *(built(layer) for layer in ("staging", "history", "intermediate", "features")),
        checked("features"),
        *(step for score in workspace.config.scores for step in _life(workspace, score, as_of)),
        checked("scores"),
        _always("forecast", forecast_all),
        checked("forecasts"),
        built("marts"),
        _always("publish", lambda: publish(workspace, as_of=as_of)),
    ]


def _always(name: str, verb: Callable[[], object]) -> tuple[str, Callable[[], bool]]:
    def step() -> bool:
        verb()
        return True

    return name, step


def _life(workspace: Workspace, score: str, as_of: str | None) -> list[tuple[str, Callable[[], bool]]]:
    """A score's steps; those of a new model only where one is due and the gate lets it pass."""
    from models_ml.scoring.apply import apply
    from models_ml.scoring.due import due
    from models_ml.scoring.explain import explain
    from models_ml.scoring.promote import promote
    from models_ml.scoring.train import train
    from models_ml.scoring.validate import validate

    shut = False

    def if_due(verb: Callable[..., object]) -> Callable[[], bool]:
        def step() -> bool:
            nonlocal shut
            if shut or not due(workspace, score, as_of=as_of).is_due:
                return False
            try:
                verb(workspace, score, as_of=as_of)
            except GateNotPassed:
                shut = True
                logging.getLogger(__name__).info("%s: the gate stays shut", score)
            return True

        return step

    return [
        (f"train {score}", if_due(train)),
        (f"validate {score}", if_due(validate)),
        (f"promote {score}", if_due(promote)),
        _always(f"apply {score}", lambda: apply(workspace, score, as_of=as_of)),
        _always(f"explain {score}", lambda: explain(workspace, score, as_of=as_of)),
    ]


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
