"""The demo's leads: what they are, what becomes of them, and what qualification brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from extract.demo.accounts import COMPANIES, Accounts, Contacts, Person, draw_person
from extract.demo.calendar import END, at_work, draw_days, end_of
from extract.demo.fate import POSITIVE, Fate, draw_fate, some_day_after_close, some_day_while_open
from extract.demo.mechanism import LEAD, Array
from extract.demo.people import People
from extract.demo.vocabulary import (
    LANGUAGES,
    PLACES,
    TOPICS,
)

_OF_A_KNOWN_ACCOUNT: Final = 0.30  # of the leads


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


def draw_leads(rng: np.random.Generator, people: People, accounts: Accounts, count_by_export: int) -> Leads:
    """Leads of the whole story, with what becomes of each."""
    days = draw_days(rng, count_by_export)
    count, created = len(days), at_work(rng, days)
    codes = {name: attribute.draw(rng, count) for name, attribute in LEAD.attributes.items()}
    employees = np.round(rng.lognormal(5.0, 1.3, count)) + 1
    employees[rng.random(count) < 0.08] = np.nan
    account = np.where(rng.random(count) < _OF_A_KNOWN_ACCOUNT, rng.integers(0, accounts.base, count), -1)
    company = np.where(account >= 0, accounts.company[account], rng.integers(0, COMPANIES, count))
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
