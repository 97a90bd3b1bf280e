"""What we lean on in Great Expectations, and that its counts are ours."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import duckdb
import pytest

from config.errors import ContractBroken
from config.workspace import Workspace
from expectations.expectation import (
    Expectation,
    between,
    filled,
    finite,
    never,
    nothing_in,
    one_of,
    unique,
)
from expectations.subject import Subject
from expectations.suites import Suite
from expectations.validation import validate


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema s; create table s.t (id varchar, kind varchar, amount double, starts date)")
    connection.execute(
        "insert into s.t values ('1', 'a', 1, '2026-01-01'), ('1', 'a', 2, null), ('2', null, -1, '2026-01-02'), "
        "('3', '{b}', 'nan', '2026-01-03'), (null, 'c:d', 'inf', '2026-01-04'), ('4', 'a', null, '2026-01-05')"
    )
    return connection


def _subject(workspace: Workspace, expectations: list[Expectation]) -> Subject:
    suite = Suite("scores", "s.t", ("id",), of_the_day=False, expectations=lambda _: expectations)
    columns = {"id": "VARCHAR", "kind": "VARCHAR", "amount": "DOUBLE", "starts": "DATE"}
    day: Any = "2026-01-05"
    return Subject(workspace, "s.t", suite, None, day, day, {"s.t": columns}, frozenset({"s.t"}))


_ODD = {"reason": "'odd'", "severity": "row", "advice": "Look."}
_EACH = [
    (filled("id"), 1),
    (one_of("kind", ("a", "c:d"), "row", "Map it."), 1),
    (between("amount", 0, 10, "row", "Mend it."), 3),
    (unique("id", advice="Mend it."), 2),
    (unique("id", "kind", advice="Mend it."), 2),
    (finite(("amount",), "row", "Mend it."), 2),
    (never("kind has no braces", ("kind",), "regexp_matches(kind, '^[{].{1,3}$')", **_ODD), 1),  # type: ignore[arg-type]
    (never("kind has no colon", ("kind",), "kind like '%:d'", **_ODD), 1),  # type: ignore[arg-type]
    (nothing_in("few rows", "select count(*) from {rows} having count(*) > 5", "table", "Fewer."), 1),
]


def test_the_private_list_of_dialects_is_still_there() -> None:
    """If this fails after an upgrade of Great Expectations: see ``validation._read_before_closing``."""
    engine: Any = importlib.import_module("great_expectations.execution_engine.sqlalchemy_execution_engine")
    dialects = engine._PERSISTED_CONNECTION_DIALECTS
    assert isinstance(dialects, tuple)
    assert all(isinstance(dialect.value, str) for dialect in dialects)


def test_its_counts_are_those_of_our_sql(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    expectations = [each for each, _ in _EACH]
    subject = _subject(workspace, expectations)
    (validated,) = validate(connection, [(subject, expectations)], tmp_path / "pages")
    assert validated.rows_checked == 6
    assert [outcome.rows_failed for outcome in validated.outcomes] == [count for _, count in _EACH]
    for each, count in _EACH:
        sql = each.failing.replace("{rows}", f"({subject.rows})")
        assert len(connection.execute(sql).fetchall()) == count, each.name


def test_an_empty_table_passes(workspace: Workspace, connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    connection.execute("delete from s.t")
    expectations = [each for each, _ in _EACH]
    (validated,) = validate(connection, [(_subject(workspace, expectations), expectations)], tmp_path / "pages")
    assert all(outcome.success for outcome in validated.outcomes)


def test_what_cannot_be_evaluated_is_not_taken_for_kept(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    wrong = [never("nonsense", ("id",), "no_such_column = 1", **_ODD)]  # type: ignore[arg-type]
    with pytest.raises(ContractBroken, match="'nonsense' could not be evaluated"):
        validate(connection, [(_subject(workspace, wrong), wrong)], tmp_path / "pages")
    assert connection.execute("select count(*) from s.t").fetchone() == (6,)


def test_the_connection_can_write_afterwards(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    expectations = [filled("id")]
    validate(connection, [(_subject(workspace, expectations), expectations)], tmp_path / "pages")
    connection.execute("drop table s.t")
    assert connection.execute("select count(*) from duckdb_tables()").fetchone() == (0,)
