"""The big tables of the export, month by month of the records they are about: activities, their parties, notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extract.demo import columns as c
from extract.demo import contact, dirt
from extract.demo.calendar import end_of
from extract.demo.contact import APPOINTMENT, CALL, EMAIL, INCOMING, LINKEDIN, OUTGOING, TASK, Activities, Notes
from extract.demo.mechanism import Array
from extract.demo.story import Story
from extract.demo.tables import user_address
from extract.demo.vocabulary import NOTES, SUBJECTS

_KINDS: Final = ("email", "phonecall", "appointment", "task", "li_message", "li_inmail")
_DIRECTIONS: Final = ("Outgoing", "Incoming", "Internal")
_ENTITIES: Final = ("lead", "opportunity", "account")
_KEYS: Final = (c.LEAD, c.OPPORTUNITY, c.ACCOUNT)
_ROLES: Final = ("Sender", "To Recipient", "CC Recipient", "Organizer", "Required Attendee", "Optional Attendee")
_SENDER, _TO, _CC, _ORGANIZER, _REQUIRED, _OPTIONAL = range(len(_ROLES))
_MINUTES: Final = np.array([30, 45, 60, 90])
_DAY_SECONDS: Final = 86_400
_VIEWED_EVERY, _VIEWED_AFTER_DAYS = 10, 3  # of ten deals, the presentation of one is looked at
_INMAIL_EVERY: Final = 3  # of three LinkedIn messages, one is an InMail


@dataclass(frozen=True)
class Month:
    """What the export shows of the records created in one month."""

    activities: pa.Table
    parties: pa.Table
    notes: pa.Table


@dataclass(frozen=True)
class _Side:
    """One participant of each chosen activity: by index, under a key prefix and an entity name, in a role."""

    chosen: Array
    prefix: str
    entity: str
    index: Array
    role: Array
    addresses: pa.Array


@dataclass(frozen=True)
class _Addresses:
    users: pa.Array
    leads: pa.Array
    contacts: pa.Array


def months(story: Story, day: np.datetime64) -> Iterator[Month]:
    """Month by month, so that memory does not grow with the size of the organisation."""
    addresses = _addresses(story)
    activities_before = notes_before = 0
    for rng, records in contact.months(story, day):
        activities = contact.draw_activities(rng, story, records)
        notes = contact.draw_notes(rng, story, records, len(NOTES))
        numbers = activities_before + np.arange(len(activities.occurred))
        seen = np.flatnonzero(activities.occurred < end_of(day))
        month = Month(
            _activity_table(activities.take(seen), numbers[seen], day),
            _party_table(story, activities.take(seen), numbers[seen], addresses),
            _note_table(notes, notes_before, day),
        )
        yield month
        activities_before += len(numbers)
        notes_before += len(notes.written)
    views = _view_table(story, day).select(month.activities.column_names)
    yield Month(views, month.parties.slice(0, 0), month.notes.slice(0, 0))


def _addresses(story: Story) -> _Addresses:
    leads, contacts = story.leads, story.contacts
    return _Addresses(
        user_address(story),
        c.address(leads.person, leads.company),
        c.address(contacts.person, story.accounts.company[contacts.account]),
    )


def _regarding(entity: Array, index: Array) -> pa.Array:
    """Keys of leads, opportunities and accounts, by the entity of each row."""
    keys = [c.keys(prefix, np.where(entity == code, index, -1)) for code, prefix in enumerate(_KEYS)]
    return pc.coalesce(*keys)


def _activity_table(rows: Activities, numbers: Array, day: np.datetime64) -> pa.Table:
    edited = rows.occurred + ((numbers % 9 + 1) * _DAY_SECONDS).astype("timedelta64[s]")
    late = dirt.chosen(numbers, 0.02, 5) & (edited < end_of(day))
    minutes = np.where(rows.kind == CALL, 2.0 + numbers % 28, np.nan)
    minutes = np.where(rows.kind == APPOINTMENT, _MINUTES[numbers % len(_MINUTES)], minutes)
    cancelled = (rows.kind == APPOINTMENT) & dirt.chosen(numbers, 0.05, 6)
    kind = np.where((rows.kind == LINKEDIN) & (numbers % _INMAIL_EVERY == 0), LINKEDIN + 1, rows.kind)
    table = pa.table(
        {
            "activityid": c.keys(c.ACTIVITY, numbers),
            "activitytypecode": dirt.broken(c.labels(_KINDS, kind), numbers, "fax", 2),
            "directioncode": c.labels(_DIRECTIONS, rows.direction),
            "statecode": c.either(cancelled, "Canceled", "Completed"),
            "subject": c.labels(SUBJECTS, numbers * 31 % len(SUBJECTS)),
            "ownerid": c.keys(c.USER, rows.owner),
            "regardingobjecttypecode": c.labels(_ENTITIES, rows.entity),
            "regardingobjectid": _regarding(rows.entity, rows.regarding),
            "actualend": c.moments(rows.occurred, day),
            "actualdurationminutes": c.whole_numbers(minutes),
            "createdon": c.moments(rows.occurred, day),
            "modifiedon": c.moments(np.where(late, edited, rows.occurred), day),
        }
    )
    return dirt.with_duplicates(table, numbers)


def _view_table(story: Story, day: np.datetime64) -> pa.Table:
    """Customers who looked at a presentation some days after a deal began; LinkedIn tells it of the account alone."""
    rows = story.opportunities
    moments = rows.created + np.timedelta64(_VIEWED_AFTER_DAYS, "D")
    seen = np.flatnonzero((np.arange(len(moments)) % _VIEWED_EVERY == 0) & (moments < end_of(day)))
    viewed = c.moments(moments[seen], day)
    shared = {
        "activitytypecode": "li_pointdrivepresentationviewed",
        "directioncode": "Incoming",
        "statecode": "Completed",
        "subject": "Presentation viewed",
        "regardingobjecttypecode": "account",
    }
    table = {name: pa.array([text] * len(seen), pa.string()) for name, text in shared.items()}
    return pa.table(
        table
        | {
            "activityid": c.keys(c.VIEW, seen),
            "ownerid": c.keys(c.USER, story.people.owner_at(rows.owner[seen], moments[seen])),
            "regardingobjectid": c.keys(c.ACCOUNT, rows.account[seen]),
            "actualend": viewed,
            "actualdurationminutes": pa.nulls(len(seen), pa.int64()),
            "createdon": viewed,
            "modifiedon": viewed,
        }
    )


def _party_table(story: Story, rows: Activities, numbers: Array, addresses: _Addresses) -> pa.Table:
    """Who took part: the seller, the customer and now and then the seller's manager. Tasks have no parties."""
    meeting, incoming = rows.kind == APPOINTMENT, rows.direction == INCOMING
    ours = np.where(meeting, _ORGANIZER, np.where(incoming, _TO, _SENDER))
    theirs = np.where(meeting, _REQUIRED, np.where(incoming, _SENDER, _TO))
    boss = np.where(meeting, _OPTIONAL, _CC)
    with_boss = dirt.chosen(numbers, 0.1, 4) & (meeting | (rows.kind == EMAIL)) & (rows.direction == OUTGOING)
    talked = rows.kind != TASK
    sides = [
        _Side(talked, c.USER, "systemuser", rows.owner, ours, addresses.users),
        _Side(talked & rows.of_lead, c.LEAD, "lead", rows.customer, theirs, addresses.leads),
        _Side(talked & ~rows.of_lead, c.CONTACT, "contact", rows.customer, theirs, addresses.contacts),
        _Side(with_boss, c.USER, "systemuser", story.people.manager[rows.owner], boss, addresses.users),
    ]
    order = np.argsort(np.concatenate([np.flatnonzero(side.chosen) for side in sides]), kind="stable")
    return pa.concat_tables([_parties(numbers, side) for side in sides]).take(pa.array(order))


def _parties(numbers: Array, side: _Side) -> pa.Table:
    who = side.index[side.chosen]
    return pa.table(
        {
            "activityid": c.keys(c.ACTIVITY, numbers[side.chosen]),
            "partyid": c.keys(side.prefix, who),
            "partyobjecttypecode": c.labels([side.entity], np.zeros(len(who))),
            "participationtypemask": c.labels(_ROLES, side.role[side.chosen]),
            "addressused": side.addresses.take(pa.array(who)),
        }
    )


def _note_table(notes: Notes, before: int, day: np.datetime64) -> pa.Table:
    seen = np.flatnonzero(notes.written < end_of(day))
    written = notes.written[seen]
    return pa.table(
        {
            "annotationid": c.keys(c.NOTE, before + seen),
            "objecttypecode": c.labels(_ENTITIES, notes.entity[seen]),
            "objectid": _regarding(notes.entity[seen], notes.regarding[seen]),
            "ownerid": c.keys(c.USER, notes.owner[seen]),
            "notetext": c.labels(NOTES, notes.text[seen]),
            "createdon": c.moments(written, day),
            "modifiedon": c.moments(written, day),
        }
    )
