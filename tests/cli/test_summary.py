"""What ``run`` prints of a published day."""

from __future__ import annotations

import duckdb
from rich.console import Console

from cli.summary import _rows_read


def test_rows_read_are_told_by_source_and_entity_and_add_up() -> None:
    with duckdb.connect() as published:
        published.execute(
            """
            create table load_summary as
            select * from (values
                ('exchange', 'activities', 'ada@a.example/messages', 3, 2, 1),
                ('exchange', 'activities', 'ben@a.example/messages', 1000, 1000, 0),
                ('dataverse', 'leads', 'lead', 5, 5, 0)
            ) t(source, entity, file, rows_read, rows_loaded, rows_quarantined);
            create table quarantined_rows (table_name varchar, column_name varchar, reason varchar, row_number bigint);
            insert into quarantined_rows values ('raw.exchange__activities', 'type', 'row 7: odd', 7)
            """
        )
        console = Console(width=120, record=True)
        _rows_read(published, console)
    lines = [" ".join(line.split()) for line in console.export_text().splitlines()]
    assert lines[2:5] == [
        "dataverse leads lead 5 5 0",
        "exchange activities 2 tables or files 1,003 1,002 1",
        "all 1,008 1,007 1",
    ]
    assert "raw.exchange__activities type 1 row 7: odd" in lines


def test_a_day_that_read_nothing() -> None:
    with duckdb.connect() as published:
        published.execute(
            """
            create table load_summary (
                source varchar, entity varchar, file varchar, rows_read int, rows_loaded int, rows_quarantined int
            );
            create table quarantined_rows (table_name varchar, column_name varchar, reason varchar, row_number bigint)
            """
        )
        console = Console(width=120, record=True)
        _rows_read(published, console)
    assert "set aside, each kept" not in console.export_text()
