"""What the demo organisation's sellers did on LinkedIn: the InMails and messages of its CRM, and connections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extract.demo import stream, tables
from extract.demo.story import Story
from extract.sources.linkedin.emulator.app import WRITTEN

_TYPES: Final = {"li_inmail": "INMAIL_SENT", "li_message": "MESSAGE_SENT"}
_KINDS: Final = pa.array(list(_TYPES))
_ACCEPTED_AFTER: Final = timedelta(hours=20)
"""An invitation goes out with the first message, and is accepted most of a day later."""
_FIRST_SEAT: Final = 1_000_000


def demo_seats(story: Story, day: date) -> dict[str, str]:
    """Seat to user: everybody holds one."""
    users = tables.users(story, np.datetime64(day, "D"))["systemuserid"].to_pylist()
    return {str(_FIRST_SEAT + number): user for number, user in enumerate(users)}


def demo_activities(story: Story, day: date) -> list[tuple[str, ...]]:
    """The rows of an export that tells everything until the end of a day, in order of time."""
    seat_of = {user: seat for seat, user in demo_seats(story, day).items()}
    until = np.datetime64(day + timedelta(days=1), "s").astype(object)
    rows = [row for row in _told(story, day, seat_of) if row[0] < until]
    return [(key, kind, f"{at:{WRITTEN}}", seat, member) for at, key, kind, seat, member in sorted(rows)]


def _told(story: Story, day: date, seat_of: dict[str, str]) -> Iterator[tuple[Any, str, str, str, str]]:
    """Instant, activityId, activityType, seatId and memberIdentityKey of each activity."""
    connected: set[str] = set()
    for month in stream.months(story, np.datetime64(day, "D")):
        kinds = pc.is_in(month.activities["activitytypecode"], value_set=_KINDS)
        for activity in month.activities.filter(kinds).to_pylist():
            number, member = activity["activityid"][-12:], activity["regardingobjectid"]
            seat, at = seat_of.get(activity["ownerid"], ""), activity["actualend"]
            yield at, f"urn:li:activity:{number}", _TYPES[activity["activitytypecode"]], seat, member
            if member not in connected:
                connected.add(member)
                yield at + _ACCEPTED_AFTER, f"urn:li:connection:{number}", "CONNECTION_MADE", seat, member
