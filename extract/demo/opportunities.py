"""The demo's opportunities: those that qualified leads become, those without a lead, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from extract.demo.accounts import Accounts
from extract.demo.calendar import EXPORTED_ON, NEVER, at_work, draw_days, end_of
from extract.demo.fate import POSITIVE, Fate, draw_fate, some_day_after_close, some_day_while_open
from extract.demo.leads import Leads
from extract.demo.mechanism import OPPORTUNITY, Array
from extract.demo.people import People
from extract.demo.vocabulary import (
    PRODUCTS,
    PRODUCTS_PER_FAMILY,
)

_BECOMES_OPPORTUNITY: Final = 0.85  # of the qualified leads


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


@dataclass(frozen=True)
class _Links:
    """What each opportunity hangs on: lead (-1: none), account, contact, owner."""

    lead: Array
    account: Array
    contact: Array
    owner: Array


def draw_opportunities(
    rng: np.random.Generator,
    people: People,
    accounts: Accounts,
    leads: Leads,
    of_lead: tuple[Array, Array],
    count_by_export: int,
) -> Opportunities:
    """Opportunities of the whole story: those that qualified leads become, and those that come without a lead.

    ``of_lead``: account and contact of each qualified lead, as ``add_qualified`` returns them.
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
    links = _Links(lead[order], account[order], contact[order], owner[order])
    codes = _opportunity_codes(rng, links, leads, accounts)
    return _opportunities(rng, created[order], links, codes, accounts.employees[links.account], people)


def _opportunity_codes(rng: np.random.Generator, links: _Links, leads: Leads, accounts: Accounts) -> dict[str, Array]:
    """The attributes: the source is the lead's where there is one, the industry is the account's."""
    count = len(links.lead)
    codes = {name: attribute.draw(rng, count) for name, attribute in OPPORTUNITY.attributes.items()}
    codes["source"] = np.where(links.lead >= 0, leads.codes["source"][links.lead], codes["source"])
    codes["industry"] = accounts.industry[links.account]
    return codes


def _opportunities(
    rng: np.random.Generator,
    created: Array,
    links: _Links,
    codes: dict[str, Array],
    employees: Array,
    people: People,
) -> Opportunities:
    count, days = len(created), created.astype("datetime64[D]")
    product = codes["product_family"] * PRODUCTS_PER_FAMILY + rng.integers(0, PRODUCTS_PER_FAMILY, count)
    price = np.array([product[2] for product in PRODUCTS])[product]
    amount = np.round(np.exp(0.4 * np.log(price) + 6.3 + rng.normal(0, 0.6, count)), 0)
    values = {"employee_count": employees, "amount": amount}
    fate = draw_fate(rng, OPPORTUNITY, created, OPPORTUNITY.logit(codes, values, days, people.effect[links.owner]))
    edited = some_day_while_open(rng, created, fate.closed, 0.20, 6, 60)
    edit_factor = np.where(edited < NEVER, rng.uniform(0.85, 1.15, count), 1.0)
    won = fate.outcome == POSITIVE
    discount = np.where(
        won, rng.uniform(2, 15, count), np.where(rng.random(count) < 0.85, 0.0, rng.uniform(15, 30, count))
    )
    return Opportunities(
        created=created,
        codes=codes,
        lead=links.lead,
        account=links.account,
        contact=links.contact,
        product=product,
        amount=amount,
        actual_amount=np.round(amount * edit_factor * rng.lognormal(0.06, 0.08, count) * (1 - discount / 100), 2),
        final_discount=np.round(discount, 1),
        expected_days=rng.integers(45, 136, count),
        owner=links.owner,
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
