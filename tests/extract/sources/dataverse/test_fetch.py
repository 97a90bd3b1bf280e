"""Reading a Dataverse organisation day by day: everything once, then what changes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from extract.fetch import fetch
from extract.load import load
from extract.packages import Packages
from extract.sources.dataverse.emulator import Column, Option
from tests.extract.sources.dataverse.organisation import TABLES, Organisation, key, packaged_keys

FIRST, SECOND, THIRD = "2026-06-30", "2026-07-01", "2026-07-02"


def test_everything_then_nothing(served: Organisation) -> None:
    assert packaged_keys(served.a_day()) == {
        "lead": (12, 0),
        "account": (2, 0),
        "systemuser": (2, 0),
        "activityparty": (2, 0),
    }
    again = served.a_day(SECOND)
    assert again.fetched.read == ()
    assert again.fetched.unchanged == ("lead", "account", "systemuser", "activityparty")
    assert len(served.latest("*")) == 12


def test_codes_labels_lookups_and_custom_columns(served: Organisation) -> None:
    served.a_day()
    columns = "lead_id, topic, status, status_reason, owner_id, estimated_amount, custom"
    first = served.latest(columns)[0]
    assert first[:6] == (key(1), "Topic 1", "open", "Open", key(901), 10.5)
    assert json.loads(first[6]) == {"budgetstatus": "May buy", "bw_tier": "Gold", "bw_demo": "Yes"}
    assert served.latest("party_id, party_entity, role", "activity_parties") == [
        (key(901), "user", "sender"),
        (key(902), "user", "to"),
    ]


def test_changes_deletions_and_a_reassigned_owner(leads: Organisation) -> None:
    leads.a_day()
    leads.store.update("lead", key(1), {"ownerid": ("systemuser", key(902))})
    leads.store.update("lead", key(2), {"statecode": 1})
    leads.store.delete("lead", key(3))
    leads.store.insert("lead", {"leadid": key(99), "subject": "New", "statecode": 0})
    assert packaged_keys(leads.a_day(SECOND)) == {"lead": (4, 0)}
    found = {lead: (status, owner) for lead, status, owner in leads.latest("lead_id, status, owner_id")}
    assert found[key(1)] == ("open", key(902))
    assert found[key(2)][0] == "qualified"
    assert key(3) not in found
    assert key(99) in found
    deleted = "select lead_id, _deleted, _known_at is not null from raw.dataverse__leads where _deleted"
    assert leads.rows(deleted) == [(key(3), True, True)]


def test_a_party_that_is_deleted(served: Organisation) -> None:
    served.tables = TABLES[3:]
    served.a_day()
    served.store.delete("activityparty", key(702))
    served.a_day(SECOND)
    assert served.latest("party_id, role", "activity_parties") == [(key(901), "sender")]


def test_an_expired_delta_token_loses_and_repeats_nothing(leads: Organisation) -> None:
    leads.a_day()
    leads.store.update("lead", key(1), {"subject": "Changed"})
    leads.store.delete("lead", key(2))
    leads.store.clock.put_forward(timedelta(days=8))
    report = leads.a_day(SECOND)
    assert packaged_keys(report) == {"lead": (2, 0)}
    assert len(leads.latest("*")) == 11
    assert leads.rows("select count(*) from raw.dataverse__leads") == [(14,)]
    assert leads.a_day(THIRD).fetched.read == ()


def test_a_table_without_change_tracking(served: Organisation) -> None:
    served.tables = TABLES[1:2]
    served.a_day()
    served.store.clock.put_forward(timedelta(days=1))
    served.store.update("account", key(501), {"name": "Changed"})
    served.store.delete("account", key(502))
    assert packaged_keys(served.a_day(SECOND)) == {"account": (1, 0)}
    assert served.latest("name", "accounts") == [("Changed",), ("Company 502",)]
    assert packaged_keys(served.a_day("2026-07-08")) == {"account": (1, 0)}
    assert served.latest("name", "accounts") == [("Changed",)]


def test_a_clock_that_was_wrong_once_hides_nothing(served: Organisation) -> None:
    served.tables = TABLES[1:2]
    served.store.update("account", key(501), {"modifiedon": datetime(2099, 1, 1)})
    served.a_day()
    served.store.update("account", key(502), {"name": "Changed"})
    assert packaged_keys(served.a_day(SECOND)) == {"account": (1, 0)}


def test_custom_columns_that_come_and_are_renamed(leads: Organisation) -> None:
    leads.a_day()
    leads.store.add_column("lead", Column("bw_score", "integer", custom=True))
    leads.store.update("lead", key(1), {"bw_score": 41})
    assert packaged_keys(leads.a_day(SECOND)) == {"lead": (1, 0)}, "an empty column is no news"
    assert json.loads(leads.latest("lead_id, custom")[0][1])["bw_score"] == "41"
    leads.store.rename_column("lead", "bw_tier", "bw_level")
    assert packaged_keys(leads.a_day(THIRD)) == {"lead": (12, 0)}
    assert all('"bw_level": "Gold"' in text and "bw_tier" not in text for (text,) in leads.latest("custom"))


def test_a_column_whose_type_changed(leads: Organisation) -> None:
    leads.store.update("lead", key(1), {"numberofemployees": 5})
    leads.a_day()
    leads.store.update("lead", key(1), {"numberofemployees": "about ten"})
    leads.store.update("lead", key(2), {"createdon": 7, "numberofemployees": 6})
    assert packaged_keys(leads.a_day(SECOND)) == {"lead": (2, 2)}
    reasons = [reason for (reason,) in leads.rows("select reason from quarantine.rows order by 1")]
    assert "numberofemployees (employee_count): 'about ten' is not a number" in reasons[0]
    assert "createdon (created_at): '7' is not an ISO 8601 date" in reasons[1]


def test_a_table_that_vanished_and_a_column_that_is_not_there(served: Organisation) -> None:
    served.a_day()
    served.store.vanish("account")
    wrong = [TABLES[0] | {"columns": TABLES[0]["columns"] | {"topic": "subjet"}}, *TABLES[1:]]
    served.store.insert("systemuser", {"systemuserid": key(903), "fullname": "New"})
    report = served.a_day(SECOND, tables=wrong)
    assert packaged_keys(report) == {"systemuser": (1, 0)}
    assert [(problem.kind, problem.file) for problem in report.fetched.problems] == [
        ("mapping", "lead"),
        ("missing", "account"),
    ]
    assert "no column 'subjet' (mapped at columns.topic)" in report.fetched.problems[0].message
    assert "did you mean 'subject'?" in report.fetched.problems[0].message
    assert len(served.rows("select message from ops.source_problems where source = 'dataverse'")) == 2


def test_a_table_that_may_not_be_read(served: Organisation) -> None:
    served.tables = TABLES[:2]
    served.store.refuse("lead")
    report = served.a_day()
    (problem,) = report.fetched.problems
    assert problem.kind == "refused"
    assert "Give the application user's role Read on lead" in problem.message
    served.store.permit("lead")
    served.a_day(SECOND)
    assert served.rows("select distinct is_backfill from raw.batches where file = 'lead'") == [(True,)]


def test_a_mended_mapping_reads_everything_anew(leads: Organisation) -> None:
    leads.a_day()
    mended = [TABLES[0] | {"ignore": ["bw_note"], "values": {"status": {"0": "open", "1": "open"}}}]
    assert packaged_keys(leads.a_day(SECOND, tables=mended)) == {"lead": (12, 0)}


def test_a_warehouse_restored_from_an_older_copy(leads: Organisation) -> None:
    leads.a_day()
    leads.store.update("lead", key(1), {"subject": "Changed"})
    leads.a_day(SECOND)
    packages = Packages(leads.workspace().data.packages / "dataverse")
    gone = {link.batch.batch_id for chain in packages.chains().values() for link in chain[1:]}
    packages.forget({batch.batch_id for batch in packages.known()} - gone)
    assert packaged_keys(leads.a_day(THIRD)) == {"lead": (1, 0)}
    assert leads.latest("topic")[0] == ("Changed",)


def test_packages_wait_for_the_warehouse(leads: Organisation) -> None:
    for number, day in enumerate((FIRST, SECOND, THIRD)):
        leads.store.update("lead", key(1), {"subject": f"On day {number}"})
        fetch(leads.workspace(), "dataverse", as_of=day)
    load(leads.workspace(), as_of=THIRD)
    assert leads.latest("topic")[0] == ("On day 2",)
    assert leads.rows("select is_backfill from raw.batches where file = 'lead' order by batch_number") == [
        (True,),
        (False,),
        (False,),
    ]


def test_more_than_one_page_of_changes(leads: Organisation) -> None:
    leads.a_day()
    for number in range(1, 13):
        leads.store.update("lead", key(number), {"bw_tier": 8})
    leads.store.delete("lead", key(12))
    assert packaged_keys(leads.a_day(SECOND)) == {"lead": (12, 0)}
    assert Option(8, "Silver").label in leads.latest("custom")[0][0]
    assert len(leads.latest("*")) == 11


def test_a_table_that_not_every_organisation_has(served: Organisation) -> None:
    messages = {**TABLES[1], "table": "li_message", "optional": True}
    assert served.a_day(tables=[TABLES[1], messages]).fetched.problems == ()
    required = served.a_day(SECOND, tables=[TABLES[1], {**messages, "optional": False}])
    assert [problem.kind for problem in required.fetched.problems] == ["missing"]
