"""Reading an entity set: complete under any page size, selected, filtered, sorted, annotated, refused."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest

from extract.sources.dataverse.emulator import Column, Store
from tests.extract.sources.dataverse.emulator.conftest import API, Reader, add_leads, lead, user

ANNOTATIONS = (
    'odata.include-annotations="OData.Community.Display.V1.FormattedValue,Microsoft.Dynamics.CRM.lookuplogicalname"'
)
FORMATTED = "@OData.Community.Display.V1.FormattedValue"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10, 11, 5_000, 9_000])
@pytest.mark.parametrize("tracking", ["", "odata.track-changes,"])
@pytest.mark.parametrize("question", ["leads?$select=subject", "leads?$orderby=subject desc"])
def test_all_pages_together_are_complete(size: int, tracking: str, question: str, reader: Reader, store: Store) -> None:
    keys = add_leads(store, 25)
    for gone in (0, 7, 8, 24):
        store.delete("lead", keys[gone])
    for changed in (3, 9):
        store.update("lead", keys[changed], {"subject": "again"})
    if tracking and "orderby" in question:
        return
    pages = reader.pages(question, f"{tracking}odata.maxpagesize={size}")
    assert all(len(page["value"]) <= min(size, 5_000) for page in pages)
    found = [item["leadid"] for page in pages for item in page["value"]]
    assert sorted(found) == sorted(store.keys("lead"))


def test_pages_have_five_thousand_rows_where_nothing_is_said(reader: Reader, store: Store) -> None:
    store.add_table(store.tables["task"].__class__("queue", "queues", "queueid", (Column("queueid", "key"),)))
    store.fill("queue", store.cursor().sql("select 'q' || i as queueid from range(5001) r(i)").to_arrow_table())
    assert [len(page["value"]) for page in reader.pages("queues")] == [5_000, 1]
    assert reader.get("queues?$count=true&$top=1").json()["@odata.count"] == 5_000


def test_a_row_that_comes_while_pages_are_read_is_in_the_next_delta(reader: Reader, store: Store) -> None:
    keys = add_leads(store, 4)
    first = reader.get("leads?$select=subject", "odata.track-changes,odata.maxpagesize=2").json()
    store.update("lead", keys[0], {"subject": "changed since"})
    last = reader.get(first["@odata.nextLink"], "odata.maxpagesize=2").json()
    changed = reader.items(last["@odata.deltaLink"])
    assert [item["subject"] for item in changed] == ["changed since"]


def test_what_a_row_looks_like(reader: Reader, store: Store) -> None:
    key = store.insert(
        "lead",
        {
            "leadid": lead(1),
            "subject": 'Quote "x"\n',
            "statecode": 3,
            "bw_size": 717_240_000,
            "ownerid": user(2),
            "merged": False,
            "estimatedamount": 35_300,
        },
    )
    chosen = "subject,statecode,bw_size,_ownerid_value,_masterid_value,merged,estimatedamount,modifiedon"
    answer = reader.get(f"leads?$select={chosen}", ANNOTATIONS)
    (item,) = answer.json()["value"]
    assert answer.json()["@odata.context"] == f"{API}/$metadata#leads({chosen})"
    assert item == {
        "@odata.etag": f'W/"{store.version}"',
        "subject": 'Quote "x"\n',
        "statecode": 3,
        "bw_size": 717_240_000,
        f"bw_size{FORMATTED}": "Big",
        "_ownerid_value": user(2),
        f"_ownerid_value{FORMATTED}": 'Jan "JJ" Roth',
        "_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname": "systemuser",
        "_masterid_value": None,
        "merged": False,
        f"merged{FORMATTED}": "No",
        "estimatedamount": 35_300.0,
        f"estimatedamount{FORMATTED}": "€35,300.00",
        "modifiedon": "2026-06-30T12:00:00Z",
        f"modifiedon{FORMATTED}": "6/30/2026 12:00 PM",
        "leadid": key,
    }
    assert "@OData" not in reader.get(f"leads?$select={chosen}").text
    assert reader.get(f"leads({key})?$select=subject").json()["subject"] == 'Quote "x"\n'
    assert reader.get(f"leads({lead(9)})").json()["error"]["code"] == "0x80040217"


def test_a_value_that_breaks_its_column_s_promise_is_served_as_it_is(reader: Reader, store: Store) -> None:
    add_leads(store, 2)
    store.update("lead", lead(0), {"estimatedamount": "to be clarified", "bw_day": 45_000})
    store.update("lead", lead(1), {"estimatedamount": 12.5})
    found = reader.items("leads?$select=estimatedamount,bw_day", ANNOTATIONS)
    assert [(item["estimatedamount"], item["bw_day"]) for item in found] == [("to be clarified", 45_000), (12.5, None)]


def test_filters_and_order(reader: Reader, store: Store) -> None:
    add_leads(store, 3)
    store.clock.put_forward(timedelta(hours=1))
    reader.sign_in()
    store.update("lead", lead(2), {"statecode": 1, "subject": "it's"})
    for condition, count in {
        "modifiedon ge 2026-06-30T13:00:00Z": 1,
        "modifiedon ge 2026-06-30T15:00:00+02:00 and statecode eq 1": 1,
        "modifiedon lt 2026-06-30T13:00:00Z": 2,
        "statecode eq 0 or subject eq 'it''s'": 3,
        f"_ownerid_value eq {user(1)}": 3,
        "bw_size eq null and (statecode ne 0)": 1,
    }.items():
        answer = reader.client.get(f"{API}/leads", params={"$filter": condition, "$count": "true"}).json()
        assert len(answer["value"]) == answer["@odata.count"] == count, condition
    assert [item["leadid"] for item in reader.items("leads?$orderby=modifiedon desc&$top=1")] == [lead(2)]


def test_gzip_is_given_to_those_who_take_it(reader: Reader, store: Store) -> None:
    add_leads(store, 50)
    with reader.client.stream("GET", f"{API}/leads", headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    plain = reader.client.get(f"{API}/leads", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(raw) == plain.content


@pytest.mark.parametrize(
    ("question", "status", "code", "words"),
    [
        ("foos", 404, "0x8006088a", "Resource not found for the segment 'foos'."),
        ("leads?$select=ownerid", 400, "0x80060888", "named 'ownerid' on type 'Microsoft.Dynamics.CRM.lead'"),
        ("leads?$filter=nosuch eq 1", 400, "0x80060888", "named 'nosuch'"),
        ("leads?$filter=subject is 1", 400, "0x80060888", "a comparison was expected"),
        ("leads?$skip=10", 400, "0x80060888", "Skip Clause is not supported in CRM"),
        ("leads?$skiptoken=x", 400, "0x80040203", "Paging Cookie"),
        ("leads?$expand=ownerid", 400, "0x80060888", "$expand"),
    ],
)
def test_what_is_not_there_or_not_allowed(question: str, status: int, code: str, words: str, reader: Reader) -> None:
    answer = reader.get(question)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert words in answer.json()["error"]["message"]


def test_a_table_without_privilege_and_a_table_that_vanished(reader: Reader, store: Store) -> None:
    store.refuse("lead")
    told = reader.get("leads")
    assert (told.status_code, told.json()["error"]["code"]) == (403, "0x80040220")
    assert "is missing prvReadLead privilege" in told.json()["error"]["message"]
    store.permit("lead")
    assert reader.get("leads").status_code == 200
    store.vanish("lead")
    assert reader.get("leads").status_code == 404
    assert reader.get("EntityDefinitions(LogicalName='lead')").status_code == 404
