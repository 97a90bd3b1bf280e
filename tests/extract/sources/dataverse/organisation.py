"""A small Dataverse organisation, and a workspace that reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from config.load import load_config
from config.workspace import DataFolder, Workspace
from extract.demo.failures import Plan
from extract.fetch import FetchReport, fetch
from extract.load import load
from extract.sources.dataverse.emulator import (
    Column,
    Emulated,
    Limits,
    Option,
    Registration,
    Store,
    Table,
    dataverse_app,
    failing,
)
from tests.extract.certificates import certificates
from tests.extract.organisations import rows

SECRET_ENV: Final = "TEST_DATAVERSE_SECRET"
SECRET: Final = "quite-a-secret~value"
REGISTRATION: Final = Registration(secret=SECRET)
STATES: Final = (Option(0, "Open"), Option(1, "Qualified"), Option(2, "Disqualified"))
CREATED, MODIFIED = Column("createdon", "datetime"), Column("modifiedon", "datetime")
OWNER: Final = Column("ownerid", "lookup", targets=("systemuser", "team"))
LEAD: Final = Table(
    "lead",
    "leads",
    "leadid",
    (
        Column("leadid", "key"),
        Column("subject", "string"),
        Column("statecode", "state", STATES),
        Column("estimatedamount", "money"),
        Column("numberofemployees", "integer"),
        Column("budgetstatus", "picklist", (Option(0, "No budget"), Option(1, "May buy"))),
        OWNER,
        CREATED,
        MODIFIED,
        Column("bw_tier", "picklist", (Option(7, "Gold"), Option(8, "Silver")), custom=True),
        Column("bw_demo", "boolean", (Option(0, "No"), Option(1, "Yes")), custom=True),
        Column("bw_note", "string", custom=True),
    ),
    primary_name="subject",
)
ACCOUNT: Final = Table(
    "account",
    "accounts",
    "accountid",
    (Column("accountid", "key"), Column("name", "string"), CREATED, MODIFIED),
    "name",
)
USER: Final = Table(
    "systemuser",
    "systemusers",
    "systemuserid",
    (Column("systemuserid", "key"), Column("fullname", "string"), MODIFIED),
    "fullname",
)
PARTY: Final = Table(
    "activityparty",
    "activityparties",
    "activitypartyid",
    (
        Column("activitypartyid", "key"),
        Column("activityid", "lookup", targets=("email",)),
        Column("partyid", "lookup", targets=("systemuser", "lead")),
        Column("participationtypemask", "picklist", (Option(1, "Sender"), Option(2, "To Recipient"))),
    ),
)
TABLES: Final[list[dict[str, Any]]] = [
    {
        "table": "lead",
        "entity": "leads",
        "custom_columns": True,
        "also": ["budgetstatus@label"],
        "columns": {
            "lead_id": "leadid",
            "topic": "subject",
            "status": "statecode",
            "status_reason": "statecode@label",
            "owner_id": "ownerid",
            "estimated_amount": "estimatedamount",
            "employee_count": "numberofemployees",
            "created_at": "createdon",
            "modified_at": "modifiedon",
        },
        "values": {"status": {"0": "open", "1": "qualified", "2": "disqualified"}},
    },
    {
        "table": "account",
        "entity": "accounts",
        "columns": {"account_id": "accountid", "name": "name", "modified_at": "modifiedon"},
    },
    {"table": "systemuser", "entity": "users", "columns": {"user_id": "systemuserid", "name": "fullname"}},
    {
        "table": "activityparty",
        "entity": "activity_parties",
        "columns": {
            "activity_id": "activityid",
            "party_id": "partyid",
            "party_entity": "partyid@type",
            "role": "participationtypemask",
        },
        "values": {"role": {"1": "sender", "2": "to"}, "party_entity": {"systemuser": "user", "lead": "lead"}},
    },
]


def key(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def organisation(leads: int = 12, tables: Sequence[Table] = ()) -> Store:
    store = Store((LEAD, ACCOUNT, USER, PARTY, *tables))
    store.track("account", False)
    for number in (901, 902):
        store.insert("systemuser", {"systemuserid": key(number), "fullname": f"Seller {number}"})
    for number in range(1, leads + 1):
        lead = {
            "leadid": key(number),
            "subject": f"Topic {number}",
            "statecode": 0,
            "ownerid": ("systemuser", key(901)),
        }
        more = {"estimatedamount": 10.5 * number, "budgetstatus": number % 2, "bw_tier": 7, "bw_demo": True}
        store.insert("lead", lead | more)
    for number in (501, 502):
        store.insert("account", {"accountid": key(number), "name": f"Company {number}"})
    for number in (1, 2):
        store.insert(
            "activityparty",
            {
                "activitypartyid": key(700 + number),
                "activityid": ("email", key(600)),
                "partyid": ("systemuser", key(900 + number)),
                "participationtypemask": number,
            },
        )
    return store


def settings_of(service: Emulated) -> dict[str, Any]:
    """``sources/dataverse.yml`` that reads the small organisation."""
    return {
        "enabled": True,
        "url": service.url,
        "authority": service.url,
        "tenant_id": REGISTRATION.tenant,
        "client_id": REGISTRATION.client_id,
        "client_secret_env": SECRET_ENV,
        "ca_file": str(service.ca_file),
        "page_size": 5,
        "terms": {"accepted_by": "A. Admin", "accepted_on": "2026-06-01"},
        "tables": TABLES,
    }


@dataclass
class Organisation:
    """A store that is served, and the workspace that reads it."""

    folder: Path
    store: Store
    service: Emulated
    app: Any
    happened: list[Any]
    tables: Sequence[dict[str, Any]] = tuple(TABLES)

    def settings(self, **changes: Any) -> dict[str, Any]:
        return settings_of(self.service) | {"tables": list(self.tables)} | changes

    def workspace(self, name: str = "data", **changes: Any) -> Workspace:
        folder = self.folder / "config"
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        about = {"name": "Test", "currency": "EUR", "as_of": "2026-06-30", "time_zone": "UTC"}
        (folder / "organisation.yml").write_text(yaml.safe_dump(about))
        (folder / "sources" / "dataverse.yml").write_text(yaml.safe_dump(self.settings(**changes), sort_keys=False))
        return Workspace(load_config(folder), DataFolder(self.folder / name), self.folder)

    def a_day(self, as_of: str = "2026-06-30", name: str = "data", **changes: Any) -> FetchReport:
        workspace = self.workspace(name, **changes)
        report = fetch(workspace, "dataverse", as_of=as_of)
        load(workspace, as_of=as_of)
        return report

    def rows(self, query: str, name: str = "data") -> list[tuple[Any, ...]]:
        return rows(self.workspace(name), query)

    def latest(self, columns: str, entity: str = "leads", name: str = "data") -> list[tuple[Any, ...]]:
        """The last row of every record, deleted ones left out, in order."""
        keys = {"leads": "lead_id", "accounts": "account_id", "users": "user_id"}
        query = f"""
            select {columns}
            from (
                select raw.*, row_number() over (
                    partition by {keys.get(entity, "activity_id, party_id, role")}
                    order by batch_number desc, _row_number desc
                ) as place
                from raw.dataverse__{entity} as raw join raw.batches on _batch_id = batch_id
            )
            where place = 1 and not _deleted
            order by all
        """
        return self.rows(query, name)


def started(store: Store, plan: Plan | None = None, **limits: Any) -> tuple[Emulated, Any, list[Any]]:
    app = dataverse_app(store, REGISTRATION, Limits(**limits))
    if plan is None:
        return Emulated(app, certificates=certificates()), app, []
    failed = failing(app, plan)
    return Emulated(failed, certificates=certificates()), app, failed.happened


def packaged_keys(report: FetchReport) -> Mapping[str, tuple[int, int]]:
    """Stream to rows read and quarantined."""
    return {file.file: (file.rows_read, file.rows_quarantined) for file in report.fetched.read}
