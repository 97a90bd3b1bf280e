"""All tables of the demo organisation as a Dataverse organisation has them at the end of a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extract.demo import around_deals, deals, stream, tables
from extract.demo import columns as c
from extract.demo.story import Story
from extract.sources.dataverse.emulator.demo import around, contact, sales
from extract.sources.dataverse.emulator.demo.rows import Names, number_of, queried, table_rows
from extract.sources.dataverse.emulator.schema import Table

_METRIC_KEYS, _ROLE_KEYS = "3e72", "601e"
_REVENUE, _UNITS = (f"{_METRIC_KEYS}0000-0000-4000-8000-{number:012d}" for number in (1, 2))
_DECISION_MAKER, _STAKEHOLDER = (f"{_ROLE_KEYS}0000-0000-4000-8000-{number:012d}" for number in (1, 2))
_METRICS: Final = f"""
    from (values ('{_REVENUE}', 'Revenue', true), ('{_UNITS}', 'No. of Product Units', false))
        as metrics (metricid, name, isamount)
"""
_ROLES: Final = f"""
    select *, 'Active' as statecode, 'Active' as statuscode
    from (values ('{_DECISION_MAKER}', 'Decision Maker'), ('{_STAKEHOLDER}', 'Stakeholder'))
        as roles (connectionroleid, name)
"""
_DIRECT: Final[tuple[tuple[Table, Callable[[Story, np.datetime64], pa.Table]], ...]] = (
    (around.METRICS, lambda _, __: queried(_METRICS)),
    (around.ROLES, lambda _, __: queried(_ROLES)),
    (around.POSITIONS, tables.positions),
    (around.STAGES, around_deals.stages),
    (sales.USERS, tables.users),
    (sales.TEAMS, tables.teams),
    (sales.PRODUCTS, tables.products),
    (sales.ACCOUNTS, tables.accounts),
    (sales.CONTACTS, tables.contacts),
    (sales.LEADS, deals.leads),
    (sales.OPPORTUNITIES, deals.opportunities),
    (around.LINES, around_deals.lines),
    (around.POSTS, around_deals.posts),
    (around.CONNECTIONS, around_deals.connections),
    (contact.CLOSES, around_deals.closes),
)
_TYPES: Final[Mapping[str, Mapping[str, str]]] = {
    "post": {"regardingobjectid": "regardingobjecttypecode"},
    "connection": {"record1id": "record1objecttypecode", "record2id": "record2objecttypecode"},
}
"""Table to its lookups that may point to several tables, and the column of the export that says to which."""
_UNITS_A_QUARTER: Final = 12  # the target of a goal that is no quota
_PARTIES_OF_ONE: Final = 10  # room for the parties of one activity in their keys

_ADDITIONS: Final[Mapping[str, str]] = {
    "account": "*, 'Active' as statecode, 'Active' as statuscode, 'No' as merged",
    "contact": "*, firstname || ' ' || lastname as fullname, 'Active' as statecode, 'Active' as statuscode, "
    "'No' as merged, 'No' as msdyn_gdproptout",
    "lead": "*, 'No' as merged, 'No' as msdyn_gdproptout",
    "opportunity": "*, 'No' as msdyn_gdproptout",
    "systemuser": "*, 'No' as msdyn_gdproptout",
    "product": "*, 'Active' as statecode, 'Active' as statuscode",
    "connection": f"* replace (case record2roleid when 'Decision Maker' then '{_DECISION_MAKER}' "
    f"else '{_STAKEHOLDER}' end as record2roleid)",
    "opportunityclose": "*, 'opportunityclose' as activitytypecode, 'Completed' as statecode, "
    "'Completed' as statuscode",
}
_GOALS: Final = f"""
    with goals as (
        select
            *, {{metric}} as place, year(bw_periodstart) || ' Q' || quarter(bw_periodstart) as period,
            '{c.GOAL}0000-0000-4000-8000-' || lpad((right(ownerid, 12)::bigint * 1000 + {{metric}} * 500
                + (year(bw_periodstart) - 2000) * 4 + quarter(bw_periodstart))::varchar, 12, '0') as goalid
        from exported
        where {{metric}} = 0 or quarter(bw_periodstart) = 1 and right(ownerid, 12)::bigint % 3 = 0
    )
    select goalid, if(place = 0, 'Quota ', 'Units ') || period as title, ownerid as goalownerid,
        bw_periodstart as goalstartdate, bw_periodend as goalenddate, modifiedon as createdon, modifiedon,
        if(place = 0, '{_REVENUE}', '{_UNITS}') as metricid, if(place = 0, bw_quotaamount, null) as targetmoney,
        if(place = 0, null, {_UNITS_A_QUARTER}) as targetinteger
    from goals
"""
_OF_ONE_TYPE: Final = """
    select *, actualend as senton, actualend as scheduledend,
        actualend - to_minutes(coalesce(actualdurationminutes, 0)::bigint) as scheduledstart,
        case
            when statecode <> 'Completed' then statecode
            when activitytypecode = 'email' then if(directioncode = 'Incoming', 'Received', 'Sent')
            when activitytypecode = 'phonecall' then if(directioncode = 'Incoming', 'Received', 'Made')
            else statecode
        end as statuscode
    from exported where activitytypecode = '{name}'
"""


@dataclass(frozen=True)
class _Contact:
    activities: pa.Table
    parties: pa.Table
    notes: pa.Table


def rows_at(story: Story, day: np.datetime64) -> dict[str, pa.Table]:
    """Logical name to rows, for every table that the story fills."""
    names, found = Names(), {}
    for table, exported_at in _DIRECT:
        exported = queried(f"select {_ADDITIONS.get(table.name, '*')} from exported", exported=exported_at(story, day))
        found[table.name] = table_rows(table, exported, names, _TYPES.get(table.name))
    quotas = tables.quotas(story, day)
    goals = pa.concat_tables(queried(_GOALS.format(metric=metric), exported=quotas) for metric in (0, 1))
    found[sales.GOALS.name] = table_rows(sales.GOALS, goals, names)
    return found | _contact_rows(_of_all_months(story, day), names)


def _of_all_months(story: Story, day: np.datetime64) -> _Contact:
    months = list(stream.months(story, day))
    return _Contact(
        pa.concat_tables(month.activities for month in months),
        pa.concat_tables(month.parties for month in months),
        pa.concat_tables(month.notes for month in months),
    )


def _contact_rows(exported: _Contact, names: Names) -> dict[str, pa.Table]:
    found = {}
    for table in contact.ACTIVITIES:
        rows = queried(_OF_ONE_TYPE.format(name=table.name), exported=exported.activities)
        found[table.name] = table_rows(table, rows, names, {"regardingobjectid": "regardingobjecttypecode"})
    parties = exported.parties.append_column("activitypartyid", _party_keys(exported.parties))
    parties = parties.append_column("ispartydeleted", pa.array(np.full(parties.num_rows, "No")))
    types = {"partyid": "partyobjecttypecode"}
    found[contact.PARTIES.name] = table_rows(contact.PARTIES, parties, names, types)
    notes = exported.notes.append_column("isdocument", pa.array(np.full(exported.notes.num_rows, "No")))
    found[contact.NOTES.name] = table_rows(contact.NOTES, notes, names, {"objectid": "objecttypecode"})
    return found


def _party_keys(parties: pa.Table) -> pa.Array:
    """A key for each party: its activity's number and its place among the activity's parties."""
    activity = number_of(parties["activityid"])
    starts = np.flatnonzero(np.append(True, activity[1:] != activity[:-1])[: len(activity)])
    place = np.arange(len(activity)) - np.repeat(starts, np.diff(np.append(starts, len(activity))))
    return c.keys(c.PARTY, activity * _PARTIES_OF_ONE + place)


def newer(rows: pa.Table, than: np.datetime64) -> pa.Table:
    """The rows that were modified at this instant or later; all where that is not known."""
    if "modifiedon" not in rows.column_names:
        return rows
    return rows.filter(pc.greater_equal(rows["modifiedon"], pa.scalar(than.astype("datetime64[s]"))))
