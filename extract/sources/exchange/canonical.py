"""A message or an event as one activity and its parties, the same whichever mailbox its copy came from.

Copies differ in their ids, in conversationId, in the times of creation, receipt and modification, in read marks and
responses, and only the sender's knows of blind copies: none of that is taken over. What is left is the same in each.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

Item = Mapping[str, Any]
_CONVERSATION_BYTES: Final = 22
"""The head of a conversationIndex, which all messages of a conversation share; what follows tells their order."""
_ROLES: Final = {"required": "required", "optional": "optional", "resource": "other"}
_PRIVATE: Final = ("private", "confidential")


class Malformed(Exception):
    """An item is not what it should be; the text says how."""


@dataclass(frozen=True)
class Organisation:
    """Who we are: the domains of the organisation, and who is never named."""

    domains: frozenset[str]
    opted_out: frozenset[str]
    with_subject: bool

    def is_internal(self, address: str) -> bool:
        """Whether an address is one of ours."""
        return address.rpartition("@")[2] in self.domains


@dataclass(frozen=True)
class Activity:
    """An activity: its columns as texts (empty: nothing), and its parties, each an address and a role, in order."""

    columns: Mapping[str, str]
    parties: tuple[tuple[str, str], ...]

    @property
    def fingerprint(self) -> str:
        """The same as long as nothing has changed that a copy in another mailbox would tell as well."""
        told = {name: value for name, value in self.columns.items() if name != "conversation"}
        text = json.dumps([told, self.parties], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def of_message(message: Item, organisation: Organisation) -> Activity | None:
    """The activity that a message is; None for a draft.

    Raises:
        Malformed: where it lacks what makes it a message.
    """
    if message.get("isDraft") is True:
        return None
    key = _text(message, "internetMessageId").strip()
    if not key:
        raise Malformed("it has no internetMessageId")
    sender = _address(message.get("from") or message.get("sender"))
    if not sender:
        raise Malformed("it has no sender")
    told = {"to": _addresses(message, "toRecipients"), "cc": _addresses(message, "ccRecipients")}
    parties = [(sender, "sender"), *((address, role) for role, some in told.items() for address in some)]
    sent = _text(message, "sentDateTime")
    columns = {
        "activity_id": f"mail-{_digest(key)}",
        "type": "email",
        "direction": _direction(sender, [*told["to"], *told["cc"]], organisation),
        "status": "completed",
        "subject": _text(message, "subject") if organisation.with_subject else "",
        "occurred_at": sent,
        "duration_minutes": "",
        "created_at": sent,
        "conversation": _conversation(_text(message, "conversationIndex")),
    }
    return Activity(columns, _ordered(parties, organisation))


def of_event(event: Item, master: Item | None, organisation: Organisation) -> Activity | None:
    """The activity that a meeting is.

    Args:
        event: as calendarView/delta tells it; of an occurrence it tells little more than its time.
        master: the series it belongs to, if it does.
        organisation: who we are.

    Returns:
        None for what is no meeting with anybody, for what its owner marked as private, and for a series as such.

    Raises:
        Malformed: where it lacks what makes it an event.
    """
    if event.get("type") == "seriesMaster":
        return None
    whole = dict(master or {}) | {name: value for name, value in event.items() if value is not None}
    if whole.get("sensitivity") in _PRIVATE or whole.get("isDraft") is True:
        return None
    key = _text(master or event, "iCalUId").strip()
    if not key:
        raise Malformed("it has no iCalUId")
    start, end = (_moment(whole, name) for name in ("start", "end"))
    if master is not None or event.get("type") in {"occurrence", "exception"}:
        key = f"{key}|{_to_the_second(_text(whole, 'originalStart') or start)}"
    organizer = _address(whole.get("organizer"))
    if not organizer:
        raise Malformed("it has no organizer")
    guests = [guest for guest in _guests(whole) if guest[0] != organizer]
    if not guests:
        return None
    columns = {
        "activity_id": f"meeting-{_digest(key)}",
        "type": "appointment",
        "direction": _direction(organizer, [address for address, _ in guests], organisation),
        "status": "cancelled" if whole.get("isCancelled") is True else "",
        "subject": _text(whole, "subject") if organisation.with_subject else "",
        "occurred_at": end,
        "duration_minutes": _minutes(start, end),
        "created_at": start,
        "conversation": "",
    }
    return Activity(columns, _ordered([(organizer, "organizer"), *guests], organisation))


def series_of(event: Item) -> str:
    """The id of the series that an event belongs to; empty for a single one."""
    return _text(event, "seriesMasterId")


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _text(item: Item, name: str) -> str:
    """A property as text. A number where a text should be stays readable, so that it is set aside with its reason."""
    value = item.get(name)
    if value is None:
        return ""
    if isinstance(value, dict | list):
        raise Malformed(f"{name} is no text")
    return str(value)


def _address(recipient: Any) -> str:
    if recipient is None:
        return ""
    inner = recipient.get("emailAddress") if isinstance(recipient, dict) else None
    if not isinstance(inner, dict):
        raise Malformed("a sender or recipient is not told as one")
    return _text(inner, "address").strip().lower()


def _addresses(item: Item, name: str) -> list[str]:
    listed = item.get(name) or []
    if not isinstance(listed, list):
        raise Malformed(f"{name} is no list")
    return [address for one in listed if (address := _address(one))]


def _guests(event: Item) -> list[tuple[str, str]]:
    listed = event.get("attendees") or []
    if not isinstance(listed, list):
        raise Malformed("attendees is no list")
    return [(address, _ROLES.get(str(one.get("type")), "other")) for one in listed if (address := _address(one))]


def _ordered(parties: Iterable[tuple[str, str]], organisation: Organisation) -> tuple[tuple[str, str], ...]:
    """Each once, in an order of their own: recipients are listed in any order."""
    return tuple(sorted({party for party in parties if party[0] not in organisation.opted_out}))


def _direction(sender: str, others: list[str], organisation: Organisation) -> str:
    if not organisation.is_internal(sender):
        return "incoming"
    if not others:
        return ""
    return "internal" if all(organisation.is_internal(address) for address in others) else "outgoing"


def _conversation(index: str) -> str:
    try:
        return base64.b64decode(index, validate=True)[:_CONVERSATION_BYTES].hex()
    except binascii.Error:
        return ""


def _moment(event: Item, name: str) -> str:
    """A dateTimeTimeZone as one text; in UTC, because that is what is asked for."""
    told = event.get(name)
    if not isinstance(told, dict):
        raise Malformed(f"it has no {name}")
    zone = _text(told, "timeZone")
    return _text(told, "dateTime")[:19] + ("Z" if zone == "UTC" else f" {zone}")


def _to_the_second(moment: str) -> str:
    return moment[:19]


def _minutes(start: str, end: str) -> str:
    try:
        length = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    except ValueError:
        return ""
    return str(round(length.total_seconds() / 60))
