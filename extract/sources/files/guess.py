"""What names say about a file: which entity it holds, and which of its columns is which.

All guesses are for a person to check; none of them is used when files are read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from config.schema.canonical import ENTITIES

_FILES: Final = (
    ("opportunity_closes", ("opportunityclose",)),
    ("opportunity_products", ("opportunityproduct",)),
    ("activity_parties", ("partie", "party", "recipient", "attendee", "participant")),
    ("leads", ("lead", "prospect")),
    ("opportunities", ("opportunit", "deal", "potential", "pipeline")),
    ("quotas", ("quota", "target")),
    ("activities", ("activit", "call", "event", "task", "meeting", "appointment", "email", "engagement")),
    ("accounts", ("account", "compan", "organisation", "organization", "customer", "reseller")),
    ("contacts", ("contact", "person", "people")),
    ("users", ("user", "owner", "seller", "employee", "agent", "salesperson", "salesteam", "staff")),
    ("teams", ("team",)),
    ("notes", ("note", "annotation")),
    ("products", ("product",)),
)
"""Parts of file names, the more telling ones first."""

_NOT_THAT: Final = (
    "lineitem",
    "invoice",
    "order",
    "campaign",
    "pricebook",
    "status",
    "history",
    "dictionary",
    "property",
    "stage",
)
"""Parts of names of files that are about something else, whatever else their name says."""

_SYNONYMS: Final[dict[str, tuple[str, ...]]] = {
    "account_id": ("accountid", "account", "companyid", "customerid", "accountnumber", "customer"),
    "actual_amount": ("actualvalue", "closevalue", "wonamount", "actualamount", "actualrevenue"),
    "amount": ("amount", "quota", "salesquota", "salesamountquota", "target"),
    "annual_revenue": ("annualrevenue", "revenue", "turnover"),
    "body": ("body", "notetext", "text", "content", "note"),
    "city": ("city", "town", "address1city", "location"),
    "closed_at": ("closedat", "closedate", "closeddate", "closedon", "actualclosedate", "dateclosed", "decidedon"),
    "company_name": ("companyname", "company", "account", "accountname", "organisation", "organization"),
    "contact_id": ("contactid", "contact", "primarycontactid"),
    "country": ("country", "address1country", "officelocation", "land"),
    "created_at": (
        "createdat",
        "createdon",
        "createddate",
        "createdtime",
        "createtime",
        "createdate",
        "engagedate",
        "opened",
        "dateadded",
    ),
    "direction": ("direction", "calltype", "directioncode"),
    "duration_minutes": (
        "durationminutes",
        "callduration(inminutes)",
        "calldurationinminutes",
        "actualdurationminutes",
        "duration",
    ),
    "email": ("email", "emailaddress", "emailaddress1", "internalemailaddress", "mail"),
    "employee_count": ("employees", "employeecount", "numberofemployees", "noofemployees"),
    "estimated_amount": ("estimatedamount", "estimatedvalue", "amount", "dealamount", "value", "expectedamount"),
    "estimated_close_on": (
        "estimatedcloseon",
        "estimatedclosedate",
        "expectedclosedate",
        "closingdate",
        "forecastclosedate",
    ),
    "family": ("family", "productfamily", "series", "category", "productcategory", "productline"),
    "first_name": ("firstname", "givenname", "vorname"),
    "industry": ("industry", "sector", "industrycode", "branche"),
    "job_title": ("jobtitle", "title", "position"),
    "joined_on": ("joinedon", "hiredate", "startdate"),
    "last_name": ("lastname", "surname", "familyname", "nachname"),
    "lead_id": ("leadid", "originatingleadid", "lead"),
    "left_on": ("lefton", "leavedate", "termination", "enddate"),
    "list_price": ("listprice", "price", "salesprice", "unitprice"),
    "manager_id": ("managerid", "manager", "parentsystemuserid", "reportsto", "managername"),
    "modified_at": ("modifiedat", "modifiedon", "modifiedtime", "lastmodified", "lastmodifieddate", "updatedat"),
    "name": ("name", "fullname", "dealname", "potentialname", "accountname", "productname", "topic", "companyname"),
    "occurred_at": (
        "occurredat",
        "callstarttime",
        "startdatetime",
        "scheduledstart",
        "actualstart",
        "timestamp",
        "date",
        "activitydate",
    ),
    "owner_id": (
        "ownerid",
        "owner",
        "salesagent",
        "salesperson",
        "salesrep",
        "seller",
        "assignedto",
        "agent",
        "ownername",
    ),
    "parent_account_id": ("parentaccountid", "parentaccount", "subsidiaryof", "parentcompany"),
    "party_id": ("partyid", "personid", "participantid", "recipientid"),
    "period_end": ("periodend", "enddate"),
    "period_start": ("periodstart", "startdate", "quotadate", "month", "quarter", "targetmonth"),
    "phone": ("phone", "mobile", "telephone", "telephone1", "phonenumber"),
    "product_id": ("productid", "product", "productkey", "productcode"),
    "region": ("region", "territory", "regionaloffice"),
    "regarding_entity": ("regardingentity", "regardingtype", "regardingobjecttypecode"),
    "regarding_id": ("regardingid", "regardingobjectid", "relatedto"),
    "role": ("role", "participationtype", "participationtypemask", "recipienttype"),
    "source": ("source", "leadsource", "leadsourcecode", "origin", "leadorigin"),
    "stage": ("stage", "dealstage", "salesstage", "stagename", "pipelinestage"),
    "status": (
        "status",
        "state",
        "statecode",
        "outcome",
        "converted",
        "isconverted",
        "forecasttype",
        "dealstatus",
        "result",
        "won",
    ),
    "status_reason": ("statusreason", "statuscode", "leadstatus", "lostreason"),
    "subject": ("subject", "title"),
    "team_id": ("teamid", "team", "regionaloffice", "salesteam"),
    "topic": ("topic", "subject"),
    "type": ("type", "activitytype", "activitytypecode", "kind"),
    "user_id": (
        "userid",
        "systemuserid",
        "salesagent",
        "employeeid",
        "employeekey",
        "salesperson",
        "salespersonid",
        "businessentityid",
    ),
}

_OUTCOMES: Final[dict[tuple[str, str], tuple[tuple[str, str], ...]]] = {
    ("leads", "status"): (
        ("disqualified", r"disqual|unqual|\blost\b|junk|dead|reject|not interested|^0$|^false$"),
        ("qualified", r"qualif|convert|won|customer|^yes$|^y$|^1$|^true$"),
        ("open", r""),
    ),
    ("opportunities", "status"): (
        ("lost", r"\blost\b|\blose\b|cancel|dead|abandon|^0$|^false$"),
        ("won", r"\bwon\b|\bwin\b|signed|^1$|^yes$|^true$"),
        ("open", r""),
    ),
    ("activities", "status"): (
        ("cancelled", r"cancel"),
        ("completed", r"complete|done|closed|finished|sent|received"),
        ("open", r""),
    ),
    ("activities", "direction"): (
        ("outgoing", r"out"),
        ("incoming", r"in"),
    ),
    ("activities", "type"): (
        ("email", r"mail"),
        ("phonecall", r"call|phone"),
        ("appointment", r"appoint|meet|event|demo"),
        ("task", r"task|to.?do"),
        ("linkedin", r"linkedin|inmail"),
        ("other", r""),
    ),
}


def plain(name: str) -> str:
    """A name without case, spaces, dashes and underscores."""
    return re.sub(r"[^a-z0-9()]", "", name.lower())


def entity_of(file: str, names: Sequence[str]) -> str | None:
    """The entity that a file most likely holds, by its name and columns; None where nothing says so."""
    stem = plain(file.rsplit(".", 1)[0])
    if any(part in stem for part in _NOT_THAT):
        return None
    entity = next((entity for entity, parts in _FILES if any(part in stem for part in parts)), None)
    if entity == "teams" and columns_of("users", names).keys() >= {"user_id", "manager_id"}:
        return "users"
    return entity


def columns_of(entity: str, names: Sequence[str]) -> dict[str, str]:
    """Canonical column to source column, by name; a key may be missing, and a source column may be there twice."""
    by_plain = {plain(name): name for name in reversed(names)}
    found: dict[str, str] = {}
    for column in ENTITIES[entity].columns:
        own = (plain(column.name), *_SYNONYMS.get(column.name, ()))
        if column.name in ENTITIES[entity].key:
            own = (
                *own,
                plain(entity),
                plain(entity.removesuffix("s")),
                "id",
                f"{plain(entity.removesuffix('s'))}number",
            )
        match = next((by_plain[name] for name in own if name in by_plain), None)
        if match is None and column.name == "owner_id":
            match = next((name for name in names if plain(name).endswith("owner")), None)
        if match is not None:
            found[column.name] = match
    return found


def regarding_of(entity: str, names: Sequence[str]) -> dict[str, str]:
    """Columns of activities and notes that hold the key of what they are about: entity to source column."""
    if "regarding_id" not in ENTITIES[entity].column_names or "regarding_id" in columns_of(entity, names):
        return {}
    by_plain = {plain(name): name for name in reversed(names)}
    parts = {
        "opportunity": ("opportunityid", "dealid", "potentialid"),
        "lead": ("leadid",),
        "contact": ("contactid",),
        "account": ("accountid", "companyid"),
    }
    found = {kind: next((by_plain[part] for part in told if part in by_plain), "") for kind, told in parts.items()}
    return {kind: name for kind, name in found.items() if name}


def canonical_value(entity: str, column: str, text: str) -> str | None:
    """What a source value most likely stands for; None where only a person can tell."""
    allowed = ENTITIES[entity].column(column).values
    if plain(text) in allowed:
        return plain(text)
    rules = _OUTCOMES.get((entity, column), ())
    return next((value for value, pattern in rules if re.search(pattern, text.lower())), None)
