"""The whole story of the demo organisation, told once per size and seed; an export shows what had happened by a day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from config.errors import ConfigError
from extract.demo.accounts import Accounts, Contacts, draw_base_accounts
from extract.demo.leads import Leads, add_qualified, draw_leads
from extract.demo.opportunities import Opportunities, draw_opportunities
from extract.demo.people import People, draw_people

SEED: Final = 20260630


@dataclass(frozen=True)
class Size:
    """How big the organisation is on the day of the default export, about."""

    leads: int
    opportunities: int
    accounts: int
    teams: tuple[int, ...]
    new_teams: int
    contact_rate: float
    """Mean number of a seller's activities on a record that were never closed."""
    big: bool = False
    """Activities and their parties as Parquet."""


SIZES: Final[dict[str, Size]] = {
    "tiny": Size(900, 800, 250, (5, 3), 1, 9.0),
    "small": Size(5_000, 4_000, 1_200, (6, 6, 5, 3), 1, 27.0),
    "large": Size(300_000, 240_000, 60_000, (10,) * 40, 2, 33.0, big=True),
}


@dataclass(frozen=True)
class Story:
    """Everybody and everything, with times; ``seed`` is where the activities are drawn from."""

    size: Size
    seed: int
    people: People
    accounts: Accounts
    contacts: Contacts
    leads: Leads
    opportunities: Opportunities


def size_of(name: str) -> Size:
    """The size of that name.

    Raises:
        ConfigError: where there is none.
    """
    if name not in SIZES:
        raise ConfigError(f"the demo organisation has no size '{name}'; choose one of {', '.join(SIZES)}.")
    return SIZES[name]


@lru_cache(maxsize=1)
def tell(size_name: str, seed: int) -> Story:
    """The story of a size and a seed; the same arguments tell the same story.

    Raises:
        ConfigError: where there is no such size.
    """
    size = size_of(size_name)
    streams = [np.random.Generator(np.random.PCG64(child)) for child in np.random.SeedSequence(seed).spawn(5)]
    people = draw_people(streams[0], size.teams, size.new_teams)
    base = draw_base_accounts(streams[1], people, size.accounts)
    leads = draw_leads(streams[2], people, base, size.leads)
    accounts, contacts, *of_lead = add_qualified(streams[3], base, leads)
    opportunities = draw_opportunities(
        streams[4], people, accounts, leads, (of_lead[0], of_lead[1]), size.opportunities
    )
    return Story(size, seed, people, accounts, contacts, leads, opportunities)
