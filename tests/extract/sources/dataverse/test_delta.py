"""Tables that Synapse Link writes as Delta Lake."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from extract.fetch import FetchReport, fetch
from extract.load import load
from tests.extract.sources.dataverse.organisation import key, packaged_keys
from tests.extract.sources.dataverse.test_lake import FIRST, SECOND, THIRD, Lakeside

LEAD = {
    "table": "lead",
    "entity": "leads",
    "custom_columns": True,
    "columns": {
        "lead_id": "leadid",
        "topic": "subject",
        "status": "statecode",
        "estimated_amount": "estimatedamount",
        "created_at": "createdon",
        "modified_at": "modifiedon",
    },
    "values": {"status": {"0": "open", "1": "qualified", "2": "disqualified"}},
}
ACCOUNT = {"table": "account", "entity": "accounts", "columns": {"account_id": "accountid", "name": "name"}}
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Deltaside(Lakeside):
    """A lake of Delta tables, leads in two years, and a workspace that reads it and nothing else."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "in place")
        self.place = folder / "lake" / "deltalake"
        self.write("lead", leads({1: "One", 2: "Two", 3: "Three"}, 2025))
        self.write("lead", leads({4: "Four"}, 2026))
        self.write("account", pa.table({"Id": ["A"], "accountid": ["A"], "name": ["An account"]}))

    def write(self, name: str, rows: pa.Table) -> None:
        split = ["PartitionId"] if "PartitionId" in rows.column_names else None
        write_deltalake(self.path(name), rows, mode="append", partition_by=split)

    def path(self, name: str) -> Path:
        return self.place / f"{name}_partitioned"

    @property
    def table(self) -> DeltaTable:
        return DeltaTable(self.path("lead"))

    def fetched(self, as_of: str = FIRST) -> FetchReport:
        return fetch(self.workspace(tables=[LEAD, ACCOUNT]), "dataverse", as_of=as_of)

    def loaded(self, columns: str) -> list[tuple[Any, ...]]:
        load(self.workspace(tables=[LEAD, ACCOUNT]), as_of=THIRD)
        return self.latest(columns)


def leads(topics: dict[int, str], year: int, gone: bool = False) -> pa.Table:
    """Rows as Synapse Link writes them; of a deleted one the key is left."""
    count, keys = len(topics), [key(number) for number in topics]
    return pa.table(
        {
            "Id": pa.array(keys),
            "leadid": pa.array([None] * count if gone else keys, pa.string()),
            "subject": pa.array([None if gone else topic for topic in topics.values()], pa.string()),
            "statecode": pa.array([0] * count, pa.int64()),
            "estimatedamount": pa.array([1250.5] * count, pa.float64()),
            "createdon": pa.array([NOON] * count, pa.timestamp("us", "UTC")),
            "modifiedon": pa.array([NOON] * count, pa.timestamp("us", "UTC")),
            "bw_decided": pa.array([True] * count, pa.bool_()),
            "IsDelete": pa.array([gone] * count, pa.bool_()),
            "PartitionId": pa.array([str(year)] * count),
        }
    )


@pytest.fixture
def side(tmp_path: Path) -> Deltaside:
    made = Deltaside(tmp_path)
    assert packaged_keys(made.fetched()) == {"lead": (4, 0), "account": (1, 0)}
    return made


def test_everything_then_only_what_a_version_changed(side: Deltaside) -> None:
    unchanged = side.fetched(SECOND).fetched
    assert (unchanged.read, unchanged.unchanged) == ((), ("lead", "account"))
    side.write("lead", leads({5: "Five"}, 2026))
    assert packaged_keys(side.fetched(SECOND)) == {"lead": (1, 0)}, "an append"
    side.table.update(updates={"subject": "'Changed'"}, predicate=f"leadid = '{key(2)}'")
    assert packaged_keys(side.fetched(SECOND)) == {"lead": (1, 0)}, (
        "an update rewrites a file, of which one row is news"
    )
    side.table.delete(f"leadid = '{key(3)}'")
    side.table.delete(f"leadid = '{key(4)}'")
    side.write("lead", leads({5: "gone"}, 2026, gone=True))
    assert packaged_keys(side.fetched(THIRD)) == {"lead": (3, 0)}, "deletions, of all rows of a file too, and a mark"
    found = side.loaded("lead_id, topic, status, estimated_amount, cast(created_at as varchar), custom")
    same = ("open", 1250.5, "2026-06-01 12:00:00", '{"bw_decided": "true"}')
    assert found == [(key(1), "One", *same), (key(2), "Changed", *same)]


def test_where_the_version_before_is_gone_everything_is_compared(
    side: Deltaside, caplog: pytest.LogCaptureFixture
) -> None:
    side.table.delete(f"leadid = '{key(3)}'")
    side.table.update(updates={"subject": "'Changed'"}, predicate=f"leadid = '{key(1)}'")
    side.table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    with caplog.at_level(logging.WARNING):
        assert packaged_keys(side.fetched(SECOND)) == {"lead": (2, 0)}
    assert "all is read" in caplog.text
    assert side.loaded("lead_id, topic") == [(key(1), "Changed"), (key(2), "Two"), (key(4), "Four")]


def test_a_broken_log_is_told_and_the_others_go_on(side: Deltaside) -> None:
    log = side.path("lead") / "_delta_log" / "00000000000000000001.json"
    log.write_text(log.read_text()[:40])
    side.write("account", pa.table({"Id": ["B"], "accountid": ["B"], "name": ["Another"]}))
    report = side.fetched(SECOND)
    assert packaged_keys(report) == {"account": (1, 0)}
    (problem,) = report.fetched.problems
    assert (problem.kind, problem.file) == ("unreadable", "lead")
    assert "deltalake/lead_partitioned cannot be read" in problem.message
    assert "Let Synapse Link write the table again" in problem.message
