"""How many rows each step worked on, asked of the warehouse afterwards: ``python -m tests.bench.rows`` writes JSON.

A process of its own, so that the one that measures stays small.
"""

from __future__ import annotations

import json
import sys

import duckdb

from config.workspace import Workspace
from warehouse.connection import open_warehouse

_NEWEST = "from scores.models where score_name = '{score}' order by trained_at desc limit 1"


def questions(scores: list[str]) -> dict[str, str]:
    """Step to the query that counts its rows."""
    counted = {
        "demo": "select sum(rows_read) from raw.batches",
        "fetch": "select sum(rows_read) from raw.batches",
        "load": "select sum(rows_loaded) from raw.batches",
        "check raw": "select sum(rows_loaded) from raw.batches",
        "check scores": "select count(*) from scores.predictions",
        "forecast": "select count(*) from features.feat_manager_week",
        "check forecasts": "select count(*) from forecasts.managers",
    }
    for score in scores:
        newest = _NEWEST.format(score=score)
        counted[f"train {score}"] = f"select training_records + holdout_records {newest}"
        counted[f"validate {score}"] = f"select holdout_records {newest}"
        counted[f"apply {score}"] = f"select sum(records_scored) from scores.runs where score_name = '{score}'"
    return counted


def count(connection: duckdb.DuckDBPyConnection, scores: list[str]) -> dict[str, int | None]:
    """Step to rows; None where a step has left nothing to count."""
    rows = {step: _ask(connection, query) for step, query in questions(scores).items()}
    for layer in ("staging", "history", "intermediate", "features", "marts"):
        rows[f"build {layer}"] = _in_schema(connection, layer)
    return rows | {"check features": rows["build features"], "publish": rows["build marts"]}


def _ask(connection: duckdb.DuckDBPyConnection, query: str) -> int | None:
    try:
        row = connection.execute(query).fetchone()
    except duckdb.CatalogException:
        return None  # the step that makes this table has not run
    return None if row is None or row[0] is None else int(row[0])


def _in_schema(connection: duckdb.DuckDBPyConnection, schema: str) -> int | None:
    names = connection.execute(
        "select table_name from information_schema.tables where table_schema = ? order by table_name", [schema]
    ).fetchall()
    return sum(_ask(connection, f'select count(*) from {schema}."{name}"') or 0 for (name,) in names) if names else None


if __name__ == "__main__":
    workspace = Workspace.open()
    with open_warehouse(workspace) as opened:
        sys.stdout.write(json.dumps(count(opened, list(workspace.config.scores))))
