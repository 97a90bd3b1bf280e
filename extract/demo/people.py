"""The sales force of the demo: a director, managers with a team each, sellers who join and leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from extract.demo.calendar import END, START
from extract.demo.mechanism import OWNER_EFFECT, Array
from extract.demo.vocabulary import FIRST_NAMES, LAST_NAMES

DIRECTOR, MANAGER, SELLER = 0, 1, 2
NEW_TEAM_FOUNDED: Final = np.datetime64("2026-02-01", "D")
"""The last team is young: its manager has too little history for a forecast."""
STAYS: Final = np.datetime64("2200-01-01", "D")
_LEAVES_EVERY: Final = 3  # of three places in a team, the seller on one leaves and is replaced

_Row = tuple[int, int, int, Any, Any]  # role, team, manager, first and last day


@dataclass(frozen=True)
class People:
    """Users by index. The first is the director, then one manager per team, then the sellers.

    ``team``, ``manager`` are indexes (-1: none); ``joined``, ``left`` days (``STAYS``: has not left); ``effect`` what a
    seller adds to the log-odds. Per team: ``founded`` (day) and ``senior``, who takes over what others leave.
    """

    role: Array
    team: Array
    manager: Array
    joined: Array
    left: Array
    effect: Array
    first_name: Array
    last_name: Array
    founded: Array
    senior: Array

    def owner_of_new(self, rng: np.random.Generator, days: Array) -> Array:
        """A seller employed on each day, each as likely. Days before the story count as its first."""
        days = np.maximum(days, START)
        changes = np.unique(np.concatenate([[START], self.joined[self.joined > START], self.left + 1]))
        chance = rng.random(days.shape)
        period = np.searchsorted(changes, days, side="right") - 1
        owner = np.zeros(days.shape, dtype=np.int32)
        for number in np.unique(period):
            day = changes[number]
            active = np.flatnonzero((self.role == SELLER) & (self.joined <= day) & (self.left >= day))
            inside = period == number
            owner[inside] = active[(chance[inside] * len(active)).astype(int)]
        return owner

    def handed_over_at(self, owner: Array) -> Array:
        """The instant after an owner's last day, when what is open passes to the team's senior seller."""
        return (self.left[owner] + 1).astype("datetime64[s]")

    def owner_at(self, owner: Array, moment: Array | np.datetime64) -> Array:
        """Who owns at an instant what ``owner`` owned at its creation."""
        return np.where(self.handed_over_at(owner) <= moment, self.senior[self.team[owner]], owner)


def draw_people(rng: np.random.Generator, teams: tuple[int, ...], new_teams: int) -> People:
    """The sales force.

    Args:
        rng: where the draws come from.
        teams: sellers per team.
        new_teams: how many of them, the last ones, are founded on ``NEW_TEAM_FOUNDED``.
    """
    rows: list[_Row] = [(DIRECTOR, -1, -1, START, STAYS)]
    founded = [START if number < len(teams) - new_teams else NEW_TEAM_FOUNDED for number in range(len(teams))]
    rows += [(MANAGER, number, 0, day, STAYS) for number, day in enumerate(founded)]
    senior = []
    for number, places in enumerate(teams):
        senior.append(len(rows))
        for place in range(places):
            rows += _place(
                rng, number, founded[number], replaced=place % _LEAVES_EVERY == 1 and founded[number] == START
            )
    role, team, manager, joined, left = (np.array(column) for column in zip(*rows, strict=True))
    names = rng.permutation(len(FIRST_NAMES) * len(LAST_NAMES))[: len(rows)]
    effect = np.where(role == SELLER, rng.normal(0, OWNER_EFFECT, len(rows)), 0.0)
    first, last = names % len(FIRST_NAMES), names // len(FIRST_NAMES)
    return People(role, team, manager, joined, left, effect, first, last, np.array(founded), np.array(senior))


def _place(rng: np.random.Generator, team: int, founded: Any, replaced: bool) -> list[_Row]:
    """The sellers who hold one place of a team, one after the other."""
    manager = team + 1
    if not replaced:
        return [(SELLER, team, manager, founded, STAYS)]
    left = START + int(rng.integers(200, (END - START).astype(int) - 250))
    joined = left + int(rng.integers(14, 50))
    return [(SELLER, team, manager, founded, left), (SELLER, team, manager, joined, STAYS)]
