"""The verb: real Great Expectations over a real warehouse."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from datetime import date

import pytest

from config.errors import ContractBroken
from config.workspace import PROJECT, Workspace
from expectations.check import check
from tests.expectations.conftest import (
    DAY,
    LoadRows,
    Query,
    WriteFeatures,
    feature,
    insert_rows,
    label,
    record,
    week,
)
from warehouse.connection import open_warehouse

_KEPT = "select record_key, reason from quarantine.rows where stage = 'check' order by record_key, reason"


def test_good_rows_pass(workspace: Workspace, load_rows: LoadRows, query: Query) -> None:
    for entity in ("leads", "opportunities", "activities", "users"):
        load_rows(entity, [record(entity, number) for number in range(30)])
    report = check(workspace, "raw")
    assert report.broken == ()
    assert report.lines()[0] == (
        f"check(raw) as of 2026-06-30: 4 tables, 120 rows, {len(report.results)} of {len(report.results)} expectations "
        "held, 0 rows set aside."
    )
    assert query("select count(*) from quarantine.rows") == [(0,)]


def test_broken_rows_are_kept_with_a_reason_in_words(workspace: Workspace, load_rows: LoadRows, query: Query) -> None:
    broken = [
        record("leads", 1, status="qualified", created_at="2024-02-01", closed_at="2024-01-02"),
        record("leads", 2, status=None),
        record("leads", 3, status="in limbo"),
        record("leads", 4, estimated_amount=-5.0),
        record("leads", 5, created_at="2062-01-01"),
        record("leads", 6, estimated_amount=float("inf")),
    ]
    load_rows("leads", [*broken, *(record("leads", number) for number in range(10, 30))])
    report = check(workspace, "raw")
    assert query(_KEPT) == [
        ("leads-1", "closed_at 2024-01-02 lies before created_at 2024-02-01"),
        ("leads-2", "status is empty"),
        ("leads-3", "status in limbo is not one of open, qualified, disqualified"),
        ("leads-4", "estimated_amount -5.0 does not lie between 0 and 1e+15"),
        ("leads-5", "created_at 2062-01-01 lies more than a year after the last day loaded"),
        ("leads-6", "estimated_amount inf does not lie between 0 and 1e+15"),
        ("leads-6", "estimated_amount is not a finite number"),
    ]
    assert report.rows_set_aside == {"raw.files__leads": 6}
    kept = query(
        "select row_id, table_name, source, file, row_number, column_name, batch_id, as_of_date, "
        "json_extract_string(content, '$.status') from quarantine.rows where record_key = 'leads-3'"
    )
    assert kept == [("batch1:3", "raw.files__leads", "files", "leads.csv", 3, "status", None, DAY, "in limbo")]


def test_every_broken_promise_is_told_with_count_place_and_advice(workspace: Workspace, load_rows: LoadRows) -> None:
    load_rows("leads", [record("leads", 1, status=None), *(record("leads", number) for number in range(2, 22))])
    lines = "\n".join(check(workspace, "raw").lines())
    assert "raw.files__leads: status is filled: 1 of 21 rows, set aside. Map its source column" in lines
    assert "quarantine.rows where stage = 'check' and table_name = 'raw.files__leads' (1 rows)" in lines


def test_a_warning_sets_nothing_aside(workspace: Workspace, load_rows: LoadRows, query: Query) -> None:
    load_rows("users", [record("users", 1)])
    odd = record("opportunities", 1, status="won", created_at=None, owner_id="nobody", estimated_close_on="2099-01-01")
    load_rows("opportunities", [odd])
    report = check(workspace, "raw")
    assert {result.expectation for result in report.broken} == {
        "a decided record has closed_at",
        "created_at is filled",
        "estimated_close_on is at most five years ahead",
        "owner_id names one of the users",
    }
    assert query(_KEPT) == []


def test_again_finds_and_writes_the_same(workspace: Workspace, load_rows: LoadRows, query: Query) -> None:
    load_rows("leads", [record("leads", 1, status=None), *(record("leads", number) for number in range(2, 22))])
    tables = [
        "select * exclude (quarantined_at) from quarantine.rows order by all",
        "select * exclude (checked_at) from quality.check_results order by all",
    ]
    check(workspace, "raw")
    once = [query(sql) for sql in tables]
    check(workspace, "raw")
    assert [query(sql) for sql in tables] == once


def test_a_later_day_loses_and_doubles_nothing(workspace: Workspace, load_rows: LoadRows, query: Query) -> None:
    rows = [record("leads", 1, status=None), record("leads", 2, closed_at="2027-06-30 12:00", status="qualified")]
    load_rows("leads", [*rows, *(record("leads", number) for number in range(10, 30))])
    check(workspace, "raw", as_of=DAY)
    assert query("select row_id, as_of_date from quarantine.rows order by 1") == [("batch1:1", DAY), ("batch1:2", DAY)]
    with open_warehouse(workspace) as connection:
        insert_rows(connection, "ops.days", [{"as_of_date": "2026-07-01", "loaded_at": "2026-07-02"}])
    check(workspace, "raw")
    assert query("select row_id, as_of_date from quarantine.rows") == [("batch1:1", DAY)]  # 2: now within a year
    check(workspace, "raw", as_of=DAY)  # an earlier day again: what is known by now stays known
    assert query("select row_id, as_of_date from quarantine.rows") == [("batch1:1", DAY)]
    assert query("select distinct as_of_date from quality.check_results order by 1") == [(DAY,), (date(2026, 7, 1),)]


def test_a_superseded_batch_is_not_looked_at(workspace: Workspace, load_rows: LoadRows, query: Query) -> None:
    good = [record("leads", number) for number in range(2, 22)]
    load_rows("leads", [record("leads", 1, status=None), *good], content="one")
    check(workspace, "raw")
    assert query(_KEPT) == [("leads-1", "status is empty")]
    load_rows("leads", [record("leads", 1), *good], content="one")
    assert check(workspace, "raw").rows_checked == 21
    assert query(_KEPT) == []


def test_the_mark_of_a_deletion_is_left_alone(workspace: Workspace, load_rows: LoadRows) -> None:
    load_rows("leads", [{"lead_id": "gone", "_deleted": True}, record("leads", 1)])
    assert check(workspace, "raw").rows_checked == 1


def test_rows_that_fetch_set_aside_stay(workspace: Workspace, load_rows: LoadRows, query: Query) -> None:
    load_rows("leads", [record("leads", 1)])
    with open_warehouse(workspace) as connection:
        kept = {"row_id": "batch1:9", "stage": "fetch", "table_name": "raw.files__leads", "reason": "unreadable date"}
        insert_rows(connection, "quarantine.rows", [kept])
    check(workspace, "raw")
    assert query("select row_id, stage from quarantine.rows") == [("batch1:9", "fetch")]


def test_more_than_half_of_the_rows_stops_the_day(workspace: Workspace, load_rows: LoadRows, query: Query) -> None:
    load_rows("leads", [record("leads", number, status=None if number < 11 else "open") for number in range(20)])
    with pytest.raises(ContractBroken, match="no more than half of the rows are set aside: 11 of 20 rows") as error:
        check(workspace, "raw")
    assert "table_name = 'raw.files__leads'" in str(error.value)
    assert query("select count(*) from quarantine.rows") == [(11,)]
    broken = "select rows_failed, severity from quality.check_results where expectation like 'no more than half%'"
    assert query(broken) == [(11, "table")]


def test_an_organisation_with_leads_alone(workspace: Workspace, load_rows: LoadRows) -> None:
    """No dates, no owners, nothing but leads in an order: as in an export made for a competition."""
    plain = {"created_at": None, "date_precision": "order", "estimated_amount": None}
    load_rows(
        "leads", [record("leads", number, record_order=number, status="qualified", **plain) for number in range(30)]
    )
    report = check(workspace, "raw")
    assert report.broken == ()
    assert {result.table for result in report.results} == {"raw.files__leads"}


def test_nothing_loaded_yet(workspace: Workspace) -> None:
    with pytest.raises(ContractBroken, match="nothing has been loaded yet"):
        check(workspace, "raw")


def test_an_unknown_layer_is_told(workspace: Workspace) -> None:
    with pytest.raises(ContractBroken, match="raw, features, scores, forecasts"):
        check(workspace, "marts")


def test_features_that_were_not_built(workspace: Workspace, load_rows: LoadRows) -> None:
    load_rows("leads", [record("leads", 1)])
    with pytest.raises(ContractBroken, match=r"features\.feat_lead does not exist"):
        check(workspace, "features")


def test_good_features_pass(workspace: Workspace, load_rows: LoadRows, write_features: WriteFeatures) -> None:
    load_rows("leads", [record("leads", 1)])
    weeks = [week(number) for number in range(5)]
    write_features(feat_lead=[feature(1)], label_lead=[label(1)], feat_manager_week=weeks)
    assert check(workspace, "features").broken == ()


def test_a_key_twice_stops_the_day(
    workspace: Workspace, load_rows: LoadRows, write_features: WriteFeatures, query: Query
) -> None:
    load_rows("leads", [record("leads", 1)])
    write_features(feat_lead=[feature(1), feature(1, age_days=61.0)], label_lead=[label(1)])
    with pytest.raises(ContractBroken) as error:
        check(workspace, "features")
    assert "features.feat_lead: record_id, as_of_date: no two rows have the same: 2 of 2 rows" in str(error.value)
    assert "quarantine.rows where stage = 'check' and table_name = 'features.feat_lead'" in str(error.value)
    assert (
        query("select row_id, record_key, reason from quarantine.rows")
        == [("r1:2026-06-30", "r1", "another row has the same record_id, as_of_date: r1, 2026-06-30")] * 2
    )


def test_features_that_vanished(workspace: Workspace, load_rows: LoadRows, write_features: WriteFeatures) -> None:
    load_rows("leads", [record("leads", 1)])
    write_features()
    with pytest.raises(ContractBroken, match=r"features\.feat_lead: there are rows, since there are leads"):
        check(workspace, "features")


def test_a_feature_table_without_a_promised_column(
    workspace: Workspace, load_rows: LoadRows, write_features: WriteFeatures
) -> None:
    load_rows("leads", [record("leads", 1)])
    write_features(feat_lead=[feature(1)], label_lead=[label(1)])
    with open_warehouse(workspace) as connection:
        connection.execute("alter table features.feat_lead drop column is_current")
    with pytest.raises(ContractBroken, match=r"features\.feat_lead: there is no column is_current"):
        check(workspace, "features")


def test_pages_are_written_and_replaced(workspace: Workspace, load_rows: LoadRows) -> None:
    load_rows("leads", [record("leads", 1)])
    pages = check(workspace, "raw").pages
    assert "raw.files__leads" in pages.read_text()
    (pages.parent / "of_the_last_check").touch()
    check(workspace, "raw")
    assert sorted(path.name for path in pages.parent.parent.iterdir()) == ["raw"]
    assert not (pages.parent / "of_the_last_check").exists()


def test_nobody_imports_great_expectations_before_a_check() -> None:
    script = """
        import sys, expectations.check, expectations.suites as suites
        suites.suites("raw")
        print("great_expectations" in sys.modules)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
    assert result.stdout.strip() == "False"
