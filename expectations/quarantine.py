"""Rows that broke a promise: kept with the reason for as long as they break it."""

from __future__ import annotations

from datetime import datetime

import duckdb

from expectations.expectation import ROWS
from expectations.subject import Subject
from expectations.validation import Validated

_KEEP = """
insert into quarantine.rows by name
select
    failing.row_id, 'check' as stage, $table as table_name, failing.source, failing.file, failing.row_number,
    failing.record_key, failing.column_name, failing.reason, failing.content, null as batch_id,
    coalesce(earlier.as_of_date, $day) as as_of_date, coalesce(earlier.quarantined_at, $now) as quarantined_at
from failing
left join earlier using (row_id, reason)
where $again or earlier.row_id is null
order by failing.file, failing.row_number, failing.row_id, failing.reason
"""


def set_aside(connection: duckdb.DuckDBPyConnection, validated: Validated, now: datetime) -> int:
    """Replace what earlier checks set aside of the table by what this one did; returns the number of rows set aside.

    A row that was already kept for the same reason keeps its first day and instant; one that has been mended, or that a
    later mapping has superseded, is released. Belongs inside a transaction.
    """
    return _set_aside(connection, validated, now, again=True)


def set_more_aside(connection: duckdb.DuckDBPyConnection, validated: Validated, now: datetime) -> int:
    """Add what this check set aside of the table to what earlier ones did; returns the number of rows it found.

    For a check of some rows, which says nothing about the others. Belongs inside a transaction.
    """
    return _set_aside(connection, validated, now, again=False)


def _set_aside(connection: duckdb.DuckDBPyConnection, validated: Validated, now: datetime, *, again: bool) -> int:
    table, subject = validated.subject.table, validated.subject
    connection.execute(f"create or replace temp table failing as {_failing(validated)}")
    connection.execute(
        "create or replace temp table earlier as select row_id, reason, min(as_of_date) as as_of_date, "
        "min(quarantined_at) as quarantined_at from quarantine.rows where stage = 'check' and table_name = $table "
        "group by row_id, reason",
        {"table": table},
    )
    if again:
        connection.execute(
            "delete from quarantine.rows where stage = 'check' and table_name = $table", {"table": table}
        )
    connection.execute(_KEEP, {"table": table, "day": subject.day, "now": now, "again": again})
    row = connection.execute("select count(distinct row_id) from failing").fetchone()
    connection.execute("drop table failing")
    connection.execute("drop table earlier")
    return int(row[0]) if row else 0


def rows_set_aside(connection: duckdb.DuckDBPyConnection, validated: Validated) -> int:
    """How many rows of the table break at least one promise that sets a row aside."""
    row = connection.execute(f"select count(distinct row_id) from ({_failing(validated)})").fetchone()
    return int(row[0]) if row else 0


def _failing(validated: Validated) -> str:
    """The query for every row and reason; promises that only warn are left out, and those about no row of the table."""
    broken = [
        outcome.expectation
        for outcome in validated.outcomes
        if not outcome.success and outcome.expectation.severity != "warning" and outcome.expectation.query is None
    ]
    rows = f"({validated.subject.rows})"
    identity = _identity(validated.subject)
    parts = [
        f"select {identity}, '{each.column}' as column_name, {each.reason} as reason, "
        f"to_json(checked)::varchar as content from {rows} as checked where {each.fails.replace(ROWS, rows)}"
        for each in broken
    ]
    return " union all ".join(
        parts
        or [f"select {identity}, '' as column_name, '' as reason, '' as content from {rows} as checked where false"]
    )


def _identity(subject: Subject) -> str:
    """Which row it is, where it came from, and whose record."""
    key = ", ".join(subject.suite.key)
    if subject.source is not None:
        where = f"_row_id as row_id, '{subject.source}' as source, _file as file, _row_number as row_number"
        return f"{where}, concat_ws(', ', {key}) as record_key"
    record = ", ".join(column for column in subject.suite.key if column != "as_of_date")
    where = (
        f"concat_ws(':', {key}) as row_id, null::varchar as source, null::varchar as file, null::bigint as row_number"
    )
    return f"{where}, concat_ws(', ', {record}) as record_key"
