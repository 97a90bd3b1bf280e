"""Failures by plan: what real services do to their clients, in the same places whenever the plan has the same seed.

A failure follows from the seed, the path asked for and how often it has been asked for, so it does not depend on what
other paths are read at the same time. It ends: after ``in_a_row`` failures of one path, the next request gets through.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Failure = Literal[
    "throttled", "unavailable", "dropped", "slow", "expired_token", "expired_link", "repeated", "truncated", "html"
]

_HTML: Final = (
    b"<!DOCTYPE html><html><head><title>Sign in to your account</title></head><body>Please wait</body></html>"
)
_REPEATED_ITEMS: Final = 3


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Troubles:
    """How one service words its failures.

    Attributes:
        throttled: its kinds of 429, without ``Retry-After``.
        expired_token: what it says to a token that is no longer good.
        expired_link: what it says to a delta link that is too old.
        has_link: whether a query string carries a delta link's token.
        spared: whether a path is left alone, e.g. that of the tokens.
    """

    throttled: tuple[Answer, ...]
    expired_token: Answer
    expired_link: Answer
    has_link: Callable[[str], bool]
    spared: Callable[[str], bool]


@dataclass(frozen=True)
class Rates:
    """The share of requests that meet each failure, 0 to 1. ``expired_link`` counts requests with a delta link only."""

    throttled: float = 0.0
    unavailable: float = 0.0
    dropped: float = 0.0
    slow: float = 0.0
    expired_token: float = 0.0
    expired_link: float = 0.0
    repeated: float = 0.0
    truncated: float = 0.0
    html: float = 0.0


EVERYTHING: Final = Rates(0.05, 0.03, 0.03, 0.03, 0.02, 0.05, 0.05, 0.03, 0.02)
"""Every kind of failure, about a third of all requests."""


@dataclass(frozen=True)
class Plan:
    """Which request meets which failure.

    Attributes:
        seed: another seed, other places.
        rates: how often each failure happens.
        in_a_row: how many requests of one path may fail one after the other.
        retry_after_s: what a 429 and a 503 tell the client to wait.
        slow_s: how long a slow page takes.
        only: a part of the paths that fail; empty: all of them.
    """

    seed: int
    rates: Rates = EVERYTHING
    in_a_row: int = 2
    retry_after_s: int = 1
    slow_s: float = 0.3
    only: str = ""

    def failure(self, path: str, number: int, *, linked: bool = False) -> Failure | None:
        """What happens to the request to a path that is the ``number``-th one, if anything."""
        if self.only not in path:
            return None
        chance = self.chance(path, number, "what")
        for name in Rates.__dataclass_fields__:
            if name == "expired_link" and not linked:
                continue
            chance -= getattr(self.rates, name)
            if chance < 0:
                return name  # type: ignore[return-value]
        return None

    def chance(self, path: str, number: int, purpose: str) -> float:
        """A number from 0 to 1 that seems random and is always the same."""
        told = hashlib.blake2b(f"{self.seed}|{purpose}|{path}|{number}".encode(), digest_size=8).digest()
        return int.from_bytes(told, "big") / 2**64


@dataclass
class _Path:
    asked: int = 0
    failed: int = 0


class Failing:
    """ASGI middleware: an app whose requests fail by plan. ``happened`` lists each failure with its path."""

    def __init__(self, app: App, plan: Plan, troubles: Troubles) -> None:
        self.happened: list[tuple[str, Failure]] = []
        self._app = app
        self._plan = plan
        self._troubles = troubles
        self._paths: dict[str, _Path] = defaultdict(_Path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or self._troubles.spared(scope["path"]):
            await self._app(scope, receive, send)
            return
        failure, number = self._next(scope)
        if failure is None:
            await self._app(scope, receive, send)
        elif failure == "slow":
            await asyncio.sleep(self._plan.slow_s)
            await self._app(scope, receive, send)
        elif failure in {"dropped", "truncated", "repeated"}:
            await self._spoiled(failure, scope, receive, send)
        else:
            await _send(send, self._instead(failure, scope["path"], number))

    def _next(self, scope: Scope) -> tuple[Failure | None, int]:
        path = self._paths[scope["path"]]
        path.asked += 1
        linked = self._troubles.has_link(scope.get("query_string", b"").decode())
        failure = self._plan.failure(scope["path"], path.asked, linked=linked)
        if failure is None or path.failed >= self._plan.in_a_row:
            path.failed = 0
            return None, path.asked
        path.failed += failure not in {"slow", "repeated"}
        self.happened.append((scope["path"], failure))
        return failure, path.asked

    def _instead(self, failure: Failure, path: str, number: int) -> Answer:
        wait = {"Retry-After": str(self._plan.retry_after_s)}
        if failure == "throttled":
            kinds = self._troubles.throttled
            kind = kinds[int(self._plan.chance(path, number, "kind") * len(kinds))]
            return Answer(kind.status, {**kind.headers, **wait}, kind.body)
        if failure == "unavailable":
            return Answer(503, wait, b"The service is unavailable.")
        if failure == "html":
            return Answer(200, {"Content-Type": "text/html; charset=utf-8"}, _HTML)
        return self._troubles.expired_token if failure == "expired_token" else self._troubles.expired_link

    async def _spoiled(self, failure: Failure, scope: Scope, receive: Receive, send: Send) -> None:
        """The true answer, not as it was meant. It is asked for uncompressed, to be changed."""
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        status, told, body = await _caught(self._app, {**scope, "headers": headers}, receive)
        if status == 200 and failure == "truncated":
            body = body[: len(body) * 2 // 3]
        elif status == 200 and failure == "repeated":
            body = _with_repeats(body)
        size = [(b"content-length", str(len(body)).encode())]
        kept = [(name, value) for name, value in told if name.lower() != b"content-length"]
        await send({"type": "http.response.start", "status": status, "headers": [*kept, *size]})
        half = failure == "dropped"
        part = body[: len(body) // 2] if half else body
        await send({"type": "http.response.body", "body": part, "more_body": half})  # left open, the server hangs up


async def _caught(app: App, scope: Scope, receive: Receive) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """An app's whole answer."""
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    body = b"".join(message.get("body", b"") for message in messages[1:])
    return messages[0]["status"], list(messages[0]["headers"]), body


def _with_repeats(body: bytes) -> bytes:
    """A page with some of its items once more at its end; anything else as it is."""
    try:
        page = json.loads(body)
    except ValueError:
        return body
    if not isinstance(page, dict) or not isinstance(page.get("value"), list):
        return body
    page["value"] += [item for item in page["value"][:_REPEATED_ITEMS] if "reason" not in item]
    return json.dumps(page).encode()


async def _send(send: Send, answer: Answer) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
