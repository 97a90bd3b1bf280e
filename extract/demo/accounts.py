"""The demo's companies and the people at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from extract.demo.calendar import START, at_work
from extract.demo.mechanism import OPPORTUNITY, Array
from extract.demo.people import People
from extract.demo.vocabulary import (
    COMPANY_FIRST,
    COMPANY_LAST,
    COMPANY_SECOND,
    FIRST_NAMES,
    LAST_NAMES,
    PLACES,
)

COMPANIES: Final = len(COMPANY_FIRST) * len(COMPANY_SECOND) * len(COMPANY_LAST)
"""How many different names of companies there are."""


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
    company = rng.permutation(COMPANIES)[:count] if count <= COMPANIES else rng.integers(0, COMPANIES, count)
    return Accounts(count, at_work(rng, days), company, place, industry, employees, parent, owner)
