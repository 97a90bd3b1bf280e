"""How many requests may be under way at once: more while all goes well, fewer before and after a service says stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

_LEFT: Final = ("x-ms-ratelimit-burst-remaining-xrm-requests", "x-ms-ratelimit-time-remaining-xrm-requests")
"""Response headers that tell what is left of an allowance."""
_SCARCE: Final = 0.1
_SPACED_SECONDS: Final = 1.0


class Limiter:
    """Additive increase, multiplicative decrease, shared by all threads that talk to one service.

    An allowance of which less than a tenth is left counts as a warning: one request at a time, a second apart, until
    there is more again.
    """

    def __init__(
        self,
        most: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._most, self._clock, self._sleep = most, clock, sleep
        self._changed = threading.Condition()
        self._allowed, self._under_way = 1.0, 0
        self._not_before, self._spaced = 0.0, 0.0
        self._largest: dict[str, float] = {}

    @property
    def allowed(self) -> int:
        """How many requests may be under way now."""
        return int(self._allowed)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a place, and hold it."""
        with self._changed:
            while self._under_way >= self.allowed:
                self._changed.wait()
            self._under_way += 1
        try:
            self._wait_for_the_service()
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def went_well(self, headers: Mapping[str, str]) -> None:
        """An answer came: allow a little more, unless its headers say that little is left."""
        scarce = [self._is_scarce(name, headers[name]) for name in _LEFT if name in headers]
        with self._changed:
            if any(scarce):
                self._allowed, self._spaced = 1.0, _SPACED_SECONDS
            else:
                self._allowed, self._spaced = min(float(self._most), self._allowed + 1 / self._allowed), 0.0
            self._changed.notify_all()

    def throttled(self, seconds: float) -> None:
        """The service said stop: nobody asks before it may be asked again, and then half as many."""
        with self._changed:
            self._allowed = max(1.0, self._allowed / 2)
            self._not_before = max(self._not_before, self._clock() + seconds)

    def _wait_for_the_service(self) -> None:
        with self._changed:
            wait = max(self._not_before - self._clock(), self._spaced)
        if wait > 0:
            self._sleep(wait)

    def _is_scarce(self, name: str, told: str) -> bool:
        try:
            left = float(told.replace(",", ""))
        except ValueError:
            return False
        with self._changed:
            self._largest[name] = max(left, self._largest.get(name, 0.0))
            return left < _SCARCE * self._largest[name]
