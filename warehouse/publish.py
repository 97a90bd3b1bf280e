"""``publish``: a finished copy of the marts under a name of its own, and a pointer that moves to it in one step.

    published/
    ├── 20260630T041500Z/        one run: sales_insights.duckdb, a Parquet file per mart, manifest.json
    ├── current -> 20260630…     the run that readers are meant to open
    └── current.json             its name, for readers that cannot follow a link

A run never changes once it has its name, so who reads is never blocked and never sees two runs mixed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final

import duckdb

from config.errors import ContractBroken
from config.schema.scores import Score
from config.workspace import Workspace
from warehouse.connection import open_warehouse, quoted
from warehouse.day import day_loaded

DATABASE: Final = "sales_insights.duckdb"
MANIFEST: Final = "manifest.json"
POINTER: Final = "current"
_UNFINISHED: Final = "."
"""What a name begins with while it is written or removed; readers and the next publish know it by that."""


@dataclass(frozen=True)
class PublishReport:
    """A published run.

    Attributes:
        run_id: the name of its folder: when it was made (UTC), and a counter where that name was taken.
        as_of: the day its marts were built for.
        folder: where it lies.
        tables: rows by mart.
        checks_passed: expectations of the day that held.
        checks_failed: expectations of the day that did not; none of them forbids to use a table.
        removed: runs that were too old to keep.
    """

    run_id: str
    as_of: date
    folder: Path
    tables: Mapping[str, int]
    checks_passed: int
    checks_failed: int
    removed: tuple[str, ...]

    def lines(self) -> list[str]:
        """The sum of it, and what was published."""
        size = f"{len(self.tables)} tables, {sum(self.tables.values()):,} rows"
        checks = f"{self.checks_passed} checks passed, {self.checks_failed} did not (see check_results)"
        return [
            f"published {self.run_id} as of {self.as_of}: {size}; {checks}.",
            f"  {self.folder}",
            *(f"  {name}: {rows:,} rows" for name, rows in self.tables.items()),
            *([f"  removed: {', '.join(self.removed)}"] if self.removed else []),
        ]


def publish(workspace: Workspace, *, as_of: date | str | None = None) -> PublishReport:
    """Copy all marts into a new run and let the pointer name it; older runs beyond the number to keep are removed.

    Args:
        workspace: whose marts.
        as_of: the day; None: the one loaded last. The marts must have been built for it.

    Raises:
        ContractBroken: where the marts have not been built for the day, or a check of the day forbids to use a table;
            readers keep what they have.
        WarehouseBusy: where another process holds the warehouse.
    """
    published = workspace.data.published
    published.mkdir(parents=True, exist_ok=True)
    with open_warehouse(workspace) as connection:  # held to the end: two publishes never meet
        day = day_loaded(connection, workspace, as_of)
        _refuse_unbuilt(connection, day)
        _refuse_broken(connection, day)
        _remove_unfinished(published)
        run_id, created_at = _next_run(published)
        unfinished = published / f"{_UNFINISHED}{run_id}"
        unfinished.mkdir()
        tables, checks = _copy_marts(connection, unfinished), _checks(connection, day)
        manifest = {
            "run_id": run_id,
            "as_of_date": day.isoformat(),
            "organisation": workspace.config.organisation.name,
            "currency": workspace.config.organisation.currency,
            "created_at": created_at.isoformat(),
            "scores": {name: _settings(name, score) for name, score in workspace.config.scores.items()},
            "tables": tables,
            "checks": checks,
            "models_in_use": _models(connection),
        }
        (unfinished / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        _finish(unfinished, published / run_id)
        _point(published, run_id)
        removed = _remove_old(published, workspace.config.schedule.keep_published_runs)
    rows = {name: facts["rows"] for name, facts in tables.items()}
    return PublishReport(run_id, day, published / run_id, rows, checks["passed"], checks["failed"], removed)


def _settings(name: str, score: Score) -> dict[str, Any]:
    """How a score and its models are set up, for readers that have no configuration."""
    models = [model.model_dump(mode="json") for model in score.all_models(name)]
    return score.model_dump(mode="json", include={"grades", "trend_tolerance", "horizon_days"}) | {"models": models}


def _refuse_unbuilt(connection: duckdb.DuckDBPyConnection, day: date) -> None:
    nodes = connection.execute(
        "select as_of_date, status in ('success', 'pass', 'warn') from ops.build_results where layer = 'marts'"
    ).fetchall()
    if not nodes or not _marts(connection):
        state = "have not been built yet"
    elif any(built_for != day for built_for, _ in nodes):
        state = f"were built for {max(built_for for built_for, _ in nodes)}"
    elif not all(good for _, good in nodes):
        state = "were built with errors (see ops.build_results)"
    else:
        return
    raise ContractBroken(
        f"the marts {state}, and {day} is to be published. Readers keep the last published run. Run "
        f"'sales-insights build marts --as-of {day}' and publish again."
    )


def _refuse_broken(connection: duckdb.DuckDBPyConnection, day: date) -> None:
    broken = connection.execute(
        "select layer, table_name || ': ' || expectation || ' (' || rows_failed || ')' from quality.check_results "
        "where as_of_date = ? and not success and severity = 'table' order by all",
        [day],
    ).fetchall()
    if broken:
        raise ContractBroken(
            f"checks of {day} forbid to publish; readers keep the last published run.\n"
            + "\n".join(f"  {told}" for _, told in broken)
            + "\nThe rows are in quarantine.rows where stage = 'check'. Put right what is broken, then run "
            + ", ".join(f"'sales-insights check {layer}'" for layer in sorted({layer for layer, _ in broken}))
            + " and publish again."
        )


def _marts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from information_schema.tables where table_catalog = current_database() "
        "and table_schema = 'marts' order by 1"
    ).fetchall()
    return [name for (name,) in rows]


def _next_run(published: Path) -> tuple[str, datetime]:
    """A run id that sorts after all that exist, and the instant it stands for.

    A number once given is not given again, even where its run has been removed since.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    taken = [_age(path)[1] for path in published.iterdir() if path.name.partition("-")[0] == stamp]
    return (f"{stamp}-{max(taken) + 1}" if taken else stamp), now


def _copy_marts(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, dict[str, Any]]:
    """Write each mart into the run's database and its own Parquet file; returns rows and hash by mart."""
    connection.execute(f"attach {quoted(folder / DATABASE)} as published_run")
    try:
        tables = {name: _copy_mart(connection, name, folder) for name in _marts(connection)}
        connection.execute("checkpoint published_run")
    finally:
        connection.execute("detach published_run")
    return tables


def _copy_mart(connection: duckdb.DuckDBPyConnection, name: str, folder: Path) -> dict[str, Any]:
    parquet = folder / f"{name}.parquet"
    connection.execute(f'create table published_run.main."{name}" as from marts."{name}"')
    connection.execute(f'copy (from marts."{name}") to {quoted(parquet)} (format parquet, compression zstd)')
    row = connection.execute(f'select count(*) from published_run.main."{name}"').fetchone()
    with parquet.open("rb") as file:
        return {"rows": row[0] if row else 0, "file": parquet.name, "sha256": file_digest(file, "sha256").hexdigest()}


def _checks(connection: duckdb.DuckDBPyConnection, day: date) -> dict[str, Any]:
    found = connection.execute(
        "select success, layer, table_name, expectation, rows_failed from quality.check_results "
        "where as_of_date = ? order by all",
        [day],
    ).fetchall()
    failed = [row[1:] for row in found if not row[0]]
    names = ("layer", "table", "expectation", "rows_failed")
    return {
        "passed": len(found) - len(failed),
        "failed": len(failed),
        "failures": [dict(zip(names, row, strict=True)) for row in failed],
    }


def _models(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = ("score_name", "model_name", "model_id", "trained_as_of_date", "verdict", "auc")
    rows = connection.execute(
        "select score_name, model_name, model_id, as_of_date::varchar, verdict, auc from scores.models "
        "where status = 'champion' order by all"
    ).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def _finish(unfinished: Path, run: Path) -> None:
    """Make sure that all of it is on the disk, then give it its name."""
    for path in (*sorted(unfinished.iterdir()), unfinished):
        _sync(path)
    unfinished.rename(run)
    _sync(run.parent)


def _point(published: Path, run_id: str) -> None:
    """Move the pointer: both of its forms by a rename, which a reader sees before or after, never during."""
    link = published / f"{_UNFINISHED}{POINTER}"
    link.symlink_to(run_id, target_is_directory=True)
    link.replace(published / POINTER)
    named = published / f"{_UNFINISHED}{POINTER}.json"
    named.write_text(json.dumps({"run_id": run_id, "folder": run_id}) + "\n", encoding="utf-8")
    _sync(named)
    named.replace(published / f"{POINTER}.json")
    _sync(published)


def _remove_unfinished(published: Path) -> None:
    """What a publish that was killed has left: a run without its name, a pointer that was not moved, half a removal."""
    for path in published.glob(f"{_UNFINISHED}*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _remove_old(published: Path, keep: int) -> tuple[str, ...]:
    """Remove all but the newest runs, and the last of each of the newest days: a day may have many.

    A run loses its name first, so that nobody opens half of it.
    """
    runs = sorted((path for path in published.iterdir() if (path / MANIFEST).exists() and _is_run(path)), key=_age)
    last_of_day = {_age(run)[0][:8]: run for run in runs}
    kept = {*runs[-keep:], *(last_of_day[day] for day in sorted(last_of_day)[-keep:])}
    old = [path for path in runs if path not in kept and path.resolve() != (published / POINTER).resolve()]
    for path in old:
        shutil.rmtree(path.rename(published / f"{_UNFINISHED}{path.name}"))
    return tuple(path.name for path in old)


def _is_run(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not path.name.startswith(_UNFINISHED)


def _age(run: Path) -> tuple[str, int]:
    stamp, _, counter = run.name.partition("-")
    return stamp, int(counter or 1)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
