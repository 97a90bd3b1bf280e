"""The organisation's own time, so that a test can let a week pass."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that starts where it is told, runs with real time, and can be put forward."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = (start or datetime.now(UTC)).replace(tzinfo=None, microsecond=0)
        self._begun = time.monotonic()
        self._put_forward = timedelta()

    def now(self) -> datetime:
        """The instant, UTC, without a zone."""
        return self._start + self._put_forward + timedelta(seconds=time.monotonic() - self._begun)

    def seconds(self) -> float:
        """Seconds since the clock was started."""
        return (self.now() - self._start).total_seconds()

    def put_forward(self, by: timedelta) -> None:
        """Let time pass."""
        self._put_forward += by
