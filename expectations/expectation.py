"""One promise about the rows of a table: as SQL that finds the rows that break it, and as Great Expectations knows it.

In all SQL here ``{rows}`` stands for the rows that are checked, ready to follow ``from``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Severity = Literal["row", "warning", "table"]
"""row: the row is set aside. warning: it is only reported. table: the table must not be used, the check fails."""

ROWS: Final = "{rows}"
LARGEST_AMOUNT: Final = 1e15
"""No single deal is worth more in any currency; a larger number is a misread one."""


@dataclass(frozen=True)
class Expectation:
    """A promise, and what to do when it is broken.

    Attributes:
        name: the promise in words; unique within its table.
        columns: the columns it speaks of. The first is the one that is reported.
        fails: SQL condition that is true for a row that breaks it.
        reason: SQL text: for such a row, what is wrong with it, in words and with its values.
        severity: what happens to the rows, or to the table, that break it.
        advice: what a person does about it.
        query: a whole query in place of ``fails``, where what breaks the promise is no row of the table.
        type: the expectation of Great Expectations that says the same; None: its own query for unexpected rows.
        arguments: the arguments of that type.
    """

    name: str
    columns: tuple[str, ...]
    fails: str
    reason: str
    severity: Severity
    advice: str
    query: str | None = None
    type: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def failing(self) -> str:
        """The query for what breaks the promise, with ``{rows}`` still in it."""
        return self.query or f"select * from {ROWS} where {self.fails}"

    @property
    def column(self) -> str | None:
        """The column that is reported; None where the promise is about the table as a whole."""
        return self.columns[0] if self.columns else None


def filled(column: str, severity: Severity = "row", advice: str = "Fill it in the source.") -> Expectation:
    """The column is never empty."""
    return Expectation(
        name=f"{column} is filled",
        columns=(column,),
        fails=f"{column} is null",
        reason=text(f"{column} is empty"),
        severity=severity,
        advice=advice,
        type="ExpectColumnValuesToNotBeNull",
        arguments={"column": column},
    )


def one_of(column: str, values: tuple[str, ...], severity: Severity, advice: str) -> Expectation:
    """The column, where filled, has one of the values."""
    listed = ", ".join(values)
    return Expectation(
        name=f"{column} is one of {listed}",
        columns=(column,),
        fails=f"{column} is not null and {column} not in ({', '.join(text(value) for value in values)})",
        reason=f"{text(f'{column} ')} || {column} || {text(f' is not one of {listed}')}",
        severity=severity,
        advice=advice,
        type="ExpectColumnValuesToBeInSet",
        arguments={"column": column, "value_set": list(values)},
    )


def between(column: str, least: float, most: float, severity: Severity, advice: str) -> Expectation:
    """The number, where filled, is finite and lies in [least, most]."""
    return Expectation(
        name=f"{column} lies between {least:g} and {most:g}",
        columns=(column,),
        fails=f"{column} is not null and not ({column} >= {least!r} and {column} <= {most!r})",
        reason=f"{text(f'{column} ')} || {column} || {text(f' does not lie between {least:g} and {most:g}')}",
        severity=severity,
        advice=advice,
        type="ExpectColumnValuesToBeBetween",
        arguments={"column": column, "min_value": least, "max_value": most},
    )


def unique(*columns: str, advice: str) -> Expectation:
    """The columns together are the key of the table: no two rows have the same."""
    listed = ", ".join(columns)
    return Expectation(
        name=f"{listed}: no two rows have the same",
        columns=columns,
        fails=f"({listed}) in (select ({listed}) from {ROWS} group by {listed} having count(*) > 1)",
        reason=f"{text('another row has the same ' + listed + ': ')} || concat_ws(', ', {listed})",
        severity="table",
        advice=advice,
        type="ExpectCompoundColumnsToBeUnique" if len(columns) > 1 else "ExpectColumnValuesToBeUnique",
        arguments={"column_list": list(columns)} if len(columns) > 1 else {"column": columns[0]},
    )


def never(
    name: str, columns: tuple[str, ...], fails: str, *, reason: str, severity: Severity, advice: str
) -> Expectation:
    """A promise of its own: ``name`` says what holds, ``fails`` is true for the rows where it does not."""
    return Expectation(name, columns, fails, reason, severity, advice)


def nothing_in(name: str, query: str, severity: Severity, advice: str) -> Expectation:
    """A promise about the table as a whole: the query, which reads ``{rows}``, finds nothing."""
    return Expectation(name, (), "false", "null", severity, advice, query=query)


def finite(columns: tuple[str, ...], severity: Severity, advice: str) -> Expectation:
    """None of the numbers is infinite or not a number."""
    broken = [f"coalesce(not isfinite({column}), false)" for column in columns]
    named = ", ".join(f"case when {test} then {text(column)} end" for column, test in zip(columns, broken, strict=True))
    return Expectation(
        name="every number is finite",
        columns=columns,
        fails=" or ".join(broken) or "false",
        reason=f"concat_ws(', ', {named}) || ' is not a finite number'",
        severity=severity,
        advice=advice,
    )


def text(value: str) -> str:
    """A text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"
