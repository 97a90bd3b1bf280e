"""The published run that the pointer names, opened for one request and closed after it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse.publish import DATABASE, MANIFEST, POINTER

Row = dict[str, Any]
"""A row of a published table: column to value."""


class NothingPublished(LookupError):
    """No run has come to its end yet: the message says what to do."""


@dataclass(frozen=True)
class Published:
    """One run, which never changes: all that a page shows comes from it.

    Attributes:
        run_id: its name.
        as_of: the day it was made for.
        manifest: ``manifest.json``, as ``warehouse/publish.py`` wrote it.
        connection: to its database, read-only.
    """

    run_id: str
    as_of: date
    manifest: Mapping[str, Any]
    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """What a query finds; values are bound by name."""
        found = self.connection.execute(query, dict(values or {}))
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def row(self, query: str, values: Mapping[str, Any] | None = None) -> Row | None:
        """The first row that a query finds, or None."""
        return next(iter(self.rows(query, values)), None)

    def settings(self, score_name: str, model_name: str | None = None) -> Mapping[str, Any]:
        """How a score, or one of its models, was set up when the run was published.

        Empty where the run says nothing about it.
        """
        score = self.manifest.get("scores", {}).get(score_name, {})
        if model_name is None:
            return dict(score)
        return next((dict(model) for model in score.get("models", []) if model["name"] == model_name), {})


@contextmanager
def open_published(folder: Path) -> Iterator[Published]:
    """The run that the pointer names now; the pointer is followed once, so all that is read is of one run.

    A run's file is never written again and each run has a file of its own, so reading blocks nobody.

    Args:
        folder: ``published/`` of the data folder.

    Raises:
        NothingPublished: where there is no run yet.
    """
    pointer = folder / POINTER
    if not pointer.exists():
        raise NothingPublished(
            "No run has come to its end yet. Run a whole day with 'make run', or the step 'sales-insights publish' "
            "where the rest of the day is done; then load this page again."
        )
    run = pointer.resolve()
    manifest = json.loads((run / MANIFEST).read_text(encoding="utf-8"))
    with duckdb.connect(str(run / DATABASE), read_only=True) as connection:
        yield Published(manifest["run_id"], date.fromisoformat(manifest["as_of_date"]), manifest, connection)
