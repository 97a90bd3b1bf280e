"""Promises that raw tables share: those of the canonical entity, of dates, and of keys that name other records."""

from __future__ import annotations

from typing import Final

from config.schema.canonical import ENTITIES
from expectations.expectation import Expectation, Severity, filled, finite, never, one_of, text
from expectations.subject import Subject

_MAP_IT: Final = "Mend the row in the source, or the columns and values in config/sources/ that it is mapped by."
_EMAIL: Final = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_OLDEST: Final = "1980-01-01"


def entity_columns(entity: str) -> list[Expectation]:
    """Keys are filled, columns with a list of values hold one of them, numbers are numbers."""
    columns = ENTITIES[entity].columns
    numbers = tuple(column.name for column in columns if column.type == "number")
    return [
        *(filled(column, "row", _MAP_IT) for column in ENTITIES[entity].key),
        *(one_of(column.name, column.values, "row", _MAP_IT) for column in columns if column.values),
        *([finite(numbers, "row", _MAP_IT)] if numbers else []),
    ]


def decided_after_creation() -> Expectation:
    """A decided record was created before it was decided.

    Compared by day, or by month where dates are no more exact; a day is granted for sources that write an instant in
    UTC beside a day in local time. An open record's closing date is not looked at: some systems keep the expected one
    there.
    """
    return never(
        "closed_at is not before created_at",
        ("closed_at", "created_at", "status", "date_precision"),
        "status <> 'open' and case when date_precision = 'month' "
        "then date_trunc('month', closed_at) < date_trunc('month', created_at) "
        "else cast(closed_at as date) < cast(created_at as date) - 1 end",
        reason="'closed_at ' || cast(closed_at as date) || ' lies before created_at ' || cast(created_at as date)",
        severity="row",
        advice="Mend the dates in the source, or check the date formats in config/sources/.",
    )


def decided_has_date() -> Expectation:
    """A decided record says when it was decided; else a score with a horizon cannot learn from it."""
    return never(
        "a decided record has closed_at",
        ("closed_at", "status", "date_precision"),
        "status <> 'open' and closed_at is null and date_precision is distinct from 'order'",
        reason="'status is ' || status || ' but closed_at is empty'",
        severity="warning",
        advice="A score with a horizon cannot learn from them. Fill the date in the source, or map it.",
    )


def created_known() -> Expectation:
    """A record says when it was created, where the source has dates at all."""
    return never(
        "created_at is filled",
        ("created_at", "date_precision"),
        "created_at is null and date_precision is distinct from 'order'",
        reason="'created_at is empty'",
        severity="warning",
        advice="Such records have no features of time. Fill the date in the source, or map it in config/sources/.",
    )


def plausible_dates(subject: Subject, *columns: str) -> list[Expectation]:
    """No instant lies far in the future, which is a typing mistake, or long before there were such systems.

    An instant shortly after the last day loaded is good: an export may be read as of an earlier day, and sellers date
    ahead.
    """
    return [
        expectation
        for column in columns
        for expectation in (
            never(
                f"{column} is at most a year after the last day loaded",
                (column,),
                f"{column} >= date '{subject.last_day}' + interval 1 year",
                reason=f"'{column} ' || cast({column} as date) || ' lies more than a year after the last day loaded'",
                severity="row",
                advice="Mend the date in the source, or check the date formats in config/sources/.",
            ),
            never(
                f"{column} is not before {_OLDEST[:4]}",
                (column,),
                f"{column} < date '{_OLDEST}'",
                reason=f"'{column} ' || cast({column} as date) || ' lies before {_OLDEST}'",
                severity="warning",
                advice="Most likely a system's stand-in for 'no date'. Leave such dates empty in the export.",
            ),
        )
    ]


def not_yet(subject: Subject, column: str) -> Expectation:
    """What lies after the last day loaded has not happened as far as the day knows; it is worth a look."""
    return never(
        f"{column} is not after the last day loaded",
        (column, "status"),
        f"status <> 'open' and {column} >= date '{subject.last_day}' + 1",
        reason=f"'{column} ' || cast({column} as date) || ' lies after the last day loaded'",
        severity="warning",
        advice="Such records count as open until that day. Is the day (as_of) the one of the export?",
    )


def email_shape() -> Expectation:
    """An e-mail address looks like one."""
    return never(
        "email looks like an address",
        ("email",),
        f"not regexp_matches(trim(email), {text(_EMAIL)})",
        reason="'email ' || email || ' is no address'",
        severity="warning",
        advice="Correct it in the source; nothing is set aside for it.",
    )


def names(subject: Subject, column: str, entity: str) -> list[Expectation]:
    """The key, where filled, names a record of the entity. Not asked where the source has no rows of it."""
    other, key = subject.sibling(entity), ENTITIES[entity].key[0]
    if other not in subject.filled_tables:
        return []
    return [
        never(
            f"{column} names one of the {entity}",
            (column,),
            f"{column} not in (select {key} from {other} where {key} is not null)",
            reason=f"'{column} ' || {column} || ' is none of the {entity}'",
            severity="warning",
            advice=f"Add it to the {entity}, or correct the key; until then it is treated as unknown.",
        )
    ]


def not_negative(column: str, severity: Severity = "warning") -> Expectation:
    """A count or an amount that cannot be below zero."""
    return never(
        f"{column} is not negative",
        (column,),
        f"{column} < 0",
        reason=f"'{column} ' || {column} || ' is negative'",
        severity=severity,
        advice="Correct it in the source, or check the decimal mark in config/sources/.",
    )
