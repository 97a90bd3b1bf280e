"""What the CRM's export shows at the end of a day, entity by entity, under the CRM's own column names.

Every function takes the story and the day and returns a table. A row, an edit or an outcome later than the day is not
in it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extract.demo import columns as c
from extract.demo.accounts import Person
from extract.demo.calendar import END, START, end_of, inflow, latest
from extract.demo.mechanism import INDUSTRIES, OPPORTUNITY, TITLES
from extract.demo.people import SELLER
from extract.demo.story import Story
from extract.demo.vocabulary import FIRST_NAMES, LAST_NAMES, PRODUCTS, REGIONS, SEGMENTS

_ROLES: Final = ("Sales Director", "Sales Manager", "Account Executive")
_KEY_ACCOUNT, _MID_MARKET = 1000, 150  # employees
_QUOTA_PER_QUARTER: Final = 180_000.0
_QUOTA_SET_DAYS_BEFORE: Final = 14


def accounts(story: Story, day: np.datetime64) -> pa.Table:
    """One row per account."""
    rows = story.accounts
    seen = np.flatnonzero(rows.created < end_of(day))
    created, place, employees = rows.created[seen], rows.place[seen], rows.employees[seen]
    handed_over = story.people.handed_over_at(rows.owner[seen])
    segment = np.where(employees >= _KEY_ACCOUNT, 0, np.where(employees >= _MID_MARKET, 1, 2))
    return pa.table(
        {
            "accountid": c.keys(c.ACCOUNT, seen),
            "name": c.company_name(rows.company[seen]),
            "industrycode": c.labels(INDUSTRIES, rows.industry[seen]),
            "address1_country": c.country(place),
            "address1_city": c.city(place),
            "parentaccountid": c.keys(c.ACCOUNT, rows.parent[seen]),
            "ownerid": c.keys(c.USER, story.people.owner_at(rows.owner[seen], end_of(day) - 1)),
            "revenue": c.numbers(np.round(employees * 145_000.0, -3)),
            "numberofemployees": c.whole_numbers(employees),
            "createdon": c.moments(created, day),
            "modifiedon": c.moments(latest(created, handed_over, until=day), day),
            "bw_segment": c.labels(SEGMENTS, segment),
        }
    )


def contacts(story: Story, day: np.datetime64) -> pa.Table:
    """One row per contact."""
    rows = story.contacts
    seen = np.flatnonzero(rows.created < end_of(day))
    person = Person(rows.person.first_name[seen], rows.person.last_name[seen])
    account, created = rows.account[seen], rows.created[seen]
    company, place = story.accounts.company[account], story.accounts.place[account]
    handed_over = story.people.handed_over_at(rows.owner[seen])
    return pa.table(
        {
            "contactid": c.keys(c.CONTACT, seen),
            "parentcustomerid": c.keys(c.ACCOUNT, account),
            "firstname": c.labels(FIRST_NAMES, person.first_name),
            "lastname": c.labels(LAST_NAMES, person.last_name),
            "emailaddress1": c.address(person, company),
            "telephone1": c.telephone(seen, company),
            "jobtitle": c.labels(TITLES, rows.job_title[seen]),
            "address1_country": c.country(place),
            "address1_city": c.city(place),
            "ownerid": c.keys(c.USER, story.people.owner_at(rows.owner[seen], end_of(day) - 1)),
            "createdon": c.moments(created, day),
            "modifiedon": c.moments(latest(created, handed_over, until=day), day),
        }
    )


def user_address(story: Story) -> pa.Array:
    """The address of every user, by index."""
    person = Person(story.people.first_name, story.people.last_name)
    name = pc.utf8_lower(pc.replace_substring(c.full_name(person), " ", "."))
    return pc.binary_join_element_wise(name, "brightwater.example", "@")


def users(story: Story, day: np.datetime64) -> pa.Table:
    """One row per user who has joined."""
    people = story.people
    seen = np.flatnonzero(people.joined <= day)
    gone = people.left[seen] <= day
    changed = np.where(gone, people.left[seen], people.joined[seen])
    return pa.table(
        {
            "systemuserid": c.keys(c.USER, seen),
            "fullname": c.full_name(Person(people.first_name[seen], people.last_name[seen])),
            "internalemailaddress": user_address(story).take(pa.array(seen)),
            "title": c.labels(_ROLES, people.role[seen]),
            "parentsystemuserid": c.keys(c.USER, people.manager[seen]),
            "bw_teamid": c.keys(c.TEAM, people.team[seen]),
            "positionid": c.keys(c.POSITION, people.role[seen]),
            "bw_joinedon": c.days(people.joined[seen]),
            "bw_lefton": c.days(people.left[seen], until=day),
            "isdisabled": c.either(gone, "Yes", "No"),
            "modifiedon": c.moments(changed.astype("datetime64[s]") + np.timedelta64(9, "h"), day),
        }
    )


def positions(_: Story, day: np.datetime64) -> pa.Table:
    """One row per position, each below the one before; they are older than the story."""
    count = np.arange(len(_ROLES))
    return pa.table(
        {
            "positionid": c.keys(c.POSITION, count),
            "name": pa.array(_ROLES),
            "parentpositionid": c.keys(c.POSITION, count - 1),
            "modifiedon": c.moments(np.full(len(count), START.astype("datetime64[s]")), day),
        }
    )


def teams(story: Story, day: np.datetime64) -> pa.Table:
    """One row per team that has been founded."""
    founded = story.people.founded
    seen = np.flatnonzero(founded <= day)
    names = [f"Team {REGIONS[number % len(REGIONS)]}" for number in seen]
    again = [f" {1 + number // len(REGIONS)}" if number >= len(REGIONS) else "" for number in seen]
    return pa.table(
        {
            "teamid": c.keys(c.TEAM, seen),
            "name": pa.array([name + suffix for name, suffix in zip(names, again, strict=True)], pa.string()),
            "administratorid": c.keys(c.USER, seen + 1),
            "bw_region": c.labels(REGIONS, seen % len(REGIONS)),
            "modifiedon": c.moments(founded[seen].astype("datetime64[s]") + np.timedelta64(9, "h"), day),
        }
    )


def products(_: Story, day: np.datetime64) -> pa.Table:
    """One row per product; the price list is older than the story."""
    families = OPPORTUNITY.attributes["product_family"].labels
    count = len(PRODUCTS)
    return pa.table(
        {
            "productid": c.keys(c.PRODUCT, np.arange(count)),
            "name": pa.array([name for name, _, _ in PRODUCTS]),
            "bw_family": pa.array([families[family] for _, family, _ in PRODUCTS]),
            "price": pa.array([price for _, _, price in PRODUCTS]),
            "modifiedon": c.moments(np.full(count, START.astype("datetime64[s]")), day),
        }
    )


def quotas(story: Story, day: np.datetime64) -> pa.Table:
    """One row per seller and quarter, from two weeks before the quarter (or the seller's first day) on."""
    people = story.people
    quarters = np.arange(START.astype("datetime64[M]"), END.astype("datetime64[M]") + 1, 3)
    sellers = np.flatnonzero(people.role == SELLER)
    seller, quarter = (part.ravel() for part in np.meshgrid(sellers, quarters, indexing="ij"))
    begins, ends = quarter.astype("datetime64[D]"), (quarter + 3).astype("datetime64[D]") - 1
    set_on = np.maximum(begins - _QUOTA_SET_DAYS_BEFORE, people.joined[seller])
    seen = (people.joined[seller] <= ends) & (people.left[seller] >= begins) & (set_on <= day)
    seller, begins, ends, set_on = seller[seen], begins[seen], ends[seen], set_on[seen]
    busy = np.array([inflow(np.arange(first, first + 90)).mean() for first in np.unique(begins)])
    amount = _QUOTA_PER_QUARTER * busy[np.searchsorted(np.unique(begins), begins)]
    return pa.table(
        {
            "ownerid": c.keys(c.USER, seller),
            "bw_periodstart": c.days(begins),
            "bw_periodend": c.days(ends),
            "bw_quotaamount": c.numbers(np.round(amount, -3)),
            "modifiedon": c.moments(set_on.astype("datetime64[s]") + np.timedelta64(9, "h"), day),
        }
    )
