"""The records of the demo: accounts with their contacts, leads and opportunities, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from extract.demo.calendar import END, EXPORTED_ON, NEVER, START, at_work, draw_days, end_of
from extract.demo.fate import POSITIVE, Fate, draw_fate, some_day_after_close, some_day_while_open
from extract.demo.mechanism import LEAD, OPPORTUNITY, Array
from extract.demo.people import People
from extract.demo.vocabulary import (
    COMPANY_FIRST,
    COMPANY_LAST,
    COMPANY_SECOND,
    FIRST_NAMES,
    LANGUAGES,
    LAST_NAMES,
    PLACES,
    PRODUCTS,
    PRODUCTS_PER_FAMILY,
    TOPICS,
)

_COMPANIES: Final = len(COMPANY_FIRST) * len(COMPANY_SECOND) * len(COMPANY_LAST)
_BECOMES_OPPORTUNITY: Final = 0.85  # of the qualified leads
_OF_A_KNOWN_ACCOUNT: Final = 0.30  # of the leads


@dataclass(frozen=True)
class Person:
    """Who is behind a record: positions in the lists of names."""

    first_name: Array
    last_name: Array


@dataclass(frozen=True)
class Accounts:
    """Companies. The first ``base`` are there from the beginning; the others came with a qualified lead."""

    base: int
    created: Array
    company: Array
    place: Array
    industry: Array
    employees: Array
    parent: Array
    owner: Array


@dataclass(frozen=True)
class Contacts:
    """People at accounts: two at each of the first accounts, one (the lead's person) at each later one."""

    created: Array
    account: Array
    person: Person
    job_title: Array
    owner: Array


@dataclass(frozen=True)
class Leads:
    """Leads in order of creation."""

    created: Array
    codes: Mapping[str, Array]
    employees: Array
    amount: Array
    person: Person
    company: Array
    place: Array
    topic: Array
    language: Array
    account: Array
    owner: Array
    fate: Fate
    contacted: Array
    edited: Array
    edited_late: Array
    edit_factor: Array


@dataclass(frozen=True)
class Opportunities:
    """Opportunities in order of creation. ``lead`` is -1 where there was none. Amounts in EUR."""

    created: Array
    codes: Mapping[str, Array]
    lead: Array
    account: Array
    contact: Array
    product: Array
    amount: Array
    actual_amount: Array
    final_discount: Array
    expected_days: Array
    owner: Array
    fate: Fate
    stage_moments: Array
    edited: Array
    edit_factor: Array
    rescheduled: Array
    reschedule_days: Array
    edited_late: Array


def draw_person(rng: np.random.Generator, count: int) -> Person:
    """So many people with invented names."""
    return Person(rng.integers(0, len(FIRST_NAMES), count), rng.integers(0, len(LAST_NAMES), count))


def draw_base_accounts(rng: np.random.Generator, people: People, count: int) -> Accounts:
    """The accounts from before the story begins."""
    days = np.sort(START - rng.integers(1, 730, count))
    employees = np.round(rng.lognormal(5.5, 1.2, count)) + 1
    employees[rng.random(count) < 0.04] = np.nan
    parent = np.where(rng.random(count) < 0.05, np.arange(count) // 2, -1)
    parent[0] = -1
    owner = people.owner_of_new(rng, days)
    industry = OPPORTUNITY.attributes["industry"].draw(rng, count)
    place = rng.integers(0, len(PLACES), count)
    company = rng.permutation(_COMPANIES)[:count] if count <= _COMPANIES else rng.integers(0, _COMPANIES, count)
    return Accounts(count, at_work(rng, days), company, place, industry, employees, parent, owner)


def draw_leads(rng: np.random.Generator, people: People, accounts: Accounts, count_by_export: int) -> Leads:
    """Leads of the whole story, with what becomes of each."""
    days = draw_days(rng, count_by_export)
    count, created = len(days), at_work(rng, days)
    codes = {name: attribute.draw(rng, count) for name, attribute in LEAD.attributes.items()}
    employees = np.round(rng.lognormal(5.0, 1.3, count)) + 1
    employees[rng.random(count) < 0.08] = np.nan
    account = np.where(rng.random(count) < _OF_A_KNOWN_ACCOUNT, rng.integers(0, accounts.base, count), -1)
    company = np.where(account >= 0, accounts.company[account], rng.integers(0, _COMPANIES, count))
    owner = people.owner_of_new(rng, days)
    logit = LEAD.logit(codes, {"employee_count": employees}, days, people.effect[owner])
    fate = draw_fate(rng, LEAD, created, logit)
    amount = np.round(rng.lognormal(9.6, 0.8, count), -1)
    amount[rng.random(count) < 0.15] = np.nan
    return Leads(
        created=created,
        codes=codes,
        employees=employees,
        amount=amount,
        person=draw_person(rng, count),
        company=company,
        place=rng.integers(0, len(PLACES), count),
        topic=rng.integers(0, len(TOPICS), count),
        language=rng.integers(0, len(LANGUAGES), count),
        account=account,
        owner=owner,
        fate=fate,
        contacted=at_work(rng, days + rng.integers(1, 4, count)),
        edited=some_day_while_open(rng, created, fate.closed, 0.15, 3, 40),
        edited_late=some_day_after_close(rng, fate.closed, 0.06, 30),
        edit_factor=rng.uniform(0.85, 1.15, count),
    )


def add_qualified(rng: np.random.Generator, base: Accounts, leads: Leads) -> tuple[Accounts, Contacts, Array, Array]:
    """What qualification brings: an account and a contact for each lead of a company not yet known.

    Returns:
        all accounts, all contacts, and per lead its account and its contact once qualified (-1: not qualified).
    """
    qualified = np.flatnonzero((leads.fate.outcome == POSITIVE) & (leads.fate.closed < end_of(END)))
    qualified = qualified[np.argsort(leads.fate.closed[qualified], kind="stable")]
    fresh = qualified[leads.account[qualified] < 0]
    accounts = Accounts(
        base=base.base,
        created=np.concatenate([base.created, leads.fate.closed[fresh]]),
        company=np.concatenate([base.company, leads.company[fresh]]),
        place=np.concatenate([base.place, leads.place[fresh]]),
        industry=np.concatenate([base.industry, leads.codes["industry"][fresh]]),
        employees=np.concatenate([base.employees, leads.employees[fresh]]),
        parent=np.concatenate([base.parent, np.full(len(fresh), -1)]),
        owner=np.concatenate([base.owner, leads.owner[fresh]]),
    )
    known = draw_person(rng, 2 * base.base)
    two_each = np.repeat(np.arange(base.base), 2)
    contacts = Contacts(
        created=np.concatenate([base.created[two_each], leads.fate.closed[qualified]]),
        account=np.concatenate([two_each, np.zeros(len(qualified), dtype=int)]),
        person=Person(
            np.concatenate([known.first_name, leads.person.first_name[qualified]]),
            np.concatenate([known.last_name, leads.person.last_name[qualified]]),
        ),
        job_title=np.concatenate(
            [LEAD.attributes["job_title"].draw(rng, 2 * base.base), leads.codes["job_title"][qualified]]
        ),
        owner=np.concatenate([base.owner[two_each], leads.owner[qualified]]),
    )
    account = np.full(len(leads.created), -1)
    contact = np.full(len(leads.created), -1)
    account[qualified] = leads.account[qualified]
    account[fresh] = base.base + np.arange(len(fresh))
    contact[qualified] = 2 * base.base + np.arange(len(qualified))
    contacts.account[2 * base.base :] = account[qualified]
    return accounts, contacts, account, contact


def draw_opportunities(
    rng: np.random.Generator,
    people: People,
    accounts: Accounts,
    leads: Leads,
    of_lead: tuple[Array, Array],
    count_by_export: int,
) -> Opportunities:
    """Opportunities of the whole story: those that qualified leads become, and those that come without a lead.

    Args:
        of_lead: account and contact of each qualified lead, as ``add_qualified`` returns them.
    """
    origin = np.flatnonzero((of_lead[0] >= 0) & (rng.random(len(leads.created)) < _BECOMES_OPPORTUNITY))
    by_export = int((leads.fate.closed[origin] < end_of(EXPORTED_ON)).sum())
    direct_days = draw_days(rng, max(count_by_export - by_export, 1))
    direct = len(direct_days)
    created = np.concatenate([leads.fate.closed[origin], at_work(rng, direct_days)])
    chosen = rng.integers(0, accounts.base, direct)
    lead = np.concatenate([origin, np.full(direct, -1)])
    account = np.concatenate([of_lead[0][origin], chosen])
    contact = np.concatenate([of_lead[1][origin], 2 * chosen + rng.integers(0, 2, direct)])
    owner = np.concatenate(
        [people.owner_at(leads.owner[origin], created[: len(origin)]), people.owner_of_new(rng, direct_days)]
    )
    order = np.argsort(created, kind="stable")
    links = (lead[order], account[order], contact[order])
    return _opportunities(rng, people, accounts, leads, created[order], links, owner[order])


def _opportunities(
    rng: np.random.Generator,
    people: People,
    accounts: Accounts,
    leads: Leads,
    created: Array,
    links: tuple[Array, Array, Array],
    owner: Array,
) -> Opportunities:
    lead, account, contact = links
    count, days = len(created), created.astype("datetime64[D]")
    codes = {name: attribute.draw(rng, count) for name, attribute in OPPORTUNITY.attributes.items()}
    codes["source"] = np.where(lead >= 0, leads.codes["source"][lead], codes["source"])
    codes["industry"] = accounts.industry[account]
    product = codes["product_family"] * PRODUCTS_PER_FAMILY + rng.integers(0, PRODUCTS_PER_FAMILY, count)
    price = np.array([product[2] for product in PRODUCTS])[product]
    amount = np.round(np.exp(0.4 * np.log(price) + 6.3 + rng.normal(0, 0.6, count)), 0)
    values = {"employee_count": accounts.employees[account], "amount": amount}
    fate = draw_fate(rng, OPPORTUNITY, created, OPPORTUNITY.logit(codes, values, days, people.effect[owner]))
    edited = some_day_while_open(rng, created, fate.closed, 0.20, 6, 60)
    edit_factor = np.where(edited < NEVER, rng.uniform(0.85, 1.15, count), 1.0)
    won = fate.outcome == POSITIVE
    discount = np.where(
        won, rng.uniform(2, 15, count), np.where(rng.random(count) < 0.85, 0.0, rng.uniform(15, 30, count))
    )
    return Opportunities(
        created=created,
        codes=codes,
        lead=lead,
        account=account,
        contact=contact,
        product=product,
        amount=amount,
        actual_amount=np.round(amount * edit_factor * rng.lognormal(0.06, 0.08, count) * (1 - discount / 100), 2),
        final_discount=np.round(discount, 1),
        expected_days=rng.integers(45, 136, count),
        owner=owner,
        fate=fate,
        stage_moments=_stages(rng, created, fate.closed),
        edited=edited,
        edit_factor=edit_factor,
        rescheduled=some_day_while_open(rng, created, fate.closed, 0.25, 20, 60),
        reschedule_days=rng.integers(14, 61, count),
        edited_late=some_day_after_close(rng, fate.closed, 0.08, 45),
    )


def _stages(rng: np.random.Generator, created: Array, closed: Array) -> Array:
    """When each record enters the second and third stage (``NEVER``: it does not); independent of its outcome."""
    second = some_day_while_open(rng, created, closed, 0.8, 1, 2)
    third = some_day_while_open(rng, created, closed, 0.6, 3, 4)
    return np.stack([second, np.where(second < NEVER, third, NEVER)], axis=1)
