"""The messages of one mailbox: its folders, what is new in each of them, and what has to be read anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from config.schema.sources.exchange import Settings
from extract.sources.exchange.backfill import Backfill, midnight
from extract.sources.exchange.canonical import Malformed, Organisation, of_message
from extract.sources.exchange.reading import Opened, Told
from extract.sources.exchange.readings import Place, Readings
from extract.sources.exchange.rounds import Mailbox, Rounds

_FILTERED_AT_MOST: Final = 5_000
"""A filtered delta ends after so many items, whether or not there are more."""
_FOLDERS: Final = "folders"
_PROPERTIES: Final = (
    "internetMessageId",
    "conversationIndex",
    "sentDateTime",
    "receivedDateTime",
    "lastModifiedDateTime",
    "isDraft",
    "from",
    "sender",
    "toRecipients",
    "ccRecipients",
)
FOLLOWED, OPENED = 1, 2
"""Rounds: what a link told, and what was then read in full, which counts for more."""


@dataclass
class _Messages:
    """One reading of one mailbox."""

    mailbox: Mailbox
    settings: Settings
    organisation: Organisation
    day: date
    readings: Readings
    told: Told = field(default_factory=Told)
    links: dict[str, str] = field(default_factory=dict)
    since: dict[str, str] = field(default_factory=dict)

    def read(self, cursor: Mapping[str, Any], reach: str) -> dict[str, Any]:
        """Read what is new; the part of the cursor that tells where to go on."""
        folders, folders_link = self._folders(cursor)
        known: Mapping[str, Any] = cursor.get("folders", {})
        follow = {name: known[name]["link"] for name in folders if name in known and known[name]["since"] <= reach}
        self.since = {name: known[name]["since"] for name in follow}
        expired = self._run(follow, FOLLOWED)
        horizon = midnight(self.day + timedelta(days=1 - self.settings.backfill_days))
        anew = {name: reach for name in folders if name not in follow}
        anew |= dict.fromkeys(expired, max(reach, horizon))
        self._open(anew)
        self.told.vanished += [name for name in known if name not in self.links]
        found = {name: {"link": link, "since": self.since[name]} for name, link in self.links.items()}
        return {"folders_link": folders_link, "folders": found}

    def _folders(self, cursor: Mapping[str, Any]) -> tuple[list[str], str]:
        """The ids of all folders to be read, in order, and the link to follow them by."""
        known = set(cursor.get("folders", {}))
        link = cursor.get("folders_link")
        begin = self.mailbox.url("mailFolders/delta?$select=displayName")
        rounds = Rounds(self.mailbox)
        for _, items in rounds.run({_FOLDERS: link or begin}):
            known = _changed(known, items)
        if rounds.expired:
            known, rounds = set(), Rounds(self.mailbox)
            for _, items in rounds.run({_FOLDERS: begin}):
                known = _changed(known, items)
        return sorted(known - self._left_out()), rounds.links[_FOLDERS]

    def _left_out(self) -> set[str]:
        names = self.settings.left_out_folders
        if not names:
            return set()
        rounds = Rounds(self.mailbox)
        asked: dict[str, str] = {name: self.mailbox.url(f"mailFolders/{name}?$select=id") for name in names}
        return {str(item["id"]) for _, items in rounds.run(asked) for item in items}

    def _open(self, since: Mapping[str, str]) -> None:
        """Read folders in full from an instant on; what a filtered delta does not tell is listed."""
        urls = {name: self._url(name, f"delta?{self._query(moment)}") for name, moment in since.items()}
        self.since |= since
        counted: Counter[str] = Counter()
        self._run(urls, OPENED, counted)
        cut = {name: since[name] for name, count in counted.items() if count >= _FILTERED_AT_MOST}
        lists = {name: self._url(name, f"?{self._query(moment)}").replace("/?", "?") for name, moment in cut.items()}
        rounds = Rounds(self.mailbox)
        for name, items in rounds.run(lists):
            self._take(name, items, OPENED)
        self.told.opened += [Opened(name, moment) for name, moment in since.items() if name in self.links]

    def _run(self, urls: Mapping[str, str], number: int, counted: Counter[str] | None = None) -> set[str]:
        rounds = Rounds(self.mailbox)
        for name, items in rounds.run(urls):
            self._take(name, items, number)
            if counted is not None:
                counted[name] += len(items)
        self.links |= rounds.links
        return rounds.expired

    def _url(self, folder: str, rest: str) -> str:
        return self.mailbox.url(f"mailFolders/{quote(folder, safe='')}/messages/{rest}")

    def _query(self, since: str) -> str:
        properties = (*_PROPERTIES, *(("subject",) if self.settings.subject else ()))
        told = {"$select": ",".join(properties), "$filter": f"receivedDateTime ge {since}"}
        return urlencode(told, safe="$,:", quote_via=quote)

    def _take(self, folder: str, items: list[Any], number: int) -> None:
        place = Place(folder, number)
        for item in items:
            if not isinstance(item, dict) or not item.get("id"):
                self.readings.malformed(place, item, "it is no message")
            elif "@removed" in item:
                self.readings.gone(place, str(item["id"]))
            else:
                self._one(place, item)

    def _one(self, place: Place, item: dict[str, Any]) -> None:
        try:
            activity = of_message(item, self.organisation)
        except Malformed as error:
            self.readings.malformed(place, item, str(error))
            return
        if activity is None:
            self.readings.gone(place, str(item["id"]))
        else:
            self.readings.found(place, item, activity, str(item.get("receivedDateTime") or ""))


def read_messages(
    mailbox: Mailbox,
    settings: Settings,
    organisation: Organisation,
    day: date,
    cursor: Mapping[str, Any] | None,
    readings: Readings,
) -> Told:
    """Read what is new in a mailbox's folders.

    Args:
        mailbox: whose.
        settings: how far back, and which folders not.
        organisation: who we are.
        day: the as-of day.
        cursor: what the last reading left; None for the first.
        readings: where the messages are written.

    Returns:
        What was read in full or is gone as a whole, and the next cursor.

    Raises:
        NoAccess: the mailbox refuses.
        SourceUnavailable: it does not answer.
    """
    backfill = Backfill.of(cursor["backfill"] if cursor else None, settings, day)
    one = _Messages(mailbox, settings, organisation, day, readings)
    found = one.read(cursor or {}, backfill.reach)
    one.told.cursor = found | {"backfill": backfill.told()}
    return one.told


def _changed(known: set[str], items: list[Any]) -> set[str]:
    removed = {str(item["id"]) for item in items if "@removed" in item}
    return (known | {str(item["id"]) for item in items}) - removed
