"""The demo organisation's mail and meetings: the activities that its CRM shows, in its people's mailboxes."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extract.demo import stream, tables
from extract.demo.story import Story
from extract.sources.exchange.emulator.mailboxes import Tenant

GROUP: Final = "sellers"
"""The group that everybody with a mailbox is a member of."""
_HALF_AN_HOUR: Final = 30
_Parties = dict[str, list[str]]


def demo_tenant(story: Story, day: date, days: int = 60) -> Tenant:
    """The mailboxes at the end of a day.

    Args:
        story: the demo organisation.
        day: the last day that is in them.
        days: how far back they reach.
    """
    tenant = Tenant()
    until = np.datetime64(day, "D")
    since = datetime.combine(day - timedelta(days=days - 1), datetime.min.time())
    people = tables.users(story, until)
    for address in people.filter(pc.is_null(people["bw_lefton"]))["internalemailaddress"].to_pylist():
        tenant.hire(address, GROUP).epoch = day.toordinal()  # links hold as long as it stands at that day
    for month in stream.months(story, until):
        recent = pc.greater_equal(month.activities["actualend"], pa.scalar(since, month.activities["actualend"].type))
        activities = month.activities.filter(recent)
        parties = _parties(month.parties, activities["activityid"])
        for activity in activities.to_pylist():
            _put(tenant, activity, parties.get(activity["activityid"], {}))
    return tenant


def _parties(table: pa.Table, activities: pa.ChunkedArray) -> dict[str, _Parties]:
    """Activity to role to addresses."""
    found: dict[str, _Parties] = defaultdict(lambda: defaultdict(list))
    for row in table.filter(pc.is_in(table["activityid"], value_set=activities.combine_chunks())).to_pylist():
        if row["addressused"]:
            found[row["activityid"]][row["participationtypemask"]].append(row["addressused"])
    return found


def _put(tenant: Tenant, activity: dict[str, Any], parties: _Parties) -> None:
    at, key = activity["actualend"].replace(tzinfo=UTC), activity["activityid"]
    if activity["activitytypecode"] == "email" and parties.get("Sender"):
        to, cc = (parties.get(role, []) for role in ("To Recipient", "CC Recipient"))
        tenant.send(parties["Sender"][0], to, at, cc=cc, subject=activity["subject"] or "", key=key)
    elif activity["activitytypecode"] == "appointment" and parties.get("Organizer"):
        minutes = int(activity["actualdurationminutes"] or _HALF_AN_HOUR)
        required, optional = (parties.get(role, []) for role in ("Required Attendee", "Optional Attendee"))
        start = at - timedelta(minutes=minutes)
        cancelled = activity["statecode"] == "Canceled"
        tenant.meet(
            parties["Organizer"][0],
            required,
            start,
            minutes=minutes,
            subject=key,
            optional=optional,
            cancelled=cancelled,
        )
