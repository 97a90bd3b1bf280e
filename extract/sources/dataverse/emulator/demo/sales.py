"""The demo's tables of leads, deals, customers and sellers: columns as Dataverse names them, option sets, lookups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from extract.demo.mechanism import INDUSTRIES, LEAD, OPPORTUNITY, SOURCES
from extract.demo.vocabulary import LANGUAGES, SEGMENTS
from extract.sources.dataverse.emulator.schema import Column, Kind, Option, Table, yes_no

OWN_OPTIONS: Final = 717_240_000
"""Where the option values of the organisation's own columns begin."""
_SOURCES: Final = {"Advertisement": 1, "Referral": 3, "Partner": 4, "Webinar": 6, "Trade show": 7, "Web": 8}


def options(labels: Sequence[str], first: int = OWN_OPTIONS) -> tuple[Option, ...]:
    """Labels numbered in their order."""
    return tuple(Option(first + number, label) for number, label in enumerate(labels))


def own(name: str, kind: Kind = "string", labels: Sequence[str] = (), target: str | None = None) -> Column:
    """A column that the organisation has added."""
    return Column(name, kind, options(labels), (target,) if target else (), custom=True)


def owner() -> Column:
    """Who owns a row."""
    return Column("ownerid", "lookup", targets=("systemuser", "team"))


def of_kind(kind: Kind, *names: str) -> tuple[Column, ...]:
    """Columns of one kind."""
    return tuple(Column(name, kind) for name in names)


def stamps() -> tuple[Column, ...]:
    """When a row was made and last changed."""
    return of_kind("datetime", "createdon", "modifiedon")


def states(*pairs: tuple[str, Sequence[tuple[int, str]]]) -> tuple[Column, ...]:
    """State and status: each state's label with the status values that belong to it."""
    state = tuple(Option(number, label) for number, (label, _) in enumerate(pairs))
    status = tuple(Option(value, name, number) for number, (_, own_) in enumerate(pairs) for value, name in own_)
    return Column("statecode", "state", state), Column("statuscode", "status", status)


def _sources(*more: str) -> tuple[Option, ...]:
    known = [Option(value, label) for label, value in _SOURCES.items()]
    return (*known, *options([label for label in (*SOURCES, *more) if label not in _SOURCES]))


def lookup(name: str, *targets: str) -> Column:
    """A column that holds the key of a row of one of the targets."""
    return Column(name, "lookup", targets=targets)


_PERSON: Final = of_kind("string", "firstname", "lastname", "emailaddress1", "telephone1", "jobtitle")
_PLACE: Final = of_kind("string", "address1_country", "address1_city")
_INDUSTRY: Final = Column("industrycode", "picklist", options(INDUSTRIES, first=1))
_MERGE: Final = (yes_no("merged"),)
_OPT_OUT: Final = (yes_no("msdyn_gdproptout"),)
ACTIVE: Final = states(("Active", [(1, "Active")]), ("Inactive", [(2, "Inactive")]))

LEADS: Final = Table(
    "lead",
    "leads",
    "leadid",
    (
        Column("leadid", "key"),
        *of_kind("string", "subject", "fullname"),
        *_PERSON,
        *of_kind("string", "companyname"),
        lookup("parentaccountid", "account"),
        lookup("parentcontactid", "contact"),
        Column("leadsourcecode", "picklist", _sources("Tradeshow")),
        _INDUSTRY,
        *_PLACE,
        *of_kind("integer", "numberofemployees"),
        *of_kind("money", "estimatedamount"),
        owner(),
        *states(
            ("Open", [(1, "New"), (2, "Contacted")]),
            ("Qualified", [(3, "Qualified")]),
            ("Disqualified", [(4, "Lost"), (5, "Cannot Contact"), (6, "No Longer Interested"), (7, "Canceled")]),
        ),
        *stamps(),
        *_MERGE,
        lookup("masterid", "lead"),
        *_OPT_OUT,
        own("bw_decidedon", "datetime"),
        yes_no("bw_budget_confirmed", custom=True),
        yes_no("bw_trial_user", custom=True),
        own("bw_purchase_timeframe", "picklist", (*LEAD.attributes["purchase_timeframe"].labels, "this Quarter ")),
        own("bw_language", "picklist", LANGUAGES),
        own("bw_closing_remark_code"),
    ),
    primary_name="fullname",
    code=4,
)
OPPORTUNITIES: Final = Table(
    "opportunity",
    "opportunities",
    "opportunityid",
    (
        Column("opportunityid", "key"),
        *of_kind("string", "name", "stepname"),
        lookup("originatingleadid", "lead"),
        lookup("parentaccountid", "account"),
        lookup("parentcontactid", "contact"),
        *of_kind("money", "estimatedvalue", "actualvalue"),
        *of_kind("date", "estimatedclosedate"),
        *of_kind("datetime", "actualclosedate"),
        owner(),
        *states(
            ("Open", [(1, "In Progress"), (2, "On Hold")]),
            ("Won", [(3, "Won")]),
            ("Lost", [(4, "Canceled"), (5, "Out-Sold")]),
        ),
        *stamps(),
        *_OPT_OUT,
        own("bw_productid", "lookup", target="product"),
        Column(
            "bw_leadsourcecode",
            "picklist",
            _sources(*OPPORTUNITY.attributes["source"].labels[len(SOURCES) :]),
            custom=True,
        ),
        own("bw_competitor", "picklist", (*OPPORTUNITY.attributes["competitor"].labels, "HELIX Systems")),
        yes_no("bw_decision_maker_known", custom=True),
        own("bw_technical_fit", "picklist", OPPORTUNITY.attributes["technical_fit"].labels),
        own("bw_final_discount_pct", "decimal"),
    ),
    primary_name="name",
    code=3,
)
ACCOUNTS: Final = Table(
    "account",
    "accounts",
    "accountid",
    (
        Column("accountid", "key"),
        *of_kind("string", "name"),
        _INDUSTRY,
        *_PLACE,
        lookup("parentaccountid", "account"),
        owner(),
        *of_kind("money", "revenue"),
        *of_kind("integer", "numberofemployees"),
        *ACTIVE,
        *stamps(),
        *_MERGE,
        lookup("masterid", "account"),
        own("bw_segment", "picklist", SEGMENTS),
    ),
    primary_name="name",
    code=1,
)
CONTACTS: Final = Table(
    "contact",
    "contacts",
    "contactid",
    (
        Column("contactid", "key"),
        lookup("parentcustomerid", "account", "contact"),
        *of_kind("string", "fullname"),
        *_PERSON,
        *_PLACE,
        owner(),
        *ACTIVE,
        *stamps(),
        *_MERGE,
        lookup("masterid", "contact"),
        *_OPT_OUT,
    ),
    primary_name="fullname",
    code=2,
)
USERS: Final = Table(
    "systemuser",
    "systemusers",
    "systemuserid",
    (
        Column("systemuserid", "key"),
        *of_kind("string", "fullname", "internalemailaddress", "title"),
        lookup("parentsystemuserid", "systemuser"),
        lookup("positionid", "position"),
        yes_no("isdisabled"),
        *stamps(),
        *_OPT_OUT,
        own("bw_teamid", "lookup", target="team"),
        own("bw_joinedon", "date"),
        own("bw_lefton", "date"),
    ),
    primary_name="fullname",
    code=8,
)
TEAMS: Final = Table(
    "team",
    "teams",
    "teamid",
    (
        Column("teamid", "key"),
        *of_kind("string", "name"),
        lookup("administratorid", "systemuser"),
        *stamps(),
        own("bw_region"),
    ),
    primary_name="name",
    code=9,
)
PRODUCTS: Final = Table(
    "product",
    "products",
    "productid",
    (
        Column("productid", "key"),
        *of_kind("string", "name"),
        *of_kind("money", "price"),
        *ACTIVE,
        *stamps(),
        own("bw_family"),
    ),
    primary_name="name",
    code=1024,
)
GOALS: Final = Table(
    "goal",
    "goals",
    "goalid",
    (
        Column("goalid", "key"),
        *of_kind("string", "title"),
        lookup("goalownerid", "systemuser", "team"),
        lookup("metricid", "metric"),
        *of_kind("date", "goalstartdate", "goalenddate"),
        *of_kind("money", "targetmoney"),
        *of_kind("integer", "targetinteger"),
        *stamps(),
    ),
    primary_name="title",
    code=9600,
)
SALES: Final = (LEADS, OPPORTUNITIES, ACCOUNTS, CONTACTS, USERS, TEAMS, PRODUCTS, GOALS)
