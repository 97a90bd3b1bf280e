"""The demo's tables around its deals and people: lines, stages, positions, connections, posts, what goals count."""

from __future__ import annotations

from typing import Final

from extract.sources.dataverse.emulator.demo.sales import ACTIVE, lookup, of_kind, options, stamps
from extract.sources.dataverse.emulator.schema import Column, Table, yes_no

METRICS: Final = Table(
    "metric",
    "metrics",
    "metricid",
    (Column("metricid", "key"), *of_kind("string", "name"), yes_no("isamount"), *stamps()),
    primary_name="name",
    code=9603,
)
POSITIONS: Final = Table(
    "position",
    "positions",
    "positionid",
    (Column("positionid", "key"), *of_kind("string", "name"), lookup("parentpositionid", "position"), *stamps()),
    primary_name="name",
    code=50,
)
STAGES: Final = Table(
    "processstage",
    "processstages",
    "processstageid",
    (
        Column("processstageid", "key"),
        *of_kind("string", "stagename"),
        Column("stagecategory", "picklist", options(("Qualify", "Develop", "Propose", "Close"), first=0)),
        *of_kind("entityname", "primaryentitytypecode"),
    ),
    primary_name="stagename",
    code=4724,
    tracked=False,
)
LINES: Final = Table(
    "opportunityproduct",
    "opportunityproducts",
    "opportunityproductid",
    (
        Column("opportunityproductid", "key"),
        *of_kind("string", "opportunityproductname"),
        lookup("opportunityid", "opportunity"),
        lookup("productid", "product"),
        *of_kind("decimal", "quantity"),
        *of_kind("money", "priceperunit", "manualdiscountamount", "extendedamount"),
        *stamps(),
    ),
    primary_name="opportunityproductname",
    code=1083,
)
POSTS: Final = Table(
    "post",
    "posts",
    "postid",
    (
        Column("postid", "key"),
        *of_kind("string", "text"),
        lookup("regardingobjectid", "account", "contact", "lead", "opportunity", "systemuser"),
        lookup("createdby", "systemuser"),
        Column("source", "picklist", options(("Auto Post", "Manual Post", "ActionHub Post"), first=1)),
        *stamps(),
    ),
    primary_name="text",
    code=8000,
)
ROLES: Final = Table(
    "connectionrole",
    "connectionroles",
    "connectionroleid",
    (Column("connectionroleid", "key"), *of_kind("string", "name"), *ACTIVE, *stamps()),
    primary_name="name",
    code=3231,
)
_CONNECTED: Final = ("account", "contact", "lead", "opportunity", "systemuser")
CONNECTIONS: Final = Table(
    "connection",
    "connections",
    "connectionid",
    (
        Column("connectionid", "key"),
        *of_kind("string", "name"),
        lookup("record1id", *_CONNECTED),
        lookup("record1roleid", "connectionrole"),
        lookup("record2id", *_CONNECTED),
        lookup("record2roleid", "connectionrole"),
        *stamps(),
    ),
    primary_name="name",
    code=3234,
)
AROUND: Final = (METRICS, POSITIONS, STAGES, LINES, POSTS, ROLES, CONNECTIONS)
