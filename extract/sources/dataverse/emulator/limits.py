"""Service protection: per user and sliding window a number of requests, their time, and how many at once."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from extract.sources.dataverse.emulator.clock import Clock
from extract.sources.dataverse.emulator.errors import ServiceError

TOO_MANY: Final = "0x80072322"
TOO_LONG: Final = "0x80072321"
TOO_WIDE: Final = "0x80072326"


@dataclass(frozen=True)
class Limits:
    """What one user may ask of one web server. Source: Microsoft, *Service protection API limits*."""

    requests: int = 6_000
    execution_s: float = 1_200.0
    concurrent: int = 52
    window_s: float = 300.0


@dataclass
class _Usage:
    requests: deque[float] = field(default_factory=deque)
    times: deque[tuple[float, float]] = field(default_factory=deque)
    now: int = 0


class Protection:
    """Counts and refuses."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self.limits = limits
        self._clock = clock
        self._users: dict[str, _Usage] = {}

    @contextmanager
    def request(self, user: str) -> Iterator[dict[str, str]]:
        """Count one request while it runs; gives the headers that tell what is left.

        Raises:
            ServiceError: 429 where a limit is reached.
        """
        usage = self._users.setdefault(user, _Usage())
        begun = self._clock.seconds()
        self._forget(usage, begun)
        self._refuse(usage, begun)
        usage.requests.append(begun)
        usage.now += 1
        try:
            yield self._left(usage)
        finally:
            usage.now -= 1
            usage.times.append((begun, self._clock.seconds() - begun))

    def _forget(self, usage: _Usage, now: float) -> None:
        while usage.requests and usage.requests[0] <= now - self.limits.window_s:
            usage.requests.popleft()
        while usage.times and usage.times[0][0] <= now - self.limits.window_s:
            usage.times.popleft()

    def _refuse(self, usage: _Usage, now: float) -> None:
        limits, window = self.limits, self.limits.window_s
        spent = sum(seconds for _, seconds in usage.times)
        if usage.now >= limits.concurrent:
            raise too_wide(limits.concurrent, self._left(usage))
        if len(usage.requests) >= limits.requests:
            raise too_many(limits.requests, window, usage.requests[0] + window - now, self._left(usage))
        if spent >= limits.execution_s:
            raise too_long(limits.execution_s, window, usage.times[0][0] + window - now, self._left(usage))

    def _left(self, usage: _Usage) -> dict[str, str]:
        spent = sum(seconds for _, seconds in usage.times)
        return {
            "x-ms-ratelimit-burst-remaining-xrm-requests": str(max(self.limits.requests - len(usage.requests), 0)),
            "x-ms-ratelimit-time-remaining-xrm-requests": f"{max(self.limits.execution_s - spent, 0):.2f}",
        }


def too_many(limit: int, window_s: float, wait_s: float, headers: dict[str, str]) -> ServiceError:
    """Too many requests in the window."""
    message = f"Number of requests exceeded the limit of {limit} over time window of {window_s:.0f} seconds."
    return _refusal(TOO_MANY, message, wait_s, headers)


def too_long(limit_s: float, window_s: float, wait_s: float, headers: dict[str, str]) -> ServiceError:
    """Too much time of the server in the window."""
    message = (
        f"Combined execution time of incoming requests exceeded limit of {limit_s * 1000:.0f} milliseconds over time "
        f"window of {window_s:.0f} seconds. Decrease number of concurrent requests or reduce the duration of requests "
        "and try again later."
    )
    return _refusal(TOO_LONG, message, wait_s, headers)


def too_wide(limit: int, headers: dict[str, str]) -> ServiceError:
    """Too many requests at once."""
    return _refusal(TOO_WIDE, f"Number of concurrent requests exceeded the limit of {limit}.", 1, headers)


def _refusal(code: str, message: str, wait_s: float, headers: dict[str, str]) -> ServiceError:
    return ServiceError(429, code, message, {**headers, "Retry-After": str(max(math.ceil(wait_s), 1))})
