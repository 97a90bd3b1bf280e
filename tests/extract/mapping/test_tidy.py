"""Columns that need no trimming are found, and what is not trimmed is what trimming would have left."""

from __future__ import annotations

from itertools import product

import duckdb
import pytest

from extract.mapping.expressions import declare
from extract.mapping.parquet import Opened
from extract.mapping.tidy import cleaned

ENDS = ("", " ", "\n", "\u00a0", "\u202f", "\x01", "~", "\u00a1", "\u2030")
TEXTS = tuple(before + middle + after for before, middle, after in product(ENDS, ("", "x y"), ENDS))


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(":memory:")
    declare(made, ".", "UTC")
    return made


def test_every_text_is_what_cleaning_makes_of_it(connection: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(f"[$t[{number}], 'plain', null] as l{number}" for number in range(1, len(TEXTS) + 1))
    cells = ", ".join(f"unnest(l{number}) as c{number - 1}" for number in range(1, len(TEXTS) + 1))
    connection.execute(f"create table source_rows as select {cells} from (select {columns})", {"t": list(TEXTS)})
    found = cleaned(connection, Opened(tuple(f"n{number}" for number in range(len(TEXTS)))))
    wrong = ", ".join(
        f"count(*) filter ({text} is distinct from clean(c{number}))" for number, text in enumerate(found)
    )
    assert set(connection.execute(f"select {wrong} from source_rows").fetchone() or ()) == {0}


def test_only_columns_with_white_ends_are_trimmed(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table source_rows as select 'a b' as c0, ' a' as c1, '' as c2, '\u00c4' as c3, ' 1' as c4"
    )
    found = cleaned(connection, Opened(("n0", "n1", "n2", "n3", "n4"), tidy=frozenset({"n4"})))
    assert found == ["c0", "clean(c1)", "nullif(c2, '')", "c3", "nullif(c4, '')"]
