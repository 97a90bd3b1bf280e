"""What the emulated tenant holds: people, groups and their mailboxes, and what can happen in one."""

from __future__ import annotations

import base64
import copy
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

WELL_KNOWN: Final = ("inbox", "sentitems", "drafts", "deleteditems", "junkemail", "outbox", "archive")
CALENDAR: Final = "calendar"
FOLDERS: Final = "folders"
Item = dict[str, Any]


def instant(moment: datetime) -> str:
    """An instant as Graph writes it: UTC with a Z."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def digest(*parts: str) -> bytes:
    """32 bytes that stand for these texts, always the same."""
    return hashlib.sha256("\n".join(parts).encode()).digest()


@dataclass
class Mailbox:
    """One mailbox: items by id, where each of them lies, and the log of all that happened, from which deltas are told.

    ``refuses``: denied (an application access policy) or not_enabled (no licence, or on premises).
    ``epoch``: raise it and every delta link handed out before is answered with 410.
    """

    address: str
    refuses: Literal["", "denied", "not_enabled"] = ""
    epoch: int = 0
    items: dict[str, Item] = field(default_factory=dict)
    place: dict[str, str] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)
    _born: int = 0

    def __post_init__(self) -> None:
        for name in WELL_KNOWN:
            self.add_folder(name)

    def folder_id(self, name: str) -> str:
        """The id of a folder, of a well-known name or of one's own."""
        return base64.urlsafe_b64encode(digest(self.address, "folder", name)[:24]).decode()

    def add_folder(self, name: str) -> str:
        """A new folder; its id."""
        return self._put(FOLDERS, {"displayName": name}, self.folder_id(name))

    def put(self, folder: str, message: Item) -> str:
        """A message comes to lie in a folder (by name); its id."""
        return self._put(self.folder_id(folder), message)

    def book(self, event: Item) -> str:
        """An event comes into the calendar; its id."""
        return self._put(CALENDAR, event)

    def move(self, item: str, folder: str) -> str:
        """A message lies elsewhere now, under another id; internetMessageId stays."""
        message = self.items[item]
        self.delete(item)
        return self.put(folder, message)

    def change(self, item: str, **changes: Any) -> None:
        """Other values of some properties; with a series its occurrences have changed as well."""
        self.items[item] |= changes
        for key in [item, *self.find(seriesMasterId=item)]:
            self.log.append((self.place[key], key))

    def delete(self, item: str) -> None:
        """Gone for good."""
        self.log.append((self.place.pop(item), item))
        del self.items[item]

    def find(self, **wanted: Any) -> list[str]:
        """The ids of items with these values."""
        return [key for key, item in self.items.items() if all(item.get(name) == of for name, of in wanted.items())]

    def _put(self, place: str, item: Item, key: str = "") -> str:
        self._born += 1
        key = key or base64.urlsafe_b64encode(digest(self.address, str(self._born)) + b"mail").decode()
        self.items[key] = copy.deepcopy(item) | {"id": key}
        self.place[key] = place
        self.log.append((place, key))
        return key


@dataclass
class Tenant:
    """Everything that is served. Tests and the demo fill it, and change it between two fetches."""

    people: dict[str, str] = field(default_factory=dict)  # user id to address
    groups: dict[str, list[str]] = field(default_factory=dict)  # group id to user ids
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)  # address to mailbox

    def hire(self, address: str, *groups: str) -> Mailbox:
        """A person with a mailbox, member of these groups."""
        user = base64.b16encode(digest("user", address)[:8]).decode().lower()
        self.people[user] = address
        for group in groups:
            self.groups.setdefault(group, []).append(user)
        self.mailboxes[address] = Mailbox(address)
        return self.mailboxes[address]

    def of(self, who: str) -> Mailbox | None:
        """The mailbox of a user, by id or address."""
        return self.mailboxes.get(self.people.get(who, who).lower())

    def send(
        self,
        sender: str,
        to: Iterable[str],
        at: datetime,
        *,
        cc: Iterable[str] = (),
        subject: str = "Offer",
        key: str = "",
    ) -> str:
        """A message, with a copy in every mailbox of the tenant that takes part; its internetMessageId.

        What differs between copies differs here too: ids, times of creation and receipt, conversationId, read marks.
        """
        to, cc = list(to), list(cc)
        message_id = f"<{key or digest(sender, instant(at), subject, *to, *cc).hex()[:20]}@{sender.partition('@')[2]}>"
        thread = base64.b64encode(b"\x01" + digest("thread", subject)[:21] + digest(message_id)[:5]).decode()
        for number, address in enumerate(dict.fromkeys([sender, *to, *cc])):
            mailbox = self.mailboxes.get(address)
            if mailbox is None:
                continue
            received = instant(at + timedelta(seconds=2 + number))
            mailbox.put(
                "sentitems" if address == sender else "inbox",
                {
                    "createdDateTime": received,
                    "lastModifiedDateTime": received,
                    "receivedDateTime": received,
                    "sentDateTime": instant(at),
                    "hasAttachments": False,
                    "internetMessageId": message_id,
                    "subject": subject,
                    "bodyPreview": "never to be asked for",
                    "body": {"contentType": "text", "content": "never to be asked for"},
                    "importance": "normal",
                    "conversationId": base64.b64encode(digest(address, subject)).decode(),
                    "conversationIndex": thread,
                    "isRead": address == sender,
                    "isDraft": False,
                    "sender": _recipient(sender),
                    "from": _recipient(sender),
                    "toRecipients": [_recipient(one) for one in to],
                    "ccRecipients": [_recipient(one) for one in cc],
                    "bccRecipients": [],
                    "replyTo": [],
                },
            )
        return message_id

    def meet(  # noqa: PLR0913 - a meeting has that many properties
        self,
        organizer: str,
        required: Iterable[str],
        start: datetime,
        *,
        minutes: int = 60,
        subject: str = "Meeting",
        optional: Iterable[str] = (),
        occurrences: Iterable[datetime] = (),
        cancelled: bool = False,
    ) -> str:
        """A meeting in every calendar of the tenant that takes part; a series where occurrences are given; iCalUId."""
        guests = [(one, "required") for one in required] + [(one, "optional") for one in optional]
        uid = digest(organizer, instant(start), subject).hex().upper()
        for address in dict.fromkeys([organizer, *(guest for guest, _ in guests)]):
            mailbox = self.mailboxes.get(address)
            if mailbox is None:
                continue
            event = {
                "createdDateTime": instant(datetime(2026, 1, 1, tzinfo=UTC)),
                "lastModifiedDateTime": instant(datetime(2026, 1, 1, tzinfo=UTC)),
                "iCalUId": uid,
                "subject": subject,
                "isAllDay": False,
                "isCancelled": cancelled,
                "isOrganizer": address == organizer,
                "seriesMasterId": None,
                "showAs": "busy",
                "sensitivity": "normal",
                "organizer": _recipient(organizer),
                "attendees": [
                    _recipient(guest) | {"type": kind, "status": {"response": "none"}} for guest, kind in guests
                ],
                "body": {"contentType": "text", "content": "never to be kept"},
            } | _times(start, minutes)
            days = list(occurrences)
            master = mailbox.book(event | {"type": "seriesMaster" if days else "singleInstance"})
            for number, day in enumerate(days):
                own = {"iCalUId": f"{uid}{number:04d}", "type": "occurrence", "seriesMasterId": master}
                mailbox.book(event | own | _times(day, minutes) | {"originalStart": instant(day)})
        return uid


def _times(start: datetime, minutes: int) -> Item:
    end = start + timedelta(minutes=minutes)
    return {
        name: {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}
        for name, moment in (("start", start), ("end", end))
    }


def _recipient(address: str) -> Item:
    name = address.partition("@")[0].replace(".", " ").title()
    return {"emailAddress": {"name": name, "address": address}}
