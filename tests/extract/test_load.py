"""Loading is append-only, once, and safe to kill; what is back-fill and what arrived later is told apart."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from config.errors import ContractBroken
from config.workspace import Workspace
from extract.fetch import fetch, fetch_arrivals, sources_of_leads
from extract.load import load
from tests.extract.organisations import LEADS, ONE_BROKEN, Organised, a_day, put, rows

BATCHES = "select file, rows_read, rows_loaded, rows_quarantined, is_backfill, batch_number from raw.batches order by 6"


def known(workspace: Workspace) -> list[tuple[Any, ...]]:
    return rows(
        workspace,
        "select lead_id, estimated_amount, cast(_known_at as varchar) from raw.files__leads "
        "join raw.batches on _batch_id = batch_id order by batch_number, _row_number",
    )


def test_a_file_is_loaded_once(organised: Organised) -> None:
    workspace = organised()
    put(workspace, ONE_BROKEN)
    a_day(workspace)
    a_day(workspace, "2026-07-01")
    assert rows(workspace, BATCHES) == [("leads.csv", 2, 1, 1, True, 1)]
    assert known(workspace) == [("L1", 10.5, None)]
    assert rows(workspace, "select row_number, stage, table_name from quarantine.rows") == [
        (2, "fetch", "raw.files__leads")
    ]
    assert rows(workspace, "select cast(as_of_date as varchar) from ops.days order by 1") == [
        ("2026-06-30",),
        ("2026-07-01",),
    ]


def test_a_changed_file_brings_new_versions_known_from_the_end_of_their_day(organised: Organised) -> None:
    workspace = organised()
    put(workspace, ONE_BROKEN)
    a_day(workspace)
    put(workspace, ONE_BROKEN.replace("10.5", "11").replace("x", "3"))
    a_day(workspace, "2026-07-01")
    at_the_end = "2026-07-01 23:59:59.999999"
    assert known(workspace) == [("L1", 10.5, None), ("L1", 11.0, at_the_end), ("L2", 3.0, at_the_end)]
    assert [batch[4] for batch in rows(workspace, BATCHES)] == [True, False]


def test_a_file_that_goes_back_to_what_it_was_is_a_new_version(organised: Organised) -> None:
    workspace = organised()
    for value, day in (("10.5", "2026-07-01"), ("11", "2026-07-02"), ("10.5", "2026-07-03"), ("10.5", "2026-07-04")):
        put(workspace, ONE_BROKEN.replace("10.5", value))
        a_day(workspace, day)
    assert [(amount, at and at[:10]) for _, amount, at in known(workspace)] == [
        (10.5, None),
        (11.0, "2026-07-02"),
        (10.5, "2026-07-03"),
    ]
    assert rows(workspace, "select count(distinct content_hash) from raw.batches") == [(3,)]


def test_a_new_file_after_the_first_fetch_is_not_back_fill(organised: Organised) -> None:
    workspace = organised(LEADS, {"entity": "users", "files": "users.csv", "columns": {"user_id": "u"}})
    put(workspace, ONE_BROKEN, "leads1.csv")
    a_day(workspace)
    put(workspace, ONE_BROKEN, "leads2.csv")
    put(workspace, "u,v\nU1,1\n", "users.csv")
    a_day(workspace, "2026-07-01")
    found = {(file, backfill) for file, *_, backfill, _ in rows(workspace, BATCHES)}
    assert found == {("leads1.csv", True), ("leads2.csv", False), ("users.csv", True)}


def test_a_file_that_could_not_be_read_at_the_first_fetch_is_back_fill_once_it_can(organised: Organised) -> None:
    workspace = organised()
    put(workspace, ONE_BROKEN, "leads1.csv")
    put(workspace, ONE_BROKEN.replace("created", "Created"), "leads2.csv")
    a_day(workspace)
    put(workspace, ONE_BROKEN.replace("L", "M"), "leads2.csv")
    a_day(workspace, "2026-07-01")
    assert [batch[4] for batch in rows(workspace, BATCHES)] == [True, True]


def test_the_same_content_mapped_anew_supersedes_and_keeps_its_standing(organised: Organised) -> None:
    workspace = organised()
    put(workspace, ONE_BROKEN)
    a_day(workspace)
    put(workspace, ONE_BROKEN.replace("10.5", "11"))
    a_day(workspace, "2026-07-01")
    mended = {key: value for key, value in LEADS["columns"].items() if key != "estimated_amount"}
    workspace = organised(LEADS | {"columns": mended})
    a_day(workspace, "2026-07-02")
    assert [batch[2:5] for batch in rows(workspace, BATCHES)] == [(1, 1, True), (1, 1, False), (2, 0, False)]
    assert known(workspace)[2:] == [
        ("L1", None, "2026-07-01 23:59:59.999999"),
        ("L2", None, "2026-07-01 23:59:59.999999"),
    ]
    active = (
        "select batch_number from raw.batches "
        "qualify batch_number = max(batch_number) over (partition by source, entity, file, content_hash) order by 1"
    )
    assert rows(workspace, active) == [(1,), (3,)]


def test_a_pattern_may_change_without_reading_anything_anew(organised: Organised) -> None:
    workspace = organised()
    put(workspace, ONE_BROKEN)
    a_day(workspace)
    assert fetch(organised(LEADS | {"files": "*.csv"}), "files").fetched.unchanged == ("leads.csv",)


def test_killed_between_the_commit_and_the_ledger(organised: Organised, tmp_path: Path) -> None:
    workspace = organised()
    put(workspace, ONE_BROKEN)
    fetch(workspace, "files")
    kept = tmp_path / "kept"
    shutil.copytree(workspace.data.packages, kept)
    load(workspace)
    shutil.rmtree(workspace.data.packages)
    shutil.copytree(kept, workspace.data.packages)
    report = load(workspace)
    assert report.files == ()
    assert rows(workspace, BATCHES) == [("leads.csv", 2, 1, 1, True, 1)]
    assert fetch(workspace, "files").fetched.unchanged == ("leads.csv",)


def test_without_its_ledger_a_file_is_packaged_again_and_not_loaded_again(organised: Organised) -> None:
    workspace = organised()
    put(workspace, ONE_BROKEN)
    a_day(workspace)
    shutil.rmtree(workspace.data.packages / "files" / "loaded")
    assert len(fetch(workspace, "files").fetched.read) == 1
    load(workspace)
    assert rows(workspace, BATCHES) == [("leads.csv", 2, 1, 1, True, 1)]
    assert rows(workspace, "select count(*) from quarantine.rows") == [(1,)]


def test_a_new_warehouse_asks_for_what_the_old_one_had(organised: Organised) -> None:
    workspace = organised()
    put(workspace, ONE_BROKEN)
    a_day(workspace)
    workspace.data.warehouse.unlink()
    assert "run 'sales-insights fetch' again" in load(workspace).lines()[-1]
    a_day(workspace)
    assert rows(workspace, BATCHES) == [("leads.csv", 2, 1, 1, True, 1)]


def test_a_package_that_does_not_hold_what_it_says_is_refused(organised: Organised) -> None:
    workspace = organised()
    put(workspace, ONE_BROKEN)
    fetch(workspace, "files")
    manifests = (workspace.data.packages / "files").glob("*/manifest.json")
    (manifest,) = [path for path in manifests if "fetch" not in path.parent.name]
    manifest.write_text(manifest.read_text().replace('"rows_loaded": 1', '"rows_loaded": 2'))
    with pytest.raises(ContractBroken, match="Remove that folder"):
        load(workspace)
    assert rows(workspace, "select count(*) from raw.files__leads") == [(0,)]


def test_versions_within_one_file(organised: Organised) -> None:
    table = LEADS | {"columns": LEADS["columns"] | {"modified_at": "changed"}}
    workspace = organised(table)
    put(
        workspace,
        "id,state,value,created,changed\nL1,new,1,2026-01-05,2026-01-05\nL1,good,2,2026-01-05,2026-02-05\n"
        "L1,bad,3,2026-01-05,2026-02-05\n",
    )
    a_day(workspace)
    assert [amount for _, amount, _ in known(workspace)] == [1.0, 2.0]
    assert rows(workspace, "select row_number from quarantine.rows") == [(3,)]


def test_a_fetch_of_some_entities_leaves_the_others_and_their_problems(organised: Organised) -> None:
    notes = {"entity": "notes", "files": "notes.csv", "columns": {"note_id": "id", "body": "text"}}
    contacts = {"entity": "contacts", "files": "contacts.csv", "columns": {"contact_id": "id"}}
    workspace = organised(LEADS, notes, contacts)
    put(workspace, "id,state,value,created\nL1,new,10.5,2026-01-05\n")
    a_day(workspace)
    problems = "select file from ops.source_problems order by 1"
    assert [file for (file,) in rows(workspace, problems)] == ["contacts.csv", "notes.csv"]
    put(workspace, "id,state,value,created\nL1,new,10.5,2026-01-05\nL2,new,1,2026-06-30\n")
    put(workspace, "id\nC1\n", "contacts.csv")
    put(workspace, "id,text\nN1,Hello\n", "notes.csv")
    report = fetch_arrivals(workspace, "files")
    assert [file.file for file in report.fetched.read] == ["leads.csv", "contacts.csv"]
    load(workspace)
    assert [file for (file,) in rows(workspace, problems)] == ["notes.csv"]
    assert rows(workspace, "select entity from ops.last_read order by 1") == [("contacts",), ("leads",)]
    assert rows(workspace, "select count(*) from raw.files__notes") == [(0,)]
    a_day(workspace)
    assert rows(workspace, "select count(*) from raw.files__notes") == [(1,)]
    assert rows(workspace, problems) == []
    assert sources_of_leads(workspace) == ["files"]
