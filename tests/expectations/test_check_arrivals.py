"""Arrivals are held to the same promises as all rows, and what other checks set aside stays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from config.errors import ContractBroken
from config.workspace import Workspace
from expectations.check import check
from expectations.check_arrivals import check_arrivals
from tests.expectations.conftest import DAY, LoadRows, insert_rows, record
from warehouse.connection import open_warehouse

ASIDE = "select record_key, reason from quarantine.rows where stage = 'check' order by all"


def found(workspace: Workspace, query: str) -> list[tuple[object, ...]]:
    with open_warehouse(workspace) as connection:
        return connection.execute(query).fetchall()


def came(workspace: Workspace, day: date, where: str = "true") -> None:
    with open_warehouse(workspace) as connection:
        connection.execute(f"update raw.batches set as_of_date = ? where {where}", [day])


def test_a_broken_arrival_is_set_aside_and_what_was_set_aside_stays(workspace: Workspace, load_rows: LoadRows) -> None:
    load_rows("leads", [record("leads", 1, estimated_amount=-1.0)])
    came(workspace, DAY)
    check_arrivals(workspace, "raw")
    came(workspace, DAY - timedelta(days=1))
    load_rows("leads", [record("leads", 2), record("leads", 3, status=None), record("leads", 4, email="none")])
    came(workspace, DAY, "as_of_date is null")
    report = check_arrivals(workspace, "raw")
    assert (report.rows_checked, report.rows_set_aside) == (3, 1)
    assert [key for key, _ in found(workspace, ASIDE)] == ["leads-1", "leads-3"]
    by_arrivals = found(workspace, ASIDE)
    assert check_arrivals(workspace, "raw").rows_set_aside == 1
    assert found(workspace, ASIDE) == by_arrivals, "nothing is set aside twice"
    check(workspace, "raw")
    assert found(workspace, ASIDE) == by_arrivals, "the whole check finds the same"


def test_an_arrival_without_which_the_table_cannot_be_used_stops_the_run(workspace: Workspace) -> None:
    arrival = {"as_of_date": DAY, "record_id": "a"}
    prediction = arrival | {"score_name": "lead", "model_name": "LeadScoring", "method": "guess", "probability": 2.0}
    with open_warehouse(workspace) as connection:
        insert_rows(connection, "ops.arrivals", [arrival])
        insert_rows(connection, "scores.predictions", [prediction, prediction | {"record_id": "not an arrival"}])
    with pytest.raises(
        ContractBroken, match="New leads wait for the daily run; readers keep what they have"
    ) as refused:
        check_arrivals(workspace, "scores", as_of=DAY)
    assert "probability lies between 0 and 1: 1 rows do not" in str(refused.value)
    assert found(workspace, ASIDE) == []
