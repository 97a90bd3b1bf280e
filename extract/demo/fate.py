"""What happens to a record: its replies, its outcome, the day it closes, and the edits made to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from extract.demo.calendar import NEVER, at_work
from extract.demo.mechanism import REPLY_DAYS, REPLY_SHARES, Array, Mechanism

POSITIVE, NEGATIVE, STALE = 1, 0, -1
_MOST_REPLIES: Final = len(REPLY_SHARES) - 1


@dataclass(frozen=True)
class Fate:
    """What becomes of each record.

    ``logit``: log-odds before replies; ``reply_days``: days after creation of up to three replies (0: none);
    ``outcome``: what it comes to in the end; ``closed``: the instant of closing (``NEVER`` for stale ones).
    """

    logit: Array
    reply_days: Array
    outcome: Array
    closed: Array

    @property
    def replies(self) -> Array:
        """Number of replies of each record, 0 to 3."""
        count: Array = (self.reply_days > 0).sum(axis=1)
        return count


def draw_fate(rng: np.random.Generator, mechanism: Mechanism, created: Array, logit: Array) -> Fate:
    """Play the mechanism for records created at these instants, with these log-odds before replies."""
    count = len(created)
    replies = rng.choice(len(REPLY_SHARES), size=count, p=REPLY_SHARES)
    reply_days = rng.integers(1, REPLY_DAYS + 1, (count, _MOST_REPLIES)).astype(np.int8)
    reply_days[np.arange(_MOST_REPLIES) >= replies[:, None]] = 0
    positive = rng.random(count) < mechanism.probability(logit, replies)
    stale = ~positive & (rng.random(count) < mechanism.stale_share)
    outcome = np.where(positive, POSITIVE, np.where(stale, STALE, NEGATIVE)).astype(np.int8)
    days = np.where(positive, mechanism.positive.draw(rng, count), mechanism.negative.draw(rng, count))
    closed = at_work(rng, created.astype("datetime64[D]") + days)
    return Fate(logit, reply_days, outcome, np.where(stale, NEVER, closed))


def some_day_while_open(
    rng: np.random.Generator, created: Array, closed: Array, share: float, from_day: int, to_day: int
) -> Array:
    """The instant of an edit: for this share of the records, so many days after creation; only if still open then."""
    days = rng.integers(from_day, to_day + 1, len(created))
    moment = at_work(rng, created.astype("datetime64[D]") + days)
    happens = (rng.random(len(created)) < share) & (moment < closed)
    return np.where(happens, moment, NEVER)


def some_day_after_close(rng: np.random.Generator, closed: Array, share: float, to_day: int) -> Array:
    """The instant of a late edit of a closed record: for this share, up to so many days after closing."""
    days = rng.integers(1, to_day + 1, len(closed))
    happens = (rng.random(len(closed)) < share) & (closed < NEVER)
    return np.where(happens, at_work(rng, closed.astype("datetime64[D]") + days), NEVER)
