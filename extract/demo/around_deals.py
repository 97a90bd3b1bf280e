"""What the CRM's export shows around opportunities: how they were closed, their lines, who has to do with them, posts.

All of it follows from the story as it is; nothing is drawn.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extract.demo import columns as c
from extract.demo.calendar import end_of, latest
from extract.demo.deals import DEAL_LOST, STAGES
from extract.demo.fate import POSITIVE
from extract.demo.mechanism import OPPORTUNITY, Array
from extract.demo.story import Story
from extract.demo.vocabulary import PRODUCTS

_ROLES: Final = {"Yes": "Decision Maker", "No": "Stakeholder"}
"""Role of a deal's contact, by whether the decision maker is known."""


def closes(story: Story, day: np.datetime64) -> pa.Table:
    """One row per opportunity that has been closed."""
    rows = story.opportunities
    seen = np.flatnonzero(rows.fate.closed < end_of(day))
    won, closed = rows.fate.outcome[seen] == POSITIVE, c.moments(rows.fate.closed[seen], day)
    outcome = c.either(won, "Won", "Lost")
    return pa.table(
        {
            "activityid": c.keys(c.CLOSE, seen),
            "subject": pc.binary_join_element_wise("Opportunity", outcome, " "),
            "opportunityid": c.keys(c.OPPORTUNITY, seen),
            "opportunitystatecode": outcome,
            "opportunitystatuscode": c.either(won, "Won", c.labels(DEAL_LOST, seen % len(DEAL_LOST))),
            "ownerid": _owner(story, seen, rows.fate.closed[seen]),
            "actualrevenue": c.shown(c.numbers(rows.actual_amount[seen]), won),
            "actualend": closed,
            "createdon": closed,
            "modifiedon": closed,
        }
    )


def lines(story: Story, day: np.datetime64) -> pa.Table:
    """One row per opportunity: its product, as many as make the amount at about the list price."""
    rows, night = story.opportunities, end_of(day)
    seen = np.flatnonzero(rows.created < night)
    price = np.array([price for _, _, price in PRODUCTS])[rows.product[seen]]
    amount = rows.amount[seen] * np.where(rows.edited[seen] < night, rows.edit_factor[seen], 1.0)
    amount = np.round(np.where(np.isnan(amount), price, amount), 2)
    quantity = np.maximum(np.round(rows.amount[seen] / price), 1.0)
    unit = np.round(amount / quantity + 0.005, 2)
    return pa.table(
        {
            "opportunityproductid": c.keys(c.LINE, seen),
            "opportunityid": c.keys(c.OPPORTUNITY, seen),
            "productid": c.keys(c.PRODUCT, rows.product[seen]),
            "quantity": c.numbers(np.where(np.isnan(quantity), 1.0, quantity)),
            "priceperunit": c.numbers(unit),
            "manualdiscountamount": c.numbers(np.round(np.maximum(unit * quantity - amount, 0.0), 2)),
            "extendedamount": c.numbers(amount),
            "createdon": c.moments(rows.created[seen], day),
            "modifiedon": c.moments(latest(rows.created[seen], rows.edited[seen], until=day), day),
        }
    )


def stages(_: Story, __: np.datetime64) -> pa.Table:
    """One row per stage of the sales process."""
    names = [stage.partition("-")[2] for stage in STAGES]
    return pa.table(
        {
            "processstageid": c.keys(c.STAGE, np.arange(len(names))),
            "stagename": pa.array(STAGES),
            "stagecategory": pa.array(names),
            "primaryentitytypecode": pa.array(["opportunity"] * len(names)),
        }
    )


def connections(story: Story, day: np.datetime64) -> pa.Table:
    """One row per opportunity: what part its contact plays."""
    rows = story.opportunities
    seen = np.flatnonzero(rows.created < end_of(day))
    known = c.labels(OPPORTUNITY.attributes["decision_maker_known"].labels, rows.codes["decision_maker_known"][seen])
    made = c.moments(rows.created[seen], day)
    return pa.table(
        {
            "connectionid": c.keys(c.CONNECTION, seen),
            "record1id": c.keys(c.OPPORTUNITY, seen),
            "record1objecttypecode": _same("opportunity", len(seen)),
            "record1roleid": pa.nulls(len(seen), pa.string()),
            "record2id": c.keys(c.CONTACT, rows.contact[seen]),
            "record2objecttypecode": _same("contact", len(seen)),
            "record2roleid": pc.if_else(pc.fill_null(pc.equal(known, "Yes"), False), _ROLES["Yes"], _ROLES["No"]),
            "createdon": made,
            "modifiedon": made,
        }
    )


def posts(story: Story, day: np.datetime64) -> pa.Table:
    """One row per opportunity won: its owner tells the others."""
    rows = story.opportunities
    seen = np.flatnonzero((rows.fate.closed < end_of(day)) & (rows.fate.outcome == POSITIVE))
    company = c.company_name(story.accounts.company[rows.account[seen]])
    closed = c.moments(rows.fate.closed[seen], day)
    return pa.table(
        {
            "postid": c.keys(c.POST, seen),
            "regardingobjectid": c.keys(c.OPPORTUNITY, seen),
            "regardingobjecttypecode": _same("opportunity", len(seen)),
            "createdby": _owner(story, seen, rows.fate.closed[seen]),
            "source": _same("Manual Post", len(seen)),
            "text": pc.binary_join_element_wise(company, "has signed.", " "),
            "createdon": closed,
            "modifiedon": closed,
        }
    )


def _owner(story: Story, seen: Array, moment: Array) -> pa.Array:
    return c.keys(c.USER, story.people.owner_at(story.opportunities.owner[seen], moment))


def _same(text: str, count: int) -> pa.Array:
    return pa.array([text] * count, pa.string())
