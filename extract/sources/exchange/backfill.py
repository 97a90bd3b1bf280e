"""How far back a mailbox is read: a few days of data more with every day, until all that is wanted is there."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from config.schema.sources.exchange import Settings


@dataclass(frozen=True)
class Backfill:
    """The progress of a back-fill, as the cursor keeps it."""

    begun_on: str
    stepped_on: str
    days: int

    @classmethod
    def of(cls, told: dict[str, Any] | None, settings: Settings, day: date) -> Self:
        """Where the back-fill stands on a day: a step further than before, unless that day has had its step."""
        if told is None:
            days = min(settings.backfill_days_per_day, settings.backfill_days)
            return cls(day.isoformat(), day.isoformat(), days)
        before = cls(**told)
        if before.days >= settings.backfill_days or day <= date.fromisoformat(before.stepped_on):
            return before
        days = min(before.days + settings.backfill_days_per_day, settings.backfill_days)
        return cls(before.begun_on, day.isoformat(), days)

    def told(self) -> dict[str, Any]:
        """For the cursor."""
        return asdict(self)

    @property
    def reach(self) -> str:
        """The first instant that is read: as many whole days back as were stepped, the first day among them."""
        return midnight(date.fromisoformat(self.begun_on) + timedelta(days=1 - self.days))


def midnight(day: date) -> str:
    """The instant that a day begins, UTC."""
    return f"{datetime.combine(day, time.min, UTC):%Y-%m-%dT%H:%M:%SZ}"
