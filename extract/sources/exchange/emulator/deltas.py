"""Pages, next links and delta links: a snapshot is cut into pages once, so a page asked for twice is the same."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from extract.sources.exchange.emulator.mailboxes import Item, Mailbox

FILTERED_AT_MOST: Final = 5_000
LARGEST_PAGE: Final = 1_000
_OCCURRENCE: Final = ("id", "type", "seriesMasterId", "start", "end")
"""All that calendarView/delta tells of an occurrence; the rest is its master's."""


@dataclass(frozen=True)
class Round:
    """What a delta was begun with; it is in every link, because a client may only follow links."""

    place: str
    select: str = ""
    after: str = ""  # receivedDateTime, "ge …" or "gt …"
    start: str = ""
    end: str = ""


@dataclass
class Deltas:
    """All rounds of one tenant.

    ``repeats`` says of a round, by its number, whether it tells some items twice (documented: replays are possible).
    """

    repeats: Callable[[int], bool] = lambda _: False
    _snapshots: list[tuple[list[Item], str]] = field(default_factory=list)

    def begin(self, mailbox: Mailbox, asked: Round, address: str, size: int) -> Item:
        """The first page of everything."""
        keys = [key for key, place in mailbox.place.items() if place == asked.place]
        items = [item for key in keys if (item := _told(mailbox, key, asked))]
        items.sort(key=lambda item: str(item.get("receivedDateTime", "")), reverse=True)
        if asked.after:
            items = items[:FILTERED_AT_MOST]
        return self._snapshot(mailbox, asked, items, address, size)

    def follow(self, mailbox: Mailbox, token: str, address: str, size: int) -> Item | None:
        """The first page of what happened since a delta link was handed out; None: the link has expired."""
        told = _decoded(token)
        if told["epoch"] != mailbox.epoch:
            return None
        asked = Round(**told["round"])
        keys = dict.fromkeys(key for place, key in mailbox.log[told["seen"] :] if place == asked.place)
        items = []
        for key in keys:
            here = mailbox.place.get(key) == asked.place
            item = _told(mailbox, key, asked) if here else {"@removed": {"reason": "deleted"}, "id": key}
            items += [item] if item else []
        return self._snapshot(mailbox, asked, items, address, size)

    def page(self, token: str, address: str, size: int) -> Item:
        """A further page of a snapshot."""
        told = _decoded(token)
        items, delta_link = self._snapshots[told["snapshot"]]
        end = told["offset"] + size
        page = {"value": items[told["offset"] : end]}
        if end >= len(items):
            return page | {"@odata.deltaLink": delta_link}
        return page | {"@odata.nextLink": _link(address, "$skiptoken", {"snapshot": told["snapshot"], "offset": end})}

    def _snapshot(self, mailbox: Mailbox, asked: Round, items: list[Item], address: str, size: int) -> Item:
        number = len(self._snapshots)
        if items and self.repeats(number):
            items = [*items, *items[: max(1, len(items) // 3)]]
        seen = {"round": vars(asked), "seen": len(mailbox.log), "epoch": mailbox.epoch}
        self._snapshots.append((items, _link(address, "$deltatoken", seen)))
        return self.page(_encoded({"snapshot": number, "offset": 0}), address, size)


def listed(items: Sequence[Item], query: str, address: str, size: int) -> Item:
    """One page of a plain list, with a next link that repeats what was asked."""
    asked = dict(parse_qsl(query))
    offset = int(asked.pop("$skiptoken", "0"))
    page: Item = {"value": list(items[offset : offset + size])}
    if offset + size < len(items):
        page["@odata.nextLink"] = f"{address}?{urlencode(asked | {'$skiptoken': str(offset + size)}, safe='$,')}"
    return page


def selected(item: Item, select: str) -> Item:
    """The properties asked for, the id always; without $select all but those that are told only when asked for."""
    if not select:
        return dict(item)
    names = {"id", *(name.strip() for name in select.split(","))}
    return {name: value for name, value in item.items() if name in names or name.startswith("@")}


def _told(mailbox: Mailbox, key: str, asked: Round) -> Item | None:
    item = mailbox.items[key]
    if asked.after:
        operator, _, moment = asked.after.partition(" ")
        received = str(item.get("receivedDateTime"))
        if received < moment or (operator == "gt" and received == moment):
            return None
    if not asked.start:
        return selected(item, asked.select) | ({"parentFolderId": asked.place} if not asked.select else {})
    if item.get("type") == "seriesMaster":
        lying = [one for one in mailbox.items.values() if one.get("seriesMasterId") == key and _within(one, asked)]
        return dict(item) if lying else None
    if not _within(item, asked):
        return None
    return {name: item[name] for name in _OCCURRENCE} if item.get("type") == "occurrence" else dict(item)


def _within(event: Item, asked: Round) -> bool:
    start, end = (str(event[name]["dateTime"])[:19] for name in ("start", "end"))
    return start < asked.end[:19] and end > asked.start[:19]


def _link(address: str, name: str, told: dict[str, Any]) -> str:
    return f"{address}?{name}={_encoded(told)}"


def _encoded(told: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def _decoded(token: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    return told
