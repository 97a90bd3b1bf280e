"""All tables of the demo organisation as a Dataverse organisation has them at the end of a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extract.demo import columns as c
from extract.demo import deals, stream, tables
from extract.demo.story import Story
from extract.sources.dataverse.emulator.demo import contact, sales
from extract.sources.dataverse.emulator.demo.rows import Names, number_of, queried, table_rows
from extract.sources.dataverse.emulator.schema import Table

_DIRECT: Final[tuple[tuple[Table, Callable[[Story, np.datetime64], pa.Table]], ...]] = (
    (sales.USERS, tables.users),
    (sales.TEAMS, tables.teams),
    (sales.PRODUCTS, tables.products),
    (sales.ACCOUNTS, tables.accounts),
    (sales.CONTACTS, tables.contacts),
    (sales.LEADS, deals.leads),
    (sales.OPPORTUNITIES, deals.opportunities),
)
_PARTIES_OF_ONE: Final = 10  # room for the parties of one activity in their keys

_ADDITIONS: Final[Mapping[str, str]] = {
    "account": "*, 'Active' as statecode, 'Active' as statuscode, 'No' as merged",
    "contact": "*, firstname || ' ' || lastname as fullname, 'Active' as statecode, 'Active' as statuscode, "
    "'No' as merged, 'No' as msdyn_gdproptout",
    "lead": "*, 'No' as merged, 'No' as msdyn_gdproptout",
    "opportunity": "*, 'No' as msdyn_gdproptout",
    "systemuser": "*, 'No' as msdyn_gdproptout",
    "product": "*, 'Active' as statecode, 'Active' as statuscode",
}
_GOALS: Final = f"""
    select
        '{c.GOAL}0000-0000-4000-8000-' || lpad((right(ownerid, 12)::bigint * 1000 + (year(bw_periodstart) - 2000) * 4
            + quarter(bw_periodstart))::varchar, 12, '0') as goalid,
        'Quota ' || year(bw_periodstart) || ' Q' || quarter(bw_periodstart) as title,
        ownerid as goalownerid, bw_periodstart as goalstartdate, bw_periodend as goalenddate,
        bw_quotaamount as targetmoney, modifiedon as createdon, modifiedon
    from exported
"""
_CLOSES: Final = f"""
    select '{c.CLOSE}' || substr(opportunityid, 5) as activityid, 'opportunityclose' as activitytypecode,
        'Opportunity ' || statecode as subject, opportunityid, ownerid, actualvalue as actualrevenue,
        actualclosedate as actualend, actualclosedate as createdon, actualclosedate as modifiedon,
        'Completed' as statecode, 'Completed' as statuscode
    from exported where actualclosedate is not null
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
        found[table.name] = table_rows(table, exported, names)
        if table is sales.OPPORTUNITIES:
            closes = queried(_CLOSES, exported=exported)
            found[contact.CLOSES.name] = table_rows(contact.CLOSES, closes, names)
    quotas = queried(_GOALS, exported=tables.quotas(story, day))
    found[sales.GOALS.name] = table_rows(sales.GOALS, quotas, names)
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
