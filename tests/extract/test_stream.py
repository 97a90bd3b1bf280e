"""From pages of items to packages: what is news is packaged once, what is gone is marked, nothing else changes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from config.schema.mapping import Mapping
from extract.packages import QUARANTINE, ROWS, Packages
from extract.settle import Stream
from extract.spool import HISTORY, Spool
from extract.stream import Reading, Streams, mapping_hash

LEADS = Mapping(
    entity="leads",
    columns={"lead_id": "leadid", "topic": "subject", "estimated_amount": "value", "modified_at": "modifiedon"},
    ignore=("versionnumber",),
)
PARTIES = Mapping(
    entity="activity_parties",
    columns={"activity_id": "activityid", "party_id": "partyid", "role": "role"},
    ignore=("activitypartyid", "versionnumber"),
)


def lead(key: Any, version: Any = "1", **more: Any) -> dict[str, Any]:
    return {"leadid": key, "versionnumber": version, "subject": f"about {key}"} | more


def party(key: str, who: str, role: str = "to", version: str = "1") -> dict[str, Any]:
    return {"activitypartyid": key, "activityid": "A", "partyid": who, "role": role, "versionnumber": version}


class Source:
    """One stream, read again and again."""

    def __init__(self, folder: Path, mapping: Mapping = LEADS, key: str = "leadid") -> None:
        self.packages = Packages(folder)
        self.key, self.readings = key, 0
        self.remap(mapping)

    def remap(self, mapping: Mapping) -> None:
        identity = mapping_hash(mapping, "UTC")
        self.stream = Stream("s", mapping, identity, self.key, "versionnumber", numeric=frozenset({"bw_number"}))

    def read(
        self, *pages: list[Any], deleted: tuple[str, ...] = (), everything: bool = False, history: tuple[Any, ...] = ()
    ) -> list[tuple[Any, ...]]:
        """The rows of the package: key, deleted."""
        self.readings += 1
        cursor = {"token": str(self.readings)}
        with self.packages.alone(), self.packages.writing() as folder:
            with Spool(folder / "staging") as spool:
                for page in pages:
                    spool.add(page)
                spool.add(list(history), mark=HISTORY)
                spool.add_deleted(deleted, self.key)
            streams = Streams("dataverse", date(2026, 6, 30), "UTC", self.packages)
            streams.seal(folder, self.stream, Reading(spool.parts, cursor, everything))
        assert self.packages.cursor(self.stream.mapping.entity, "s") == cursor
        return self.rows("* exclude (_row_id, _batch_id)", sort=True)

    def rows(self, columns: str, name: str = ROWS, *, sort: bool = False) -> list[tuple[Any, ...]]:
        package = self.packages.pending()[-1]
        if sort:
            key = ", ".join(("activity_id", "party_id", "role") if self.key != "leadid" else ("lead_id",))
            columns = f"{key}, _deleted"
        return duckdb.sql(f"select {columns} from read_parquet('{package.folder / name}') order by all").fetchall()


@pytest.fixture
def leads(tmp_path: Path) -> Source:
    return Source(tmp_path / "dataverse")


@pytest.fixture
def parties(tmp_path: Path) -> Source:
    return Source(tmp_path / "dataverse", PARTIES, "activitypartyid")


def test_values_keep_what_the_service_said_and_unknown_columns_are_kept_when_they_turn_up(leads: Source) -> None:
    leads.read(
        [lead("L1", value="10.50", bw_number="1.50", bw_text="007", modifiedon="2026-01-05T10:00:00Z")],
        [lead("L2", bw_late="x", bw_yes=True, bw_list=["a", {"b": None}])],
    )
    found = leads.rows("lead_id, topic, estimated_amount, cast(modified_at as varchar), custom, _row_number")
    assert found[0][:4] == ("L1", "about L1", 10.5, "2026-01-05 10:00:00")
    assert [json.loads(row[4]) for row in found] == [
        {"bw_number": "1.5", "bw_text": "007"},
        {"bw_late": "x", "bw_yes": "true", "bw_list": '["a", {"b": null}]'},
    ]
    assert [row[5] for row in found] == [1, 2]


def test_malformed_items_are_set_aside_and_the_others_are_not(leads: Source) -> None:
    leads.read(["text", lead("L1"), None, lead(None), lead("L2", value="many"), lead("half \ud800")])
    assert [row[0] for row in leads.rows("lead_id")] == ["L1", "half ?"]
    reasons = [reason for (reason,) in leads.rows("reason", QUARANTINE)]
    assert len(reasons) == 4
    assert sum("it is no object" in reason for reason in reasons) == 2
    assert any("leadid (lead_id): is empty; it is the key" in reason for reason in reasons)
    assert any("value (estimated_amount): 'many' is not a number" in reason for reason in reasons)
    batch = leads.packages.pending()[-1].batch
    assert batch is not None
    assert (batch.rows_read, batch.rows_loaded, batch.rows_quarantined) == (6, 2, 4)


def test_keys_that_differ_only_by_white_space_are_one(leads: Source) -> None:
    leads.read([lead("L1"), lead("L1\u00a0", subject="again"), lead(" L2")])
    assert leads.rows("lead_id, topic") == [("L1", "about L1"), ("L2", "about  L2")]
    assert "is in row 1 already" in leads.rows("reason", QUARANTINE)[0][0]


def test_labels_of_one_choice_of_several_and_of_truth(tmp_path: Path) -> None:
    told: dict[str, tuple[str, dict[object, str]]] = {"a": ("a", {"1": "One", "2": "Two"})}
    told["b"] = ("b", {True: "Yes", False: "No"})
    items = [{"a": "1", "b": True}, {"a": "1,2", "b": None}, {"a": None, "b": False}, {"a": "9"}]
    with Spool(tmp_path) as spool:
        spool.add(items, {"a": None, "b": None}, labels=told)
    rows = duckdb.sql(f"select a, b from read_parquet('{spool.parts[0]}') order by \"@row\"").fetchall()
    assert rows == [("One", "Yes"), ("One; Two", None), (None, "No"), ("9", None)]


def test_repeated_items_the_newest_counts_and_of_equals_the_last(leads: Source) -> None:
    leads.read([lead("L1", "9", subject="new"), lead("L2", subject="a")], [lead("L1", "10", subject="newer")])
    leads.read([lead("L1", "9", subject="old"), lead("L1", "11", subject="newest"), lead("L2", "2"), lead("L2", "2")])
    assert leads.rows("lead_id, topic") == [("L1", "newest"), ("L2", "about L2")]


def test_what_is_known_or_older_is_no_news(leads: Source) -> None:
    assert leads.read([lead("L1", "5"), lead("L2", "5")]) == [("L1", False), ("L2", False)]
    assert leads.read([lead("L1", "5"), lead("L2", "4", subject="older"), lead("L3")]) == [("L3", False)]
    assert leads.read([lead("L1", "6", subject="newer")]) == [("L1", False)]
    assert leads.read([]) == []
    assert leads.read([lead("L1", "7", subject="newer")]) == []


def test_deletions(leads: Source) -> None:
    leads.read([lead("L1"), lead("L2")])
    assert leads.read([lead("L3")], deleted=("L1", "never seen")) == [("L1", True), ("L3", False)]
    assert leads.read([], deleted=("L1",)) == []
    assert leads.read([lead("L1", "1")]) == [("L1", False)], "it was restored"
    assert leads.read([lead("L2", "8")], deleted=("L2",)) == [("L2", True)], "the last item counts"


def test_resync_brings_changes_and_deletions_and_nothing_twice(leads: Source) -> None:
    leads.read([lead("L1"), lead("L2"), lead("L3"), lead("L4")])
    leads.read([], deleted=("L4",))
    everything = [lead("L1"), lead("L3", "2", subject="changed"), lead("L5")]
    assert leads.read(everything, everything=True) == [("L2", True), ("L3", False), ("L5", False)]
    assert leads.read(everything, everything=True) == []
    assert leads.read([lead("L1")], everything=True) == [("L3", True), ("L5", True)]


def test_another_mapping_makes_everything_news(leads: Source) -> None:
    leads.read([lead("L1"), lead("L2", "2")])
    leads.remap(LEADS.model_copy(update={"ignore": (*LEADS.ignore, "bw_x")}))
    assert leads.read([lead("L1"), lead("L2", "2")], everything=True) == [("L1", False), ("L2", False)]


def test_earlier_states_travel_with_the_present_one(leads: Source) -> None:
    earlier = lead("L1", subject="before", modifiedon="2026-01-01T00:00:00Z")
    leads.read([lead("L1", "2", modifiedon="2026-02-01T00:00:00Z")], history=(earlier,))
    assert leads.rows("topic, cast(modified_at as date)::varchar") == [
        ("about L1", "2026-02-01"),
        ("before", "2026-01-01"),
    ]
    assert leads.read([lead("L1", "2", modifiedon="2026-02-01T00:00:00Z")]) == []


def test_a_deleted_party_is_known_by_what_it_was(parties: Source) -> None:
    parties.read([party("p1", "U1"), party("p2", "U2", "cc")])
    assert parties.read([], deleted=("p2",)) == [("A", "U2", "cc", True)]


def test_a_party_that_is_made_anew_lives_on(parties: Source) -> None:
    parties.read([party("p1", "U1"), party("p2", "U2")])
    assert parties.read([party("p9", "U1")], deleted=("p1",)) == [("A", "U1", "to", False)]
    assert parties.read([], deleted=("p9",)) == [("A", "U1", "to", True)]


def test_a_party_that_changes_its_part_leaves_the_old_one(parties: Source) -> None:
    parties.read([party("p1", "U1"), party("p2", "U2")])
    assert parties.read([party("p1", "U1", "cc", "2")]) == [("A", "U1", "cc", False), ("A", "U1", "to", True)]
    swapped = [party("p1", "U2", "to", "3"), party("p2", "U1", "cc", "3")]
    assert parties.read(swapped) == [("A", "U1", "cc", False), ("A", "U2", "to", False)]


def test_a_table_without_rows(leads: Source) -> None:
    assert leads.read([]) == []
    assert leads.read([lead("L1")]) == [("L1", False)]
