"""The audit log of the demo's leads and opportunities: what each was before it became what the tables show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from extract.demo import columns as c
from extract.demo.calendar import end_of
from extract.demo.leads import Leads
from extract.demo.mechanism import Array
from extract.demo.opportunities import Opportunities
from extract.demo.story import Story
from extract.sources.dataverse.emulator.audit import Change, audit_row
from extract.sources.dataverse.emulator.demo.rows import number_of

_LEAD_KEYS: Final = "a0d1"
_DEAL_KEYS: Final = "a0d2"
_STAGES: Final = ("1-Qualify", "2-Develop", "3-Propose")
_EVENTS_OF_ONE: Final = 10  # room for the events of one record in their keys
_CLOSED: Final = {1, 2}
_NEW, _CONTACTED, _IN_PROGRESS = 1, 2, 1


@dataclass(frozen=True)
class _Event:
    """Something that happened to one record; ``number`` tells it from the record's other events."""

    index: int
    number: int
    moment: Any
    changes: list[Change]


@dataclass(frozen=True)
class _Known:
    """The records that are there at the end of a day: their places in the story, their rows."""

    story: Story
    night: np.datetime64
    seen: Array
    rows: pa.Table

    def values(self, name: str) -> list[Any]:
        """A column of the rows."""
        found: list[Any] = self.rows[name].to_pylist()
        return found


def audit_rows(story: Story, day: np.datetime64, leads: pa.Table, deals: pa.Table) -> pa.Table:
    """The log until the end of a day, from the rows of that day back to what they were at first."""
    night = end_of(day)
    of_leads = _Known(story, night, number_of(leads["leadid"]), leads)
    of_deals = _Known(story, night, number_of(deals["opportunityid"]), deals)
    found = [_row("lead", c.LEAD, _LEAD_KEYS, event) for event in _lead_events(of_leads)]
    found += [_row("opportunity", c.OPPORTUNITY, _DEAL_KEYS, event) for event in _deal_events(of_deals)]
    found.sort(key=lambda row: (row["createdon"], row["auditid"]))
    return pa.Table.from_pylist(found, _SCHEMA)


_SCHEMA: Final = pa.schema(
    [(name, pa.string()) for name in ("auditid", "objectid", "objectid@type", "objecttypecode")]
    + [("operation", pa.int64()), ("action", pa.int64())]
    + [("changedata", pa.string()), ("createdon", pa.timestamp("s"))]
)


def _row(table: str, prefix: str, log_prefix: str, event: _Event) -> dict[str, Any]:
    key = _key(prefix, event.index)
    told = audit_row(table, key, "", event.changes)
    number = event.index * _EVENTS_OF_ONE + event.number
    moment = event.moment.astype("datetime64[s]").astype(object)
    named = {"auditid": _key(log_prefix, number), "objectid": key, "objectid@type": table, "createdon": moment}
    return {name: value for name, value in (told | named).items() if name != "userid"}


def _key(prefix: str, number: int) -> str:
    return f"{prefix}0000-0000-4000-8000-{number:012d}"


def _lead_events(known: _Known) -> Iterator[_Event]:
    rows = known.story.leads
    closed = rows.fate.closed
    for index in _before(known, np.minimum(rows.contacted, closed), rows.contacted < closed):
        yield _Event(index, 1, rows.contacted[index], [("statuscode", _NEW, _CONTACTED)])
    yield from _edits(known, rows, "estimatedamount")
    yield from _hand_overs(known, rows)
    state, status, remark = (known.values(name) for name in ("statecode", "statuscode", "bw_closing_remark_code"))
    for place, index in enumerate(known.seen):
        if closed[index] < known.night:
            before = _CONTACTED if rows.contacted[index] < closed[index] else _NEW
            changes = [*_closing(state[place]), ("statuscode", before, status[place])]
            changes.append(("bw_decidedon", None, closed[index].astype("datetime64[s]").astype(object)))
            if remark[place] is not None:
                changes.append(("bw_closing_remark_code", None, remark[place]))
            yield _Event(int(index), 4, closed[index], changes)


def _deal_events(known: _Known) -> Iterator[_Event]:
    rows = known.story.opportunities
    for stage in (1, 2):
        moments = rows.stage_moments[:, stage - 1]
        for index in _before(known, moments):
            yield _Event(index, 4 + stage, moments[index], [("stepname", _STAGES[stage - 1], _STAGES[stage])])
    yield from _edits(known, rows, "estimatedvalue")
    yield from _hand_overs(known, rows)
    for index in _before(known, rows.rescheduled):
        day = rows.created[index].astype("datetime64[D]") + rows.expected_days[index]
        later = (day + rows.reschedule_days[index]).astype(object)
        yield _Event(index, 1, rows.rescheduled[index], [("estimatedclosedate", day.astype(object), later)])
    after = {name: known.values(name) for name in ("statuscode", "actualvalue", "bw_final_discount_pct")}
    state = known.values("statecode")
    for place, index in enumerate(known.seen):
        if rows.fate.closed[index] < known.night:
            changes = [*_closing(state[place]), ("statuscode", _IN_PROGRESS, after["statuscode"][place])]
            changes.append(("actualclosedate", None, rows.fate.closed[index].astype("datetime64[s]").astype(object)))
            for name in ("actualvalue", "bw_final_discount_pct"):
                if after[name][place] is not None:
                    changes.append((name, None, after[name][place]))
            yield _Event(int(index), 4, rows.fate.closed[index], changes)


def _closing(state: int) -> list[Change]:
    """The state changes at the close; a state that nobody knows was there from the beginning."""
    return [("statecode", 0, state)] if state in _CLOSED else []


def _edits(known: _Known, rows: Leads | Opportunities, name: str) -> Iterator[_Event]:
    """The amount, edited while the record was open."""
    for index in _before(known, rows.edited, ~np.isnan(rows.amount)):
        old, new = round(float(rows.amount[index]), 2), round(float(rows.amount[index] * rows.edit_factor[index]), 2)
        yield _Event(index, 2, rows.edited[index], [(name, old, new)])


def _hand_overs(known: _Known, rows: Leads | Opportunities) -> Iterator[_Event]:
    """The owner left while the record was open, and the team's senior seller took over."""
    people = known.story.people
    moments = people.handed_over_at(rows.owner)
    for index in _before(known, moments, moments <= rows.fate.closed):
        old, new = rows.owner[index], people.senior[people.team[rows.owner[index]]]
        before, after = (("systemuser", _key(c.USER, int(user))) for user in (old, new))
        yield _Event(index, 3, moments[index], [("ownerid", before, after)])


def _before(known: _Known, moments: Array, also: Array | None = None) -> list[int]:
    """The records that are there and to which this has happened."""
    happened = moments[known.seen] < known.night
    if also is not None:
        happened &= also[known.seen]
    return [int(index) for index in known.seen[happened]]
