"""Reading many collections of one mailbox side by side: a round asks each for its next page, 20 to a batch."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from config.errors import SourceUnavailable
from extract.http import Expired, Http, Missing, Refused, Rejected, retry_after
from extract.limiter import Limiter

log: Final = logging.getLogger(__name__)
BATCH: Final = 20
AT_ONCE: Final = 4
"""What Outlook works on at once for one mailbox; also inside a batch, so requests are chained four abreast."""
_TRIES: Final = 20
_NO_MAILBOX: Final = frozenset(
    {"mailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi", "errorinvaliduser", "request_resourcenotfound"}
)
_PAUSE: Final = 2.0


class NoAccess(Exception):
    """The mailbox is not there for us; the text is the service's."""


@dataclass(frozen=True)
class Reply:
    """What one request of a round came to; ``code`` is empty where it went well."""

    status: int
    body: dict[str, Any]
    seconds: float | None = None

    @property
    def code(self) -> str:
        """The service's word for what is wrong."""
        error = self.body.get("error")
        return str(error.get("code", "")) if isinstance(error, dict) else ""


@dataclass
class Mailbox:
    """One mailbox as it is read: its address on Graph, and the client that asks for it alone."""

    address: str
    graph: str  # e.g. https://graph.microsoft.com/v1.0
    http: Http
    limiter: Limiter
    page_size: int

    def url(self, path: str) -> str:
        """The address of something in the mailbox."""
        return f"{self.graph}/users/{self.address}/{path}"

    @property
    def headers(self) -> dict[str, str]:
        """How pages are wanted."""
        return {"Prefer": f'odata.maxpagesize={self.page_size}, outlook.timezone="UTC"'}

    def is_ours(self, url: str) -> bool:
        """Whether an address is the service's: the access token goes nowhere else."""
        return url.startswith(f"{self.graph}/")

    def ask(self, urls: Mapping[str, str]) -> dict[str, Reply]:
        """One reply for each of at most 20 addresses, in one request.

        Raises:
            SourceUnavailable: no answer, however often it was asked.
        """
        ((name, url), *more) = urls.items()
        if not more:
            return {name: self._alone(url)}
        names = list(urls)
        wanted = [
            {"id": str(number), "method": "GET", "url": urls[name][len(self.graph) :], "headers": self.headers}
            | ({"dependsOn": [str(number - AT_ONCE)]} if number >= AT_ONCE else {})
            for number, name in enumerate(names)
        ]
        told = self.http.ask("POST", f"{self.graph}/$batch", body={"requests": wanted}).get("responses", [])
        return {names[int(one["id"])]: _in_batch(one) for one in told}

    def _alone(self, url: str) -> Reply:
        try:
            return Reply(HTTPStatus.OK, self.http.get(url, self.headers))
        except Expired as error:
            return _failed(HTTPStatus.GONE, error, "")
        except Missing as error:
            return _failed(HTTPStatus.NOT_FOUND, error, "")
        except Refused as error:
            return _failed(HTTPStatus.FORBIDDEN, error, "")
        except Rejected as error:
            return _failed(HTTPStatus.BAD_REQUEST, error, error.code)


@dataclass
class Rounds:
    """The collections of one reading, by a name of the caller's, and how each of them ended."""

    mailbox: Mailbox
    links: dict[str, str] = field(default_factory=dict)  # delta links won
    expired: set[str] = field(default_factory=set)
    vanished: set[str] = field(default_factory=set)

    def run(self, urls: Mapping[str, str]) -> Iterator[tuple[str, list[Any]]]:
        """All pages of all collections, as (collection, items).

        Raises:
            NoAccess: the mailbox refuses.
            SourceUnavailable: it does not answer, however often it is asked.
        """
        waiting = {name: url for name, url in urls.items() if self.mailbox.is_ours(url)}
        self.expired |= urls.keys() - waiting.keys()  # of an address before this one: all of it is read anew
        tries = 0
        while waiting:
            names = list(waiting)[:BATCH]
            replies = self.mailbox.ask({name: waiting[name] for name in names})
            went_on = False
            for name in names:
                reply = replies.get(name, Reply(HTTPStatus.SERVICE_UNAVAILABLE, {}))
                url = waiting.pop(name)
                if _comes_again(reply):
                    self.mailbox.limiter.throttled(reply.seconds if reply.seconds is not None else _PAUSE)
                    waiting[name] = url
                    continue
                went_on = True
                items, following = self._page(name, reply)
                if items:
                    yield name, items
                if following:
                    waiting[name] = following
            tries = 0 if went_on else tries + 1
            if tries >= _TRIES:
                raise SourceUnavailable(
                    f"{self.mailbox.address}: Microsoft Graph puts us off, also after {tries} tries. It is tried again."
                )

    def _page(self, name: str, reply: Reply) -> tuple[list[Any], str | None]:
        if reply.status == HTTPStatus.OK:
            following = reply.body.get("@odata.nextLink")
            if following is not None and not self.mailbox.is_ours(following):
                raise SourceUnavailable(f"{self.mailbox.address}: an answer leads to another service; not followed.")
            if following is None and "@odata.deltaLink" in reply.body:
                self.links[name] = reply.body["@odata.deltaLink"]
            items = reply.body.get("value", [reply.body])
            return items if isinstance(items, list) else [items], following
        said = str(reply.body.get("error", {}).get("message", reply.code))
        if reply.status == HTTPStatus.GONE or reply.code.lower() in {"syncstatenotfound", "resyncrequired"}:
            self.expired.add(name)
        elif reply.status == HTTPStatus.FORBIDDEN or _is_no_mailbox(reply, said):
            raise NoAccess(said)
        elif reply.status == HTTPStatus.NOT_FOUND:
            self.vanished.add(name)
        else:
            raise SourceUnavailable(f"{self.mailbox.address}: Microsoft Graph does not take the request: {said}")
        return [], None


def _is_no_mailbox(reply: Reply, said: str) -> bool:
    return reply.code.lower() in _NO_MAILBOX or any(code in said.lower() for code in _NO_MAILBOX)


def _comes_again(reply: Reply) -> bool:
    again = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.FAILED_DEPENDENCY, HTTPStatus.UNAUTHORIZED}
    return reply.status in again or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _in_batch(told: dict[str, Any]) -> Reply:
    body = told.get("body")
    headers = {str(name).lower(): str(value) for name, value in (told.get("headers") or {}).items()}
    seconds = retry_after(headers["retry-after"]) if "retry-after" in headers else None
    return Reply(int(told["status"]), body if isinstance(body, dict) else {}, seconds)


def _failed(status: int, error: Exception, code: str) -> Reply:
    return Reply(status, {"error": {"code": code, "message": str(error)}})
