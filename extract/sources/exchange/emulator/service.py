"""What each address of Graph answers, as plain functions of a request; ``app`` puts HTTP around them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from extract.sources.exchange.emulator.deltas import LARGEST_PAGE, Deltas, Round, listed, selected
from extract.sources.exchange.emulator.mailboxes import CALENDAR, FOLDERS, WELL_KNOWN, Item, Mailbox, Tenant

_PAGE: Final = 10
"""Items on a page where the client does not say how many it wants, as Graph does for mail."""
_FILTER: Final = re.compile(r"^receivedDateTime (g[et]) (\S+Z)$")
_SLICE: Final = re.compile(r"^receivedDateTime (g[et]) (\S+Z)(?: and receivedDateTime (l[et]) (\S+Z))?$")
_USER: Final = r"/users/(?P<user>[^/]+)"
_ROUTES: Final = {
    "people": r"/users",
    "members": r"/groups/(?P<group>[^/]+)/(?:transitiveMembers|members)",
    "folders_delta": rf"{_USER}/mailFolders/delta",
    "messages_delta": rf"{_USER}/mailFolders/(?P<folder>[^/]+)/messages/delta",
    "messages": rf"{_USER}/mailFolders/(?P<folder>[^/]+)/messages",
    "folder": rf"{_USER}/mailFolders/(?P<folder>[^/]+)",
    "calendar": rf"{_USER}/calendar",
    "calendar_delta": rf"{_USER}/calendarView/delta",
    "event": rf"{_USER}/events/(?P<event>[^/]+)",
}


@dataclass(frozen=True)
class Reply:
    """What goes back: a status, a JSON object, headers."""

    status: int
    body: Item
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request, also one inside a batch, as the log keeps it."""

    method: str
    path: str  # without the version, e.g. /users/ann@brightwater.example/mailFolders/delta
    query: Mapping[str, str]
    headers: Mapping[str, str]
    batched: bool = False

    @property
    def mailbox(self) -> str:
        """The user it is about; empty where it is about none."""
        found = re.match(_USER, self.path)
        return unquote(found["user"]) if found else ""

    @property
    def page_size(self) -> int:
        """``Prefer: odata.maxpagesize``."""
        found = re.search(r"odata\.maxpagesize=(\d+)", self.headers.get("prefer", ""))
        return min(int(found[1]), LARGEST_PAGE) if found else _PAGE


def asked(method: str, url: str, headers: Mapping[str, str], *, batched: bool = False) -> Asked:
    """A request from its address, absolute or relative to the version."""
    parts = urlsplit(url)
    path = parts.path.partition("/v1.0")[2] if "/v1.0" in parts.path else parts.path
    lowered = {name.lower(): value for name, value in headers.items()}
    return Asked(method, path, dict(parse_qsl(parts.query)), lowered, batched)


def error(status: int, code: str, message: str, **headers: str) -> Reply:
    """An error as Graph words it."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"error": {"code": code, "message": message, "innerError": {"request-id": "0"}}}, told)


class Service:
    """The tenant behind its addresses."""

    def __init__(self, tenant: Tenant, address: str = "") -> None:
        self.tenant, self.address, self.deltas = tenant, address, Deltas()

    def answer(self, request: Asked) -> Reply:
        """The reply to one request that is let through."""
        for name, pattern in _ROUTES.items():
            found = re.fullmatch(pattern, request.path)
            if found and request.method == "GET":
                told = {key: unquote(value) for key, value in found.groupdict().items()}
                handler = getattr(self, f"_{name}")
                if "user" not in told:
                    reply: Reply = handler(request, **told)
                    return reply
                return self._of_mailbox(handler, request, told)
        return error(400, "BadRequest", f"Resource not found for the segment '{request.path}'.")

    def _of_mailbox(self, handler: Any, request: Asked, told: dict[str, str]) -> Reply:
        mailbox = self.tenant.of(told.pop("user"))
        if mailbox is None:
            return error(404, "ErrorInvalidUser", "The requested user is invalid.")
        if mailbox.refuses == "denied":
            return error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        if mailbox.refuses == "not_enabled":
            said = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
            return error(404, "MailboxNotEnabledForRESTAPI", said)
        reply: Reply = handler(request, mailbox, **told)
        return reply

    def _url(self, request: Asked) -> str:
        return f"{self.address}/v1.0{request.path}"

    def _people(self, request: Asked) -> Reply:
        return self._list_of_people(request, sorted(self.tenant.people))

    def _members(self, request: Asked, group: str) -> Reply:
        if group not in self.tenant.groups:
            return error(404, "Request_ResourceNotFound", f"Resource '{group}' does not exist.")
        return self._list_of_people(request, self.tenant.groups[group])

    def _list_of_people(self, request: Asked, users: list[str]) -> Reply:
        items = [
            {
                "@odata.type": "#microsoft.graph.user",
                "id": user,
                "mail": self.tenant.people[user],
                "userPrincipalName": self.tenant.people[user],
                "displayName": self.tenant.people[user],
                "accountEnabled": True,
            }
            for user in users
        ]
        query = "&".join(f"{name}={value}" for name, value in request.query.items())
        size = min(int(request.query.get("$top", "100")), 999)
        page = listed(items, query, self._url(request), size)
        page["value"] = [selected(item, request.query.get("$select", "")) for item in page["value"]]
        return Reply(200, page)

    def _folders_delta(self, request: Asked, mailbox: Mailbox) -> Reply:
        return self._delta(request, mailbox, Round(FOLDERS, request.query.get("$select", "")))

    def _messages_delta(self, request: Asked, mailbox: Mailbox, folder: str) -> Reply:
        place = _folder(mailbox, folder)
        if place is None:
            return _no_folder()
        after = ""
        if "$filter" in request.query:
            found = _FILTER.match(request.query["$filter"])
            if not found:
                return error(400, "ErrorInvalidUrlQueryFilter", "The query filter contains one or more invalid nodes.")
            after = f"{found[1]} {found[2]}"
        if {"$search", "$expand"} & set(request.query):
            return error(400, "ErrorInvalidUrlQuery", "The query is not supported for change tracking.")
        return self._delta(request, mailbox, Round(place, request.query.get("$select", ""), after))

    def _calendar(self, request: Asked, mailbox: Mailbox) -> Reply:
        told = {"id": mailbox.folder_id(CALENDAR), "name": "Calendar", "isDefaultCalendar": True}
        return Reply(200, selected(told, request.query.get("$select", "")))

    def _calendar_delta(self, request: Asked, mailbox: Mailbox) -> Reply:
        if {"$select", "$filter", "$orderby", "$expand", "$search"} & set(request.query):
            said = "The following parameters are not supported with change tracking over the 'CalendarView' resource."
            return error(400, "ErrorInvalidUrlQuery", said)
        start, end = (request.query.get(name, "") for name in ("startDateTime", "endDateTime"))
        following = {"$deltatoken", "$skiptoken"} & set(request.query)
        if not following and not (start and end):
            return error(400, "ErrorInvalidParameter", "This request requires a time window specified by the query.")
        return self._delta(request, mailbox, Round(CALENDAR, start=start, end=end))

    def _delta(self, request: Asked, mailbox: Mailbox, begun: Round) -> Reply:
        url, size = self._url(request), request.page_size
        if "$skiptoken" in request.query:
            return Reply(200, self.deltas.page(request.query["$skiptoken"], url, size))
        if "$deltatoken" not in request.query:
            return Reply(200, self.deltas.begin(mailbox, begun, url, size))
        page = self.deltas.follow(mailbox, request.query["$deltatoken"], url, size)
        if page is None:
            return error(410, "SyncStateNotFound", "The sync state generation is not found; a full sync is required.")
        return Reply(200, page)

    def _messages(self, request: Asked, mailbox: Mailbox, folder: str) -> Reply:
        place = _folder(mailbox, folder)
        if place is None:
            return _no_folder()
        found = _SLICE.match(request.query.get("$filter", "receivedDateTime ge 0000Z"))
        if not found:
            return error(400, "ErrorInvalidUrlQueryFilter", "The query filter contains one or more invalid nodes.")
        items = [mailbox.items[key] for key, lies in mailbox.place.items() if lies == place]
        received = sorted((str(item.get("receivedDateTime")), number) for number, item in enumerate(items))
        wanted = [items[number] for moment, number in reversed(received) if _in_slice(moment, found)]
        told = [selected(item, request.query.get("$select", "")) for item in wanted]
        query = "&".join(f"{name}={value}" for name, value in request.query.items())
        return Reply(200, listed(told, query, self._url(request), request.page_size))

    def _folder(self, request: Asked, mailbox: Mailbox, folder: str) -> Reply:
        place = _folder(mailbox, folder)
        if place is None:
            return _no_folder()
        return Reply(200, selected(mailbox.items[place], request.query.get("$select", "")))

    def _event(self, request: Asked, mailbox: Mailbox, event: str) -> Reply:
        if mailbox.place.get(event) != CALENDAR:
            return error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        return Reply(200, selected(mailbox.items[event], request.query.get("$select", "")))


def _folder(mailbox: Mailbox, folder: str) -> str | None:
    key = mailbox.folder_id(folder) if folder in WELL_KNOWN else folder
    return key if mailbox.place.get(key) == FOLDERS else None


def _no_folder() -> Reply:
    return error(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def _in_slice(moment: str, asked_for: re.Match[str]) -> bool:
    lower, above, upper, below = asked_for.groups()
    if moment < above or (lower == "gt" and moment == above):
        return False
    return below is None or moment < below or (upper == "le" and moment == below)
