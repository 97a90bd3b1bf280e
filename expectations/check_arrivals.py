"""``check`` of leads that come within a day: the promises of the same suites, for their rows alone and without pages.

Great Expectations takes seconds to start, whatever it is to check. Every promise is written as SQL as well, and that is
what sets rows aside in either case; here it also counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final

import duckdb

from config.errors import ContractBroken
from config.workspace import Workspace
from expectations.expectation import ROWS
from expectations.quarantine import set_more_aside
from expectations.subject import Subject, subjects
from expectations.validation import Outcome, Validated
from warehouse.connection import open_warehouse, transaction
from warehouse.day import day_loaded

_ARRIVED: Final = "record_id in (select record_id from ops.arrivals where as_of_date = date '{day}')"
_ROWS_OF: Final[dict[str, dict[str, str]]] = {
    "raw": dict.fromkeys(
        ("leads", "contacts", "accounts"),
        "_batch_id in (select batch_id from raw.batches where as_of_date = date '{day}')",
    ),
    "features": dict.fromkeys(("features.feat_lead", "features.label_lead"), _ARRIVED),
    "scores": {"scores.predictions": f"score_name = 'lead' and {_ARRIVED}"},
}
"""Layer to the tables of its suites that are checked, and to which of their rows."""


@dataclass(frozen=True)
class ArrivalsChecked:
    """How many rows of a layer were checked, and how many were set aside."""

    layer: str
    rows_checked: int
    rows_set_aside: int

    def lines(self) -> list[str]:
        """What a person should read."""
        return [f"{self.layer}: {self.rows_checked:,} rows of arrivals checked, {self.rows_set_aside:,} set aside"]


def check_arrivals(workspace: Workspace, layer: str, *, as_of: date | str | None = None) -> ArrivalsChecked:
    """Check the rows of a layer that came with leads within the day; those that break a promise are set aside.

    What the day's own check found stays as it is, and so does ``quality.check_results``. Promises about a table as a
    whole are left to that check, and so are warnings.

    Args:
        workspace: whose data.
        layer: raw, features or scores.
        as_of: the day; None: the one loaded last.

    Raises:
        ContractBroken: where a row breaks a promise without which the table must not be used.
        WarehouseBusy: where another process holds the warehouse.
    """
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        validated = [_validated(connection, subject) for subject in _subjects(connection, workspace, layer, day)]
        now = datetime.now(UTC).replace(tzinfo=None)
        with transaction(connection):
            aside = sum(set_more_aside(connection, _without_tables(each), now) for each in validated)
    _refuse_broken_tables(layer, validated)
    return ArrivalsChecked(layer, sum(each.rows_checked for each in validated), aside)


def _subjects(connection: duckdb.DuckDBPyConnection, workspace: Workspace, layer: str, day: date) -> list[Subject]:
    rows_of = _ROWS_OF[layer]
    return [
        replace(subject, only=rows_of[subject.suite.table].format(day=day))
        for subject in subjects(connection, workspace, layer, day)
        if subject.suite.table in rows_of
    ]


def _validated(connection: duckdb.DuckDBPyConnection, subject: Subject) -> Validated:
    """How many of the rows break each promise about single rows that is more than a warning; in one look at them."""
    connection.execute(f"create or replace temp table arrived as {subject.rows}")
    promises = [
        each for each in subject.suite.expectations(subject) if each.query is None and each.severity != "warning"
    ]
    counts = [f"(select count(*) from arrived where {each.fails.replace(ROWS, 'arrived')})" for each in promises]
    row = connection.execute(f"select {', '.join(['(select count(*) from arrived)', *counts])}").fetchone() or (0,)
    connection.execute("drop table arrived")
    return Validated(subject, row[0], [Outcome(*one) for one in zip(promises, row[1:], strict=True)])


def _without_tables(validated: Validated) -> Validated:
    """Without the promises on which a whole table depends: these stop the run and set no row aside."""
    return replace(validated, outcomes=[one for one in validated.outcomes if one.expectation.severity == "row"])


def _refuse_broken_tables(layer: str, validated: list[Validated]) -> None:
    broken = [
        f"{each.subject.table}: {one.expectation.name}: {one.rows_failed} rows do not. {one.expectation.advice}"
        for each in validated
        for one in each.outcomes
        if one.expectation.severity == "table" and not one.success
    ]
    if broken:
        told = "New leads wait for the daily run; readers keep what they have. "
        raise ContractBroken("\n".join([*broken, f"{told}See more with 'sales-insights check {layer}'."]))
