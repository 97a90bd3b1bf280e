"""The shipped mappings, on the real exports they were written for, with exact accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.load import load_config
from config.workspace import PROJECT, DataFolder, Workspace
from extract.fetch import fetch
from extract.load import load
from tests.extract.organisations import rows

DATA = PROJECT.parent / "shared" / "data"
COUNTS = """
    select entity, sum(rows_read)::int, sum(rows_loaded)::int, sum(rows_quarantined)::int
    from raw.batches group by 1 order by 1
"""


def the_day(example: str, folder: str, tmp_path: Path) -> Workspace:
    config = load_config(PROJECT / "docs" / "examples" / example)
    workspace = Workspace(config, DataFolder(tmp_path), DATA / folder)
    assert fetch(workspace, "files").fetched.problems == ()
    load(workspace)
    return workspace


def the_one(workspace: Workspace, query: str) -> tuple[Any, ...]:
    (row,) = rows(workspace, query)
    return row


@pytest.mark.parametrize("example", ["maven", "zoho", "x_education", "salvirt", "bank"])
def test_every_example_loads(example: str) -> None:
    config = load_config(PROJECT / "docs" / "examples" / example)
    assert config.organisation.as_of is not None


@pytest.mark.skipif(not (DATA / "maven_crm").is_dir(), reason="../shared/data/maven_crm is not on this machine")
def test_maven(tmp_path: Path) -> None:
    workspace = the_day("maven", "maven_crm", tmp_path)
    assert rows(workspace, COUNTS) == [
        ("accounts", 85, 85, 0),
        ("opportunities", 8800, 8800, 0),
        ("products", 7, 7, 0),
        ("users", 35, 35, 0),
    ]
    assert rows(
        workspace, "select status, count(*), count(closed_at) from raw.files__opportunities group by 1 order by 1"
    ) == [("lost", 2473, 2473), ("open", 2089, 0), ("won", 4238, 4238)]
    assert the_one(workspace, "select count(distinct manager_id) from raw.files__users") == (6,)
    assert the_one(workspace, "select count(*) from raw.files__opportunities where created_at is null") == (500,)


@pytest.mark.skipif(not (DATA / "zoho_crm").is_dir(), reason="../shared/data/zoho_crm is not on this machine")
def test_zoho(tmp_path: Path) -> None:
    workspace = the_day("zoho", "zoho_crm", tmp_path)
    assert rows(workspace, COUNTS) == [
        ("accounts", 2229, 2229, 0),
        ("activities", 10056, 10056, 0),
        ("contacts", 1265, 1265, 0),
        ("leads", 3900, 3900, 0),
        ("opportunities", 3632, 3632, 0),
        ("products", 2000, 2000, 0),
        ("users", 11, 11, 0),
    ]
    assert rows(
        workspace, "select status, count(*), count(closed_at) from raw.files__opportunities group by 1 order by 1"
    ) == [("lost", 485, 0), ("open", 1722, 0), ("won", 1425, 0)]
    assert rows(workspace, "select type, count(regarding_id) from raw.files__activities group by 1 order by 1") == [
        ("appointment", 2975),
        ("phonecall", 2310),
        ("task", 0),
    ]
    orphans = (
        "select count(*) from raw.files__opportunities where owner_id not in (select user_id from raw.files__users)"
    )
    assert the_one(workspace, orphans) == (0,)


@pytest.mark.skipif(
    not (DATA / "x_education_leads").is_dir(), reason="../shared/data/x_education_leads is not on this machine"
)
def test_x_education(tmp_path: Path) -> None:
    workspace = the_day("x_education", "x_education_leads", tmp_path)
    assert rows(workspace, COUNTS) == [("leads", 9240, 9240, 0)]
    assert rows(workspace, "select status, count(*) from raw.files__leads group by 1 order by 1") == [
        ("disqualified", 5679),
        ("qualified", 3561),
    ]
    assert the_one(workspace, "select count(*) from raw.files__leads where contains(custom, 'Select')") == (0,)
    assert the_one(workspace, "select min(record_order), max(record_order) from raw.files__leads") == (579533, 660737)


def test_excluded_attributes_exist_in_the_mapping_or_pass_through_as_custom() -> None:
    for example, score, entity in (("maven", "opportunity", "opportunities"), ("zoho", "lead", "leads")):
        config = load_config(PROJECT / "docs" / "examples" / example)
        (table,) = [table for table in config.sources["files"].tables if table.entity == entity]
        excluded = {attribute.name for attribute in config.scores[score].attributes.exclude}
        assert excluded <= table.columns.keys()
