"""The contact between sellers and customers: activities and notes of the records created in one month.

While a record is open, its seller's activities thin out with its age, whatever its outcome will be; the customer's
first replies are those of the mechanism, later ones follow from how many there were. After the close a little more
happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from extract.demo.calendar import END, NEVER, START, at_work, end_of
from extract.demo.fate import POSITIVE, Fate
from extract.demo.mechanism import FIRST_CLOSING_DAY, Array
from extract.demo.story import Story

EMAIL, CALL, APPOINTMENT, TASK, LINKEDIN = range(5)
OUTGOING, INCOMING, INTERNAL = range(3)
ON_LEAD, ON_OPPORTUNITY, ON_ACCOUNT = range(3)

_OUTGOING_SHARES: Final = (0.46, 0.25, 0.11, 0.13, 0.05)
_INCOMING_SHARES: Final = (0.75, 0.25)
_THINS_OUT_DAYS: Final = 40.0
_LATER_REPLIES: Final = 0.5  # mean number of later replies, per early reply, on a record that is never closed
_LATER_REPLY_DAYS: Final = 25.0
_AFTER_CLOSE: Final = (0.4, 1.6)  # mean number of activities after a lost and a won record
_NOTES: Final = 0.9  # mean number of notes on a record that is never closed
_NOTE_DAYS: Final = 20.0


@dataclass(frozen=True)
class Records:
    """The leads or the opportunities created in one month, as the activities see them."""

    entity: int
    index: Array
    created: Array
    fate: Fate
    owner: Array
    account: Array
    customer: Array
    """The lead itself, or the contact of the opportunity."""


@dataclass(frozen=True)
class Activities:
    """Activities in order of time.

    ``regarding`` is an index into leads, opportunities or accounts by ``entity``; ``customer`` an index into leads
    where ``of_lead``, else into contacts.
    """

    occurred: Array
    kind: Array
    direction: Array
    entity: Array
    regarding: Array
    owner: Array
    of_lead: Array
    customer: Array

    def take(self, chosen: Array) -> Activities:
        """Those at the positions (or with the marks) given."""
        return Activities(*(getattr(self, name)[chosen] for name in Activities.__dataclass_fields__))


@dataclass(frozen=True)
class Notes:
    """Notes in order of time."""

    written: Array
    entity: Array
    regarding: Array
    owner: Array
    text: Array


def months(story: Story, day: np.datetime64) -> Iterator[tuple[np.random.Generator, list[Records]]]:
    """The records of each month up to the day's own, in order, each month with a random stream of its own."""
    for number, month in enumerate(np.arange(START.astype("datetime64[M]"), day.astype("datetime64[M]") + 1)):
        seed = np.random.SeedSequence([story.seed, 1_000 + number])
        yield np.random.Generator(np.random.PCG64(seed)), [_leads(story, month), _opportunities(story, month)]


def _within(created: Array, month: np.datetime64) -> Array:
    bounds = np.searchsorted(created, np.array([month, month + 1]).astype("datetime64[s]"))
    return np.arange(bounds[0], bounds[1])


def _part(fate: Fate, index: Array) -> Fate:
    return Fate(fate.logit[index], fate.reply_days[index], fate.outcome[index], fate.closed[index])


def _leads(story: Story, month: np.datetime64) -> Records:
    rows, index = story.leads, _within(story.leads.created, month)
    fate = _part(rows.fate, index)
    return Records(ON_LEAD, index, rows.created[index], fate, rows.owner[index], rows.account[index], index)


def _opportunities(story: Story, month: np.datetime64) -> Records:
    rows, index = story.opportunities, _within(story.opportunities.created, month)
    fate, owner = _part(rows.fate, index), rows.owner[index]
    return Records(ON_OPPORTUNITY, index, rows.created[index], fate, owner, rows.account[index], rows.contact[index])


def draw_activities(rng: np.random.Generator, story: Story, records: list[Records]) -> Activities:
    """All activities of these records, whenever they take place."""
    parts = []
    for group in records:
        parts += [
            _of_the_seller(rng, group, story.size.contact_rate),
            _first_replies(rng, group),
            _later_replies(rng, group),
            _after_the_close(rng, group),
        ]
    merged = {name: np.concatenate([getattr(part, name) for part in parts]) for name in Activities.__dataclass_fields__}
    merged["owner"] = story.people.owner_at(merged["owner"], merged["occurred"])
    return Activities(**merged).take(np.argsort(merged["occurred"], kind="stable"))


def draw_notes(rng: np.random.Generator, story: Story, records: list[Records], texts: int) -> Notes:
    """All notes of these records, whenever they are written; ``texts`` is how many different ones there are."""
    parts = []
    for group in records:
        row, written = _while_open(rng, group, np.full(len(group.index), _NOTES), _NOTE_DAYS, from_day=1)
        entity = np.full(len(row), group.entity, dtype=np.int8)
        parts.append((written, entity, group.index[row], story.people.owner_at(group.owner[row], written)))
    written, entity, regarding, owner = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(written, kind="stable")
    text = rng.integers(0, texts, len(written))
    return Notes(written[order], entity[order], regarding[order], owner[order], text)


def _of_the_seller(rng: np.random.Generator, group: Records, rate: float) -> Activities:
    row, occurred = _while_open(rng, group, np.full(len(group.index), rate), _THINS_OUT_DAYS, from_day=0)
    kind = _kinds(rng, _OUTGOING_SHARES, len(row))
    return _activities(group, row, occurred, kind, np.where(kind == TASK, INTERNAL, OUTGOING))


def _first_replies(rng: np.random.Generator, group: Records) -> Activities:
    row, number = np.nonzero(group.fate.reply_days)
    occurred = at_work(rng, group.created[row].astype("datetime64[D]") + group.fate.reply_days[row, number])
    return _activities(group, row, occurred, _kinds(rng, _INCOMING_SHARES, len(row)), np.full(len(row), INCOMING))


def _later_replies(rng: np.random.Generator, group: Records) -> Activities:
    mean = _LATER_REPLIES * group.fate.replies
    row, occurred = _while_open(rng, group, mean, _LATER_REPLY_DAYS, from_day=FIRST_CLOSING_DAY)
    return _activities(group, row, occurred, _kinds(rng, _INCOMING_SHARES, len(row)), np.full(len(row), INCOMING))


def _after_the_close(rng: np.random.Generator, group: Records) -> Activities:
    won, closed = group.fate.outcome == POSITIVE, group.fate.closed
    count = rng.poisson(np.where(won, _AFTER_CLOSE[1], _AFTER_CLOSE[0])) * (closed < NEVER)
    row = np.repeat(np.arange(len(count)), count)
    occurred = at_work(rng, closed[row].astype("datetime64[D]") + rng.integers(1, 31, len(row)))
    kind = _kinds(rng, _OUTGOING_SHARES, len(row))
    found = _activities(group, row, occurred, kind, np.where(kind == TASK, INTERNAL, OUTGOING))
    if group.entity == ON_OPPORTUNITY:  # what follows a deal won is about the customer, no longer about the deal
        found.entity[won[row]] = ON_ACCOUNT
        found.regarding[won[row]] = group.account[row][won[row]]
    return found


def _while_open(
    rng: np.random.Generator, group: Records, mean: Array, days: float, from_day: int
) -> tuple[Array, Array]:
    """Events at ages that are exponential with this mean, those while the record is open: rows and instants."""
    row = np.repeat(np.arange(len(mean)), rng.poisson(mean))
    created = group.created[row]
    age = from_day + np.floor(rng.exponential(days, len(row))).astype(np.int64)
    same_day = created + rng.integers(5 * 60, 3 * 3600, len(row))
    occurred = np.where(age == 0, same_day, at_work(rng, created.astype("datetime64[D]") + age))
    kept = (occurred < group.fate.closed[row]) & (occurred < end_of(END))
    return row[kept], occurred[kept]


def _kinds(rng: np.random.Generator, shares: tuple[float, ...], count: int) -> Array:
    return rng.choice(len(shares), size=count, p=shares).astype(np.int8)


def _activities(group: Records, row: Array, occurred: Array, kind: Array, direction: Array) -> Activities:
    count = len(row)
    return Activities(
        occurred=occurred,
        kind=kind,
        direction=direction.astype(np.int8),
        entity=np.full(count, group.entity, dtype=np.int8),
        regarding=group.index[row],
        owner=group.owner[row],
        of_lead=np.full(count, group.entity == ON_LEAD),
        customer=group.customer[row],
    )
