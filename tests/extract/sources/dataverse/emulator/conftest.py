"""A tiny organisation that a test can change as it likes, and a reader of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from extract.sources.dataverse.emulator import Clock, Column, Option, Store, Table, dataverse_app
from tests.extract.in_process import in_process

HOST = "https://brightwater.crm4.dynamics.example"
API = f"{HOST}/api/data/v9.2"
USERS = Table(
    "systemuser",
    "systemusers",
    "systemuserid",
    (Column("systemuserid", "key"), Column("fullname", "string"), Column("modifiedon", "datetime")),
    primary_name="fullname",
    code=8,
)
LEADS = Table(
    "lead",
    "leads",
    "leadid",
    (
        Column("leadid", "key"),
        Column("subject", "string"),
        Column("statecode", "state", (Option(0, "Open"), Option(1, "Qualified"))),
        Column("statuscode", "status", (Option(1, "New", 0), Option(3, "Qualified", 1))),
        Column("merged", "boolean", (Option(0, "No"), Option(1, "Yes"))),
        Column("masterid", "lookup", targets=("lead",)),
        Column("ownerid", "lookup", targets=("systemuser",)),
        Column("estimatedamount", "money"),
        Column("bw_size", "picklist", (Option(717_240_000, "Big"),), custom=True),
        Column("bw_day", "date", custom=True),
        Column("createdon", "datetime"),
        Column("modifiedon", "datetime"),
    ),
    primary_name="subject",
    code=4,
)
TASKS = Table(
    "task",
    "tasks",
    "activityid",
    (
        Column("activityid", "key"),
        Column("regardingobjectid", "lookup", targets=("lead",)),
        Column("modifiedon", "datetime"),
    ),
    code=4212,
)


@pytest.fixture
def store() -> Store:
    """Two users and no leads."""
    made = Store([USERS, LEADS, TASKS], Clock(datetime(2026, 6, 30, 12)))
    made.insert("systemuser", {"systemuserid": user(1), "fullname": "Olga Fischer"})
    made.insert("systemuser", {"systemuserid": user(2), "fullname": 'Jan "JJ" Roth'})
    return made


def user(number: int) -> str:
    """The key of a user."""
    return f"05e20000-0000-4000-8000-{number:012d}"


def lead(number: int) -> str:
    """The key of a lead."""
    return f"1ead0000-0000-4000-8000-{number:012d}"


def add_leads(store: Store, count: int) -> list[str]:
    """So many more leads."""
    before = len(store.keys("lead"))
    return [
        store.insert("lead", {"leadid": lead(before + n), "subject": f"Lead {n}", "ownerid": user(1), "statecode": 0})
        for n in range(count)
    ]


@pytest.fixture
def app(store: Store) -> Starlette:
    """The service over the store."""
    return dataverse_app(store)


@pytest.fixture
def reader(app: Starlette) -> Iterator[Reader]:
    """A reader with a token."""
    with in_process(app, HOST) as client:
        yield Reader(client, app)


class Reader:
    """Asks the service and follows its links."""

    def __init__(self, client: httpx.Client, app: Any) -> None:
        self.client = client
        self.app = app
        self.sign_in()

    def sign_in(self) -> None:
        """A new token."""
        self.client.headers["Authorization"] = f"Bearer {self.token().json()['access_token']}"

    def token(self, tenant: str | None = None, **form: str) -> Any:
        """The answer to a request for a token."""
        known = self.app.state.identity.registration
        right = {
            "grant_type": "client_credentials",
            "client_id": known.client_id,
            "client_secret": known.secret,
            "scope": f"{HOST}/.default",
        }
        return self.client.post(f"/{tenant or known.tenant}/oauth2/v2.0/token", data=right | form)

    def get(self, question: str, prefer: str = "") -> Any:
        """An answer."""
        address = question if question.startswith("https:") else f"{API}/{question}"
        return self.client.get(address, headers={"Prefer": prefer} if prefer else {})

    def pages(self, question: str, prefer: str = "") -> list[dict[str, Any]]:
        """All pages."""
        found = [self.get(question, prefer).json()]
        while "@odata.nextLink" in found[-1]:
            found.append(self.get(found[-1]["@odata.nextLink"], prefer).json())
        return found

    def items(self, question: str, prefer: str = "") -> list[dict[str, Any]]:
        """All items of all pages."""
        return [item for page in self.pages(question, prefer) for item in page["value"]]
