"""Files of which most rows could not be read: fetch set these aside, so they are in no table that could be checked."""

from __future__ import annotations

from datetime import date
from typing import Final

import duckdb

from expectations.report import Result
from warehouse.tables import raw_table

_PROMISE: Final = "more than half of the rows of each file can be read"
_ENOUGH_ROWS: Final = 20
"""Of fewer rows half is chance, not a sign that a table or a file is misread as a whole."""

_LAST_READ: Final = f"""
with
    newest as (
        select * from raw.batches
        qualify row_number() over (partition by source, entity, file order by batch_number desc) = 1
    ),
    examples as (
        select batch_id, arg_min(reason, row_number) as example from quarantine.rows where stage = 'fetch'
        group by batch_id, column_name
        qualify row_number() over (partition by batch_id order by count(distinct row_id) desc, column_name) = 1
    )
select newest.source, newest.entity, rows_read, rows_quarantined, example
from newest
semi join (select * from ops.last_read where as_of_date = $day) as read using (source, entity, file)
left join examples using (batch_id)
where rows_read >= {_ENOUGH_ROWS}
order by source, entity, file
"""

_File = tuple[int, int, str]
"""Rows read, rows set aside, and an example of what was said most often of them; it names the file."""


def is_misread(rows: int, aside: int) -> bool:
    """Whether so many of the rows are set aside that it is no fault of theirs but of how they are read."""
    return rows >= _ENOUGH_ROWS and 2 * aside > rows


def files_read(connection: duckdb.DuckDBPyConnection, day: date) -> list[Result]:
    """Per raw table whether the files, or streams, that were read last on the day could be read for the most part.

    A file counts as it was last loaded: once it, or its mapping, is mended, what was before does not count.
    """
    files: dict[tuple[str, str], list[_File]] = {}
    for source, entity, *told in connection.execute(_LAST_READ, {"day": day}).fetchall():
        files.setdefault((source, entity), []).append((told[0], told[1], told[2]))
    return [_result(source, raw_table(source, entity), found) for (source, entity), found in files.items()]


def _result(source: str, table: str, files: list[_File]) -> Result:
    misread = [(read, aside, example) for read, aside, example in files if is_misread(read, aside)]
    told = " ".join(f"Of {read:,} rows {aside:,}, mostly as in {example}." for read, aside, example in misread)
    advice = (
        f"{told} So many cannot be bad rows: it is how they are read. Check the table's columns, values, date_formats "
        f"and decimal_mark in config/sources/{source}.yml. They are kept in quarantine.rows where stage = 'fetch'."
    )
    read, aside = sum(each[0] for each in files), sum(each[1] for each in misread)
    return Result(table, _PROMISE, "_row_id", "table", read, aside, advice)
