"""What was audited is history: on every earlier day the demo's records are as they really were."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pytest

from config.workspace import Workspace
from extract.demo import deals
from extract.demo.story import SEED, tell
from extract.sources.dataverse.emulator import Store
from extract.sources.dataverse.emulator.demo import DemoOrganisation
from extract.sources.dataverse.emulator.demo.contact import AUDITS, ORGANISATIONS
from tests.extract.sources.dataverse.conftest import Serve
from tests.extract.sources.dataverse.demo import a_day, served, shipped
from tests.extract.sources.dataverse.organisation import SECRET, SECRET_ENV, TABLES, key, organisation
from warehouse.connection import open_warehouse

TODAY: Final = date(2024, 9, 16)
EARLIER: Final = ("2023-11-20", "2024-02-05", "2024-06-03", "2024-09-15")
KNOWN: Final = """
    select {columns}
    from raw.dataverse__{entity}
    where coalesce(case when modified_at <= created_at then created_at end, modified_at) < date '{day}' + 1
    qualify row_number() over (partition by {key} order by modified_at desc) = 1
"""
LEADS: Final = "lead_id, status, status_reason, owner_id, closed_at, custom ->> 'bw_closing_remark_code'"
EXPORTED_LEADS: Final = """
    select leadid, lower(statecode), statuscode, ownerid, bw_decidedon, bw_closing_remark_code from exported
    where statecode <> 'Recycled' and leadid in (select lead_id from raw.dataverse__leads)
"""
DEALS: Final = "opportunity_id, status, status_reason, stage, owner_id, estimated_close_on, closed_at"
EXPORTED_DEALS: Final = """
    select opportunityid, lower(statecode), statuscode, stepname, ownerid, estimatedclosedate, actualclosedate
    from exported
    where statecode <> 'Reopened' and opportunityid in (select opportunity_id from raw.dataverse__opportunities)
"""


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    tables = [table for table in shipped()["tables"] if table["table"] in {"lead", "opportunity"}]
    organisation = DemoOrganisation("tiny", TODAY, audited=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET_ENV, SECRET)
        with served(organisation, tmp_path_factory.mktemp("audited"), tables=tables) as workspace:
            assert a_day(workspace, "dataverse", TODAY).fetched.problems == ()
            yield workspace


def rows(workspace: Workspace, query: str, exported: Any = None) -> list[tuple[Any, ...]]:
    with open_warehouse(workspace) as connection:
        if exported is not None:
            connection.register("exported", exported)
        return connection.execute(f"select * from ({query}) order by all").fetchall()


@pytest.mark.parametrize("day", EARLIER)
def test_an_earlier_day_is_as_it_was(day: str, audited: Workspace) -> None:
    story, night = tell("tiny", SEED), np.datetime64(day, "D")
    leads = rows(audited, KNOWN.format(columns=LEADS, entity="leads", key="lead_id", day=day))
    assert leads == rows(audited, f"select distinct * from ({EXPORTED_LEADS})", deals.leads(story, night))
    found = rows(audited, KNOWN.format(columns=DEALS, entity="opportunities", key="opportunity_id", day=day))
    assert found == rows(audited, f"select distinct * from ({EXPORTED_DEALS})", deals.opportunities(story, night))
    assert len(leads) > 20


def test_an_edited_amount_had_its_first_value_before(audited: Workspace) -> None:
    leads = tell("tiny", SEED).leads
    edited = np.flatnonzero((leads.edited < np.datetime64(TODAY)) & ~np.isnan(leads.amount))
    before = {f"1ead0000-0000-4000-8000-{index:012d}": round(float(leads.amount[index]), 2) for index in edited}
    first = "select lead_id, arg_min(estimated_amount, modified_at) from raw.dataverse__leads group by 1"
    found = dict(rows(audited, first))
    known = {lead: amount for lead, amount in before.items() if lead in found}
    assert {lead: found[lead] for lead in known} == known
    assert len(known) > 10


def test_without_the_organisation_s_flag_there_is_no_past(serve: Serve) -> None:
    served_here = serve()
    served_here.tables = TABLES[:1]
    served_here.store.audit("lead", on=True)
    served_here.store.update("lead", key(1), {"subject": "Changed"})
    assert served_here.a_day().fetched.problems == ()
    assert served_here.rows("select count(*) from raw.dataverse__leads") == [(12,)]


def test_the_next_readings_take_no_past(audited: Workspace) -> None:
    assert a_day(audited, "dataverse", date(2024, 9, 17)).fetched.read == ()


def audited_store() -> Store:
    store = organisation(tables=(ORGANISATIONS, AUDITS))
    store.insert("organization", {"organizationid": key(1), "isauditenabled": True})
    store.audit("lead", on=True)
    return store


def test_labels_lookups_and_yes_or_no_as_they_were(serve: Serve) -> None:
    served_here = serve(audited_store())
    served_here.tables = TABLES[:1]
    served_here.store.clock.put_forward(timedelta(hours=1))
    served_here.store.update("lead", key(1), {"bw_tier": 8, "bw_demo": False, "estimatedamount": 99})
    served_here.store.clock.put_forward(timedelta(hours=1))
    served_here.store.update("lead", key(1), {"ownerid": ("systemuser", key(902)), "statecode": 1})
    served_here.a_day()
    asked = f"""
        select owner_id, status, status_reason, estimated_amount, custom ->> 'bw_tier', custom ->> 'bw_demo'
        from raw.dataverse__leads where lead_id = '{key(1)}' order by modified_at
    """
    assert served_here.rows(asked) == [
        (key(901), "open", "Open", 10.5, "Gold", "Yes"),
        (key(901), "open", "Open", 99.0, "Silver", "No"),
        (key(902), "qualified", "Qualified", 99.0, "Silver", "No"),
    ]


def test_a_log_that_may_not_be_read_is_told_and_the_rows_are_there(serve: Serve) -> None:
    served_here = serve(audited_store())
    served_here.tables = TABLES[:1]
    served_here.store.refused.add("audit")
    report = served_here.a_day()
    assert [(problem.kind, problem.file) for problem in report.fetched.problems] == [("refused", "lead")]
    assert "View Audit Summary" in report.fetched.problems[0].message
    assert served_here.rows("select count(*) from raw.dataverse__leads") == [(12,)]
