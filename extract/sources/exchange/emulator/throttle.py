"""Outlook's limits, per app and mailbox: 10,000 requests in 10 minutes, 4 at a time."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Throttle:
    """Counts what each mailbox is asked; ``most_at_once`` is the highest number of requests under way that it saw."""

    requests: int = 10_000
    seconds: float = 600.0
    at_once: int = 4
    most_at_once: int = 0
    _asked: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _under_way: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def refused(self, mailbox: str) -> int:
        """Seconds to wait, 0 where the request may go on; a request that may is counted."""
        asked, now = self._asked[mailbox], time.monotonic()
        while asked and asked[0] <= now - self.seconds:
            asked.popleft()
        if len(asked) >= self.requests:
            return max(1, round(asked[0] + self.seconds - now))
        if self._under_way[mailbox] > self.at_once:
            return 1
        asked.append(now)
        return 0

    @contextmanager
    def under_way(self, mailbox: str) -> Iterator[None]:
        """A request of a mailbox is being worked on."""
        self._under_way[mailbox] += 1
        self.most_at_once = max(self.most_at_once, self._under_way[mailbox])
        try:
            yield
        finally:
            self._under_way[mailbox] -= 1
