"""The demo's tables of activities, their parties and notes, and the small tables around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from extract.sources.dataverse.emulator.demo.sales import of_kind, owner, stamps, states
from extract.sources.dataverse.emulator.schema import Column, Option, Table, yes_no

_ROLES: Final = (
    (1, "Sender"),
    (2, "To Recipient"),
    (3, "CC Recipient"),
    (4, "BCC Recipient"),
    (5, "Required Attendee"),
    (6, "Optional Attendee"),
    (7, "Organizer"),
    (8, "Regarding"),
    (9, "Owner"),
)
_REGARDING: Final = ("account", "contact", "lead", "opportunity")
_OPERATIONS: Final = (Option(1, "Create"), Option(2, "Update"), Option(3, "Delete"))
_DIRECTION: Final = Column("directioncode", "boolean", (Option(0, "Incoming"), Option(1, "Outgoing")))
_LI: Final = states(("Open", [(1, "Open")]), ("Completed", [(2, "Completed")]), ("Canceled", [(3, "Canceled")]))


def _activity(name: str, set_name: str, code: int, columns: Sequence[Column], *, custom: bool = False) -> Table:
    shared = (
        Column("activityid", "key"),
        *of_kind("string", "subject"),
        *of_kind("entityname", "activitytypecode"),
        Column("regardingobjectid", "lookup", targets=_REGARDING),
        owner(),
        *of_kind("datetime", "scheduledstart", "scheduledend", "actualstart", "actualend"),
        *of_kind("integer", "actualdurationminutes"),
        *stamps(),
    )
    return Table(name, set_name, "activityid", (*shared, *columns), "subject", code=code, activity=True, custom=custom)


EMAILS: Final = _activity(
    "email",
    "emails",
    4202,
    (
        _DIRECTION,
        *of_kind("datetime", "senton"),
        *of_kind("string", "messageid", "conversationindex"),
        *states(
            ("Open", [(1, "Draft"), (8, "Failed")]),
            (
                "Completed",
                [(2, "Completed"), (3, "Sent"), (4, "Received"), (6, "Pending Send"), (7, "Sending")],
            ),
            ("Canceled", [(5, "Canceled")]),
        ),
    ),
)
CALLS: Final = _activity(
    "phonecall",
    "phonecalls",
    4210,
    (
        _DIRECTION,
        *of_kind("string", "phonenumber"),
        *states(
            ("Open", [(1, "Open")]), ("Completed", [(2, "Made"), (4, "Received")]), ("Canceled", [(3, "Canceled")])
        ),
    ),
)
APPOINTMENTS: Final = _activity(
    "appointment",
    "appointments",
    4201,
    (
        *of_kind("string", "location", "globalobjectid"),
        *states(
            ("Open", [(1, "Free"), (2, "Tentative")]),
            ("Completed", [(3, "Completed")]),
            ("Canceled", [(4, "Canceled")]),
            ("Scheduled", [(5, "Busy"), (6, "Out of Office")]),
        ),
    ),
)
TASKS: Final = _activity(
    "task",
    "tasks",
    4212,
    states(
        (
            "Open",
            [(2, "Not Started"), (3, "In Progress"), (4, "Waiting on someone else"), (7, "Deferred")],
        ),
        ("Completed", [(5, "Completed")]),
        ("Canceled", [(6, "Canceled")]),
    ),
)
FAXES: Final = _activity("fax", "faxes", 4204, (_DIRECTION, *_LI))
CLOSES: Final = _activity(
    "opportunityclose",
    "opportunitycloses",
    4208,
    (
        Column("opportunityid", "lookup", targets=("opportunity",)),
        *of_kind("money", "actualrevenue"),
        Column("opportunitystatecode", "picklist", (Option(0, "Open"), Option(1, "Won"), Option(2, "Lost"))),
        Column("opportunitystatuscode", "picklist", (Option(3, "Won"), Option(4, "Canceled"), Option(5, "Out-Sold"))),
        *_LI,
    ),
)
MESSAGES: Final = _activity("li_message", "li_messages", 10_101, _LI, custom=True)
INMAILS: Final = _activity("li_inmail", "li_inmails", 10_102, _LI, custom=True)
VIEWED: Final = _activity(
    "li_pointdrivepresentationviewed", "li_pointdrivepresentationvieweds", 10_103, _LI, custom=True
)
PARTIES: Final = Table(
    "activityparty",
    "activityparties",
    "activitypartyid",
    (
        Column("activitypartyid", "key"),
        Column("activityid", "lookup", targets=("activitypointer",)),
        Column("partyid", "lookup", targets=("account", "contact", "lead", "systemuser")),
        Column("participationtypemask", "picklist", tuple(Option(value, label) for value, label in _ROLES)),
        *of_kind("string", "addressused"),
        yes_no("ispartydeleted"),
    ),
    code=135,
)
NOTES: Final = Table(
    "annotation",
    "annotations",
    "annotationid",
    (
        Column("annotationid", "key"),
        *of_kind("string", "subject"),
        *of_kind("memo", "notetext"),
        Column("objectid", "lookup", targets=_REGARDING),
        *of_kind("entityname", "objecttypecode"),
        yes_no("isdocument"),
        owner(),
        *stamps(),
    ),
    primary_name="subject",
    code=5,
)
ORGANISATIONS: Final = Table(
    "organization",
    "organizations",
    "organizationid",
    (
        Column("organizationid", "key"),
        *of_kind("string", "name", "fiscalperiodformatperiod", "fiscalyearformatprefix", "fiscalyearformatsuffix"),
        *of_kind("datetime", "fiscalcalendarstart", "createdon", "modifiedon"),
        *of_kind(
            "integer",
            "fiscalperiodtype",
            "fiscalyeardisplaycode",
            "fiscalyearformatyear",
            "expirechangetrackingindays",
            "languagecode",
        ),
        yes_no("isauditenabled"),
    ),
    primary_name="name",
    code=1019,
)
SOLUTIONS: Final = Table(
    "solution",
    "solutions",
    "solutionid",
    (
        Column("solutionid", "key"),
        *of_kind("string", "uniquename", "friendlyname", "version"),
        yes_no("ismanaged"),
        *of_kind("datetime", "installedon", "createdon", "modifiedon"),
    ),
    primary_name="friendlyname",
    code=7100,
    tracked=False,
)
AUDITS: Final = Table(
    "audit",
    "audits",
    "auditid",
    (
        Column("auditid", "key"),
        Column("objectid", "lookup", targets=_REGARDING),
        *of_kind("entityname", "objecttypecode"),
        Column("operation", "picklist", _OPERATIONS),
        Column("action", "picklist", (*_OPERATIONS, Option(13, "Assign"))),
        Column("userid", "lookup", targets=("systemuser",)),
        *of_kind("memo", "changedata", "attributemask"),
        *of_kind("datetime", "createdon"),
    ),
    code=4567,
    tracked=False,
)


def _empty(name: str, set_name: str, code: int, *names: str) -> Table:
    """A table that the organisation has and does not use."""
    key = f"{name}id"
    columns = (Column(key, "key"), *of_kind("string", *names), *stamps())
    return Table(name, set_name, key, columns, names[0] if names else None, code=code)


UNUSED: Final = (
    _empty("businessunit", "businessunits", 10, "name"),
    _empty("queue", "queues", 2020, "name"),
    _empty("role", "roles", 1036, "name"),
    _empty("workflow", "workflows", 4703, "name"),
)
ACTIVITIES: Final = (EMAILS, CALLS, APPOINTMENTS, TASKS, FAXES, MESSAGES, INMAILS, VIEWED)
CONTACT: Final = (*ACTIVITIES, CLOSES, PARTIES, NOTES, ORGANISATIONS, SOLUTIONS, AUDITS, *UNUSED)
