"""Change tracking: what a delta link tells, in which order, for how long."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from extract.sources.dataverse.emulator import Column, Store
from extract.sources.dataverse.emulator.demo.contact import AUDITS
from tests.extract.sources.dataverse.emulator.conftest import API, Reader, add_leads, lead, user

TRACKED = "odata.track-changes"


def delta_link(reader: Reader, question: str = "leads?$select=subject") -> str:
    return str(reader.pages(question, TRACKED)[-1]["@odata.deltaLink"])


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 100])
def test_changed_rows_come_first_and_deleted_ones_after_them(size: int, reader: Reader, store: Store) -> None:
    add_leads(store, 8)
    link = delta_link(reader)
    store.delete("lead", lead(5))
    store.update("lead", lead(1), {"subject": "once"})
    store.update("lead", lead(1), {"subject": "twice"})
    store.delete("lead", lead(2))
    store.insert("lead", {"leadid": lead(20), "subject": "new"})
    never_seen = store.insert("lead", {"leadid": lead(21), "subject": "came and went"})
    store.delete("lead", never_seen)
    pages = reader.pages(link, f"odata.maxpagesize={size}")
    items = [item for page in pages for item in page["value"]]
    assert [item.get("subject") or item["id"] for item in items] == ["twice", "new", lead(5), lead(2), never_seen]
    assert items[-1] == {
        "@odata.context": f"{API}/$metadata#leads/$deletedEntity",
        "id": never_seen,
        "reason": "deleted",
    }
    assert all(len(page["value"]) <= size for page in pages)
    assert all(page["@odata.context"].endswith("/$delta") for page in pages)
    assert ["@odata.deltaLink" in page for page in pages] == [False] * (len(pages) - 1) + [True]
    assert reader.items(pages[-1]["@odata.deltaLink"]) == []
    assert len(reader.items(link)) == 5


def test_a_delta_link_can_count(reader: Reader, store: Store) -> None:
    add_leads(store, 3)
    link = delta_link(reader, "leads?$select=subject&$count=true")
    store.update("lead", lead(0), {"subject": "x"})
    store.delete("lead", lead(1))
    assert reader.get(link).json()["@odata.count"] == 2


def test_a_delta_link_expires_after_the_organisation_s_days(reader: Reader, store: Store) -> None:
    add_leads(store, 1)
    link = delta_link(reader)
    store.clock.put_forward(timedelta(days=6, hours=23))
    reader.sign_in()
    assert reader.get(link).status_code == 200
    store.clock.put_forward(timedelta(hours=2))
    reader.sign_in()
    told = reader.get(link)
    assert (told.status_code, told.json()["error"]["code"]) == (400, "0x80044352")
    assert "perform a full sync" in told.json()["error"]["message"]


@pytest.mark.parametrize("more", ["$filter=statecode eq 0", "$orderby=subject", "$expand=ownerid", "$top=3"])
def test_what_is_not_allowed_with_tracking(more: str, reader: Reader) -> None:
    assert reader.get(f"leads?$select=subject&{more}", TRACKED).status_code == 400


def test_a_table_that_does_not_track_changes_says_so(reader: Reader, store: Store) -> None:
    store.track("lead", on=False)
    told = reader.get("leads", TRACKED).json()["error"]
    assert told == {"code": "0x80072491", "message": "Entity lead isn't enabled for change tracking."}
    assert reader.get("leads").status_code == 200


def test_a_merge_closes_the_loser_and_moves_its_children(reader: Reader, store: Store) -> None:
    add_leads(store, 2)
    task = store.insert("task", {"regardingobjectid": lead(0)})
    links = [delta_link(reader, question) for question in ("leads?$select=statecode,merged,_masterid_value", "tasks")]
    store.merge("lead", lead(0), lead(1))
    (loser,), (child,) = (reader.items(link) for link in links)
    assert (loser["leadid"], loser["merged"], loser["_masterid_value"], loser["statecode"]) == (
        lead(0),
        True,
        lead(1),
        2,
    )
    assert (child["activityid"], child["_regardingobjectid_value"]) == (task, lead(1))


def test_a_new_column_and_a_renamed_one(reader: Reader, store: Store) -> None:
    add_leads(store, 2)
    link = delta_link(reader, "leads?$select=subject")
    store.add_column("lead", Column("bw_score", "integer", custom=True))
    assert reader.items(link) == []
    store.update("lead", lead(0), {"bw_score": 7})
    assert [item["bw_score"] for item in reader.items("leads?$select=bw_score")] == [7, None]
    store.rename_column("lead", "bw_score", "bw_rating")
    assert [item["bw_rating"] for item in reader.items("leads?$select=bw_rating")] == [7, None]
    assert reader.get("leads?$select=bw_score").status_code == 400


def test_a_new_owner_shows_with_name(reader: Reader, store: Store) -> None:
    add_leads(store, 1)
    link = delta_link(reader, "leads?$select=_ownerid_value")
    store.update("lead", lead(0), {"ownerid": ("systemuser", user(2))})
    (item,) = reader.items(link, 'odata.include-annotations="*"')
    assert item["_ownerid_value@OData.Community.Display.V1.FormattedValue"] == 'Jan "JJ" Roth'


def test_changes_of_an_audited_table_stand_in_the_log(reader: Reader, store: Store) -> None:
    store.add_table(AUDITS)
    add_leads(store, 2)
    store.update("lead", lead(0), {"subject": "not logged"})
    store.audit("lead", on=True)
    store.update("lead", lead(0), {"statecode": 1, "ownerid": user(2), "subject": "not logged"})
    store.update("lead", lead(0), {"subject": "not logged"})
    (entry,) = reader.items(f"audits?$filter=_objectid_value eq {lead(0)} and operation eq 2")
    assert (entry["objecttypecode"], entry["action"], entry["createdon"]) == ("lead", 13, "2026-06-30T12:00:00Z")
    assert json.loads(entry["changedata"]) == {
        "changedAttributes": [
            {"logicalName": "statecode", "oldValue": "0", "newValue": "1"},
            {"logicalName": "ownerid", "oldValue": f"systemuser,{user(1)}", "newValue": f"systemuser,{user(2)}"},
        ]
    }
