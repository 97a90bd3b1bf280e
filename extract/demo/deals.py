"""What the CRM's export shows of leads and opportunities at the end of a day. See ``tables`` for the other entities."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extract.demo import columns as c
from extract.demo import dirt
from extract.demo.accounts import Person
from extract.demo.calendar import end_of, latest
from extract.demo.fate import POSITIVE
from extract.demo.leads import Leads
from extract.demo.mechanism import LEAD, OPPORTUNITY, Array
from extract.demo.opportunities import Opportunities
from extract.demo.story import Story
from extract.demo.vocabulary import FIRST_NAMES, LANGUAGES, LAST_NAMES, PRODUCTS, TOPICS

_LEAD_LOST: Final = ("Lost", "Cannot Contact", "No Longer Interested", "Canceled")
DEAL_LOST: Final = ("Canceled", "Out-Sold")
_QUALIFIED_REMARKS: Final = ("R10", "R11", "R12")
_DISQUALIFIED_REMARKS: Final = ("R20", "R21", "R22", "R23")
STAGES: Final = ("1-Qualify", "2-Develop", "3-Propose")


def leads(story: Story, day: np.datetime64) -> pa.Table:
    """One row per lead."""
    rows, night = story.leads, end_of(day)
    seen = np.flatnonzero(rows.created < night)
    person = Person(rows.person.first_name[seen], rows.person.last_name[seen])
    company, place = rows.company[seen], rows.place[seen]
    amount = rows.amount[seen] * np.where(rows.edited[seen] < night, rows.edit_factor[seen], 1.0)
    table = pa.table(
        {
            "leadid": c.keys(c.LEAD, seen),
            "subject": c.labels(TOPICS, rows.topic[seen]),
            "fullname": c.full_name(person),
            "firstname": c.labels(FIRST_NAMES, person.first_name),
            "lastname": c.labels(LAST_NAMES, person.last_name),
            "emailaddress1": c.address(person, company),
            "telephone1": c.telephone(seen, company),
            "jobtitle": _category(rows, "job_title", seen),
            "companyname": c.company_name(company),
            "parentaccountid": c.keys(c.ACCOUNT, rows.account[seen]),
            "leadsourcecode": dirt.spelled(_category(rows, "source", seen), seen, "Trade show", "Tradeshow"),
            "industrycode": _category(rows, "industry", seen),
            "address1_country": c.country(place),
            "address1_city": c.city(place),
            "numberofemployees": c.whole_numbers(rows.employees[seen]),
            "estimatedamount": dirt.broken(c.numbers(np.round(amount, 2)), seen, "to be clarified", 2),
            **_lead_state(story, seen, day),
            "bw_budget_confirmed": _category(rows, "budget_confirmed", seen),
            "bw_trial_user": _category(rows, "trial_user", seen),
            "bw_purchase_timeframe": dirt.spelled(
                _category(rows, "purchase_timeframe", seen), seen, "This quarter", "this Quarter "
            ),
            "bw_language": c.labels(LANGUAGES, rows.language[seen]),
            "bw_closing_remark_code": _remark(rows, seen, night),
        }
    )
    return dirt.with_duplicates(table, seen)


def _lead_state(story: Story, seen: Array, day: np.datetime64) -> dict[str, pa.Array]:
    """Owner, status and times of a lead at the end of the day."""
    rows, night = story.leads, end_of(day)
    created, closed, owner = rows.created[seen], rows.fate.closed[seen], rows.owner[seen]
    over, won = closed < night, rows.fate.outcome[seen] == POSITIVE
    handed_over = np.where(story.people.handed_over_at(owner) < closed, story.people.handed_over_at(owner), created)
    contacted = np.where(rows.contacted[seen] < closed, rows.contacted[seen], created)
    why_lost = c.labels(_LEAD_LOST, seen % len(_LEAD_LOST))
    open_reason = c.either(rows.contacted[seen] < night, "Contacted", "New")
    state = c.either(over, c.either(won, "Qualified", "Disqualified"), "Open")
    changes = (contacted, rows.edited[seen], handed_over, closed, rows.edited_late[seen])
    return {
        "ownerid": c.keys(c.USER, story.people.owner_at(owner, np.minimum(closed, night - 1))),
        "statecode": dirt.broken(state, seen, "Recycled", 3),
        "statuscode": c.either(over, c.either(won, "Qualified", why_lost), open_reason),
        "createdon": c.moments(created, day),
        "modifiedon": c.moments(latest(created, *changes, until=day), day),
        "bw_decidedon": c.moments(closed, day),
    }


def _remark(rows: Leads, seen: Array, night: np.datetime64) -> pa.Array:
    """The planted leak: a code that is entered when a lead is closed, by the outcome."""
    won = rows.fate.outcome[seen] == POSITIVE
    code = c.either(
        won,
        c.labels(_QUALIFIED_REMARKS, seen % len(_QUALIFIED_REMARKS)),
        c.labels(_DISQUALIFIED_REMARKS, seen % len(_DISQUALIFIED_REMARKS)),
    )
    return c.shown(code, (rows.fate.closed[seen] < night) & ~dirt.chosen(seen, 0.03, 4))


def opportunities(story: Story, day: np.datetime64) -> pa.Table:
    """One row per opportunity."""
    rows, night = story.opportunities, end_of(day)
    seen = np.flatnonzero(rows.created < night)
    product = rows.product[seen]
    amount = rows.amount[seen] * np.where(rows.edited[seen] < night, rows.edit_factor[seen], 1.0)
    postponed = np.where(rows.rescheduled[seen] < night, rows.reschedule_days[seen], 0)
    expected = rows.created[seen].astype("datetime64[D]") + rows.expected_days[seen] + postponed
    company = c.company_name(story.accounts.company[rows.account[seen]])
    name = c.labels([name for name, _, _ in PRODUCTS], product)
    stage = (rows.stage_moments[seen] < night).sum(axis=1)
    table = pa.table(
        {
            "opportunityid": c.keys(c.OPPORTUNITY, seen),
            "name": pc.binary_join_element_wise(company, name, " - "),
            "originatingleadid": c.keys(c.LEAD, rows.lead[seen]),
            "parentaccountid": c.keys(c.ACCOUNT, rows.account[seen]),
            "parentcontactid": c.keys(c.CONTACT, rows.contact[seen]),
            "bw_productid": c.keys(c.PRODUCT, product),
            "bw_leadsourcecode": _category_of(rows, "source", seen),
            "stepname": c.labels(STAGES, stage),
            "estimatedvalue": dirt.broken(c.numbers(np.round(amount, 2)), seen, "n/a", 2),
            "estimatedclosedate": c.days(expected),
            **_deal_state(story, seen, day),
            "bw_competitor": dirt.spelled(
                _category_of(rows, "competitor", seen), seen, "Helix Systems", "HELIX Systems"
            ),
            "bw_decision_maker_known": _category_of(rows, "decision_maker_known", seen),
            "bw_technical_fit": _category_of(rows, "technical_fit", seen),
            "bw_final_discount_pct": c.shown(c.numbers(rows.final_discount[seen]), rows.fate.closed[seen] < night),
        }
    )
    return dirt.with_duplicates(table, seen)


def _deal_state(story: Story, seen: Array, day: np.datetime64) -> dict[str, pa.Array]:
    """Owner, status, times and amount won of an opportunity at the end of the day."""
    rows, night = story.opportunities, end_of(day)
    created, closed, owner = rows.created[seen], rows.fate.closed[seen], rows.owner[seen]
    over, won = closed < night, rows.fate.outcome[seen] == POSITIVE
    handed_over = np.where(story.people.handed_over_at(owner) < closed, story.people.handed_over_at(owner), created)
    stages = (rows.stage_moments[seen, 0], rows.stage_moments[seen, 1])
    changes = (*stages, rows.edited[seen], rows.rescheduled[seen], handed_over, closed, rows.edited_late[seen])
    state = c.either(over, c.either(won, "Won", "Lost"), "Open")
    return {
        "ownerid": c.keys(c.USER, story.people.owner_at(owner, np.minimum(closed, night - 1))),
        "statecode": dirt.broken(state, seen, "Reopened", 3),
        "statuscode": c.either(over, c.either(won, "Won", c.labels(DEAL_LOST, seen % len(DEAL_LOST))), "In Progress"),
        "actualvalue": c.shown(c.numbers(rows.actual_amount[seen]), over & won),
        "actualclosedate": c.moments(closed, day),
        "createdon": c.moments(created, day),
        "modifiedon": c.moments(latest(created, *changes, until=day), day),
    }


def _category(rows: Leads, name: str, seen: Array) -> pa.Array:
    return c.labels(LEAD.attributes[name].labels, rows.codes[name][seen])


def _category_of(rows: Opportunities, name: str, seen: Array) -> pa.Array:
    return c.labels(OPPORTUNITY.attributes[name].labels, rows.codes[name][seen])
