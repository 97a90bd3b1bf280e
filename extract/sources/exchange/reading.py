"""What one reading of a mailbox tells besides its items."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Opened:
    """A folder that was read in full between two instants: what is known of it there and did not come is gone."""

    folder: str
    since: str
    until: str = "9999"


@dataclass
class Told:
    """What was read in full, which folders are gone as a whole, and where the next reading goes on."""

    opened: list[Opened] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    cursor: dict[str, Any] = field(default_factory=dict)
    rows: int = 0

    @property
    def is_nothing(self) -> bool:
        """Nothing came, nothing went, nothing was read in full."""
        return not (self.rows or self.opened or self.vanished)
