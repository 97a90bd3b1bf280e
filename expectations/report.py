"""What a check found, for tables and for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from expectations.expectation import Severity


@dataclass(frozen=True)
class Result:
    """How one promise of one table fared."""

    table: str
    expectation: str
    column: str | None
    severity: Severity
    rows_checked: int
    rows_failed: int
    advice: str

    @property
    def success(self) -> bool:
        """Whether nothing broke it."""
        return self.rows_failed == 0

    def line(self) -> str:
        """The broken promise in one line."""
        found = (
            f"{self.rows_failed:,} of {self.rows_checked:,} rows"
            if self.column
            else f"broken {self.rows_failed:,} times"
        )
        return f"{self.table}: {self.expectation}: {found}, {_CONSEQUENCE[self.severity]}. {self.advice}"


_CONSEQUENCE = {"row": "set aside", "warning": "reported only", "table": "the table must not be used"}


@dataclass(frozen=True)
class CheckReport:
    """What the check of a layer found.

    Attributes:
        layer: raw, features, scores or forecasts.
        as_of: the day that was checked.
        results: every promise of every table that has rows, in order.
        rows_checked: rows of all tables together.
        rows_set_aside: rows in quarantine after this check, by table; tables without any are left out.
        pages: the first page of Great Expectations' own report.
    """

    layer: str
    as_of: date
    results: tuple[Result, ...]
    rows_checked: int
    rows_set_aside: dict[str, int]
    pages: Path

    @property
    def broken(self) -> tuple[Result, ...]:
        """Promises that were broken."""
        return tuple(result for result in self.results if not result.success)

    def lines(self) -> list[str]:
        """What a person should read: the sum, each broken promise with what to do, and where the rows are kept."""
        tables = len({result.table for result in self.results})
        aside = sum(self.rows_set_aside.values())
        held = len(self.results) - len(self.broken)
        first = (
            f"check({self.layer}) as of {self.as_of}: {tables} tables, {self.rows_checked:,} rows, {held} of "
            f"{len(self.results)} expectations held, {aside:,} rows set aside."
        )
        lines = [first, *(f"  {result.line()}" for result in self.broken)]
        lines += [f"  {kept_where(table)} ({count:,} rows)" for table, count in self.rows_set_aside.items()]
        return [*lines, f"  Pages: {self.pages}"]


def kept_where(table: str) -> str:
    """Where rows of a table that were set aside are found."""
    return f"Kept with their reasons in quarantine.rows where stage = 'check' and table_name = '{table}'"
