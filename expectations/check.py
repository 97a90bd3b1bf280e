"""``check``: hold a layer to what it promises, set aside the rows that break it, stop where a table must not be used.

raw, features, scores and forecasts are checked between the step that writes them and the step that reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

import duckdb

from config.errors import ContractBroken
from config.workspace import Workspace
from expectations.expectation import Expectation
from expectations.misread import files_read, is_misread
from expectations.quarantine import rows_set_aside, set_aside
from expectations.report import CheckReport, Result, kept_where
from expectations.subject import Subject, subjects
from expectations.validation import Validated, validate
from warehouse.connection import open_warehouse, transaction
from warehouse.day import day_loaded

LAYERS: Final = ("raw", "features", "scores", "forecasts")
_MOST: Final = "no more than half of the rows are set aside"


def check(workspace: Workspace, layer: str, *, as_of: date | str | None = None) -> CheckReport:
    """Check every table of a layer as of a day.

    The rows that break a promise are kept in ``quarantine.rows`` and from then on left out by whoever reads the table;
    every promise is a row of ``quality.check_results``. Run again, it finds the same and writes the same.

    Args:
        workspace: whose data.
        layer: raw, features, scores or forecasts.
        as_of: the day; None: the one loaded last.

    Raises:
        ContractBroken: where a table must not be used; what was found is kept all the same.
        WarehouseBusy: where another process holds the warehouse.
    """
    if layer not in LAYERS:
        raise ContractBroken(f"check {layer}: there is no such layer. Choose one of {', '.join(LAYERS)}.")
    pages = workspace.data.data_docs / layer
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        checks = [(each, each.suite.expectations(each)) for each in subjects(connection, workspace, layer, day)]
        _refuse_missing_columns(checks)
        validated = validate(connection, checks, pages)
        results = [result for each in validated for result in _results(connection, each)]
        results += files_read(connection, day) if layer == "raw" else []
        with transaction(connection):
            aside = _keep(connection, layer, day, validated, results)
    rows_checked = sum(each.rows_checked for each in validated)
    report = CheckReport(layer, day, tuple(results), rows_checked, aside, pages / "index.html")
    _refuse_broken_tables(report)
    return report


def _refuse_missing_columns(checks: Sequence[tuple[Subject, Sequence[Expectation]]]) -> None:
    missing = [
        f"{subject.table}: there is no column {column}, which '{each.name}' speaks of"
        for subject, expectations in checks
        for each in expectations
        for column in each.columns
        if column not in subject.columns
    ]
    if missing:
        raise ContractBroken(
            "\n".join(missing) + "\nBuild the layer again; if it stays, mend its model in dbt_project/."
        )


def _results(connection: duckdb.DuckDBPyConnection, validated: Validated) -> list[Result]:
    """One result per promise, and one about all rows together where rows can be set aside."""
    table, checked = validated.subject.table, validated.rows_checked
    results = []
    for outcome in validated.outcomes:
        each = outcome.expectation
        results.append(Result(table, each.name, each.column, each.severity, checked, outcome.rows_failed, each.advice))
    if any(outcome.expectation.severity == "row" for outcome in validated.outcomes):
        broken = any(not outcome.success for outcome in validated.outcomes)
        aside = rows_set_aside(connection, validated) if broken else 0
        too_many = aside if is_misread(checked, aside) else 0
        advice = "So many cannot be bad rows: it is how they are read. Check the table's mapping in config/sources/."
        results.append(Result(table, _MOST, validated.subject.suite.key[0], "table", checked, too_many, advice))
    return results


def _keep(
    connection: duckdb.DuckDBPyConnection,
    layer: str,
    day: date,
    validated: Sequence[Validated],
    results: Sequence[Result],
) -> dict[str, int]:
    """Write what was found; returns the number of rows set aside per table."""
    now = datetime.now(UTC).replace(tzinfo=None)
    counts = {each.subject.table: set_aside(connection, each, now) for each in validated}
    connection.execute("delete from quality.check_results where as_of_date = ? and layer = ?", [day, layer])
    for result in results:
        connection.execute(
            "insert into quality.check_results by name select ? as as_of_date, ? as layer, ? as table_name, "
            "? as expectation, ? as column_name, ? as severity, ? as success, ? as rows_checked, ? as rows_failed, "
            "? as checked_at",
            [
                day,
                layer,
                result.table,
                result.expectation,
                result.column,
                result.severity,
                result.success,
                result.rows_checked,
                result.rows_failed,
                now,
            ],
        )
    return {table: count for table, count in counts.items() if count}


def _refuse_broken_tables(report: CheckReport) -> None:
    broken = [result for result in report.broken if result.severity == "table"]
    if not broken:
        return
    lines = [result.line() for result in broken]
    lines += [
        f"{kept_where(table)}." for table in sorted({result.table for result in broken} & set(report.rows_set_aside))
    ]
    raise ContractBroken("\n".join([*lines, f"All that was checked: {report.pages}. Mend it and run the step again."]))
