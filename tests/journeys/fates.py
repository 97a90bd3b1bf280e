"""A small Dataverse organisation to which things happen over ten days, and what was built of it before and after."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final, Self

import duckdb

from config.workspace import Workspace
from extract.sources.dataverse.emulator import Store
from extract.sources.dataverse.emulator.clock import Clock
from extract.sources.dataverse.emulator.demo import contact, sales
from tests.extract.sources.dataverse.demo import a_day, shipped, workspace_of
from tests.extract.sources.dataverse.organisation import REGISTRATION, SECRET_ENV, key, started
from tests.layers import build_tables

BEFORE, CHANGED, SNAPSHOT, AFTER = date(2024, 9, 16), date(2024, 9, 17), date(2024, 9, 23), date(2024, 9, 26)
"""Read first; changed and read again; records of BEFORE are seven days old; read last, nine days after CHANGED."""
OLD_COLUMN, NEW_COLUMN = "bw_closing_remark_code", "bw_remark"
ADA, BEN = key(901), key(902)
GONE, GONE_UNSEEN, MOVED, MOVED_UNSEEN, LOSER, WINNER, PLAIN = map(key, range(1, 8))
DEAL_GONE, DEAL_GONE_UNSEEN, DEAL_MOVED, DEAL_OF_LOSER = map(key, range(11, 15))
COMPANY, MAIL = key(501), key(601)
STORED: Final = (
    "features.feat_lead",
    "features.feat_opportunity",
    "features.label_lead",
    "features.label_opportunity",
    "intermediate.int_leads_known",
    "intermediate.int_opportunities_known",
    "intermediate.int_account_deals_counted",
    "intermediate.int_lead_activities_counted",
    "intermediate.int_lead_peers_measured",
    "intermediate.int_opportunity_peers_measured",
)
_READ: Final = ("lead", "opportunity", "account", "systemuser", "email")
Rows = dict[str, list[dict[str, Any]]]


def organisation() -> Store:
    """Seven leads and four deals of one company, all Ada's, all made in the morning; a mail about one of the leads."""
    tables = [table for table in (*sales.SALES, *contact.CONTACT) if not table.name.startswith("li_")]
    store = Store(tables, Clock(datetime.combine(BEFORE, time(23), UTC)))
    morning, noon = (datetime.combine(BEFORE, time(hour)) for hour in (8, 12))
    stamps = {"createdon": morning, "modifiedon": morning}
    for user, name in ((ADA, "Ada"), (BEN, "Ben")):
        store.insert("systemuser", {"systemuserid": user, "fullname": name, **stamps})
    store.insert("account", {"accountid": COMPANY, "name": "Company", **stamps})
    theirs = {"ownerid": ("systemuser", ADA), "statecode": 0, "statuscode": 1, **stamps}
    for lead in (GONE, GONE_UNSEEN, MOVED, MOVED_UNSEEN, LOSER, WINNER, PLAIN):
        store.insert("lead", {"leadid": lead, "subject": "A lead", "merged": False, OLD_COLUMN: "R7", **theirs})
    for deal in (DEAL_GONE, DEAL_GONE_UNSEEN, DEAL_MOVED, DEAL_OF_LOSER):
        origin = ("lead", LOSER) if deal == DEAL_OF_LOSER else None
        asked: dict[str, Any] = {"parentaccountid": ("account", COMPANY), "originatingleadid": origin}
        store.insert("opportunity", {"opportunityid": deal, "name": "A deal", **asked, **theirs})
    mail = {"activityid": MAIL, "subject": "Hello", "regardingobjectid": ("lead", LOSER), "directioncode": True}
    store.insert("email", {**mail, "ownerid": ("systemuser", ADA), "statecode": 1, "actualend": noon, **stamps})
    return store


def happen(store: Store) -> None:
    """All that is read while the delta links are good."""
    store.delete("lead", GONE)
    store.delete("opportunity", DEAL_GONE)
    store.merge("lead", LOSER, WINNER)
    for table, record in (("lead", MOVED), ("opportunity", DEAL_MOVED)):
        store.update(table, record, {"ownerid": ("systemuser", BEN)})
    store.rename_column("lead", OLD_COLUMN, NEW_COLUMN)


def happen_unseen(store: Store) -> None:
    """What is only read after the delta links have expired."""
    store.delete("lead", GONE_UNSEEN)
    store.delete("opportunity", DEAL_GONE_UNSEEN)
    store.update("lead", MOVED_UNSEEN, {"ownerid": ("systemuser", BEN)})


@dataclass
class Fates:
    """What was stored on the first day, what is built of that day again in the end, what is there on the last day."""

    workspace: Workspace
    before: Rows
    before_again: Rows
    after: Rows
    expired: list[str]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.workspace.data.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def versions(self, table: str, record: str, columns: str) -> list[tuple[Any, ...]]:
        """Versions of a record in its history table, in order: the last day of the time in which each was known."""
        entity = {"hist_leads": "lead_id", "hist_opportunities": "opportunity_id", "hist_activities": "activity_id"}[
            table
        ]
        until = "cast(nullif(known_to, timestamp '9999-12-31') as date)"
        query = f"select {columns}, is_deleted, {until} from history.{table} where {entity} = '{record}'"
        return self.rows(f"{query} order by version_number")


def live_through(folder: Path) -> Fates:
    """Read the organisation on three days and build it; in the end build the first day again, of all that is known."""
    store = organisation()
    service, _, _ = started(store)
    with service:
        workspace = workspace_of(
            folder,
            {
                "enabled": True,
                "url": service.url,
                "authority": service.url,
                "tenant_id": REGISTRATION.tenant,
                "client_id": REGISTRATION.client_id,
                "client_secret_env": SECRET_ENV,
                "ca_file": str(service.ca_file),
                "terms": {"accepted_by": "A. Admin", "accepted_on": "2024-01-01"},
                "tables": [table for table in shipped()["tables"] if table["table"] in _READ],
            },
        )
        a_day(workspace, "dataverse", BEFORE)
        before = _built(workspace, BEFORE, "staging", "history", "intermediate", "features")
        store.clock.put_forward(CHANGED - BEFORE)
        happen(store)
        a_day(workspace, "dataverse", CHANGED)
        store.clock.put_forward(AFTER - CHANGED)
        happen_unseen(store)
        with _Listening() as listening:
            a_day(workspace, "dataverse", AFTER)
    again = _built(workspace, BEFORE, "history", "intermediate", "features")  # staging is made of views
    after = _built(workspace, AFTER, "intermediate", "features")  # the layers before know no as-of day
    return Fates(workspace, before, again, after, listening.expired)


def _built(workspace: Workspace, day: date, *layers: str) -> Rows:
    build_tables(workspace, *layers, as_of=day)
    with duckdb.connect(str(workspace.data.warehouse), read_only=True) as connection:
        return {name: _rows(connection.execute(f"select * from {name} order by all")) for name in STORED}


def _rows(found: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


class _Listening(logging.Handler):
    """The tables whose delta links have expired, from the log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.expired: list[str] = []
        self._log = logging.getLogger("extract.sources.dataverse.read")

    def emit(self, record: logging.LogRecord) -> None:
        if "delta token has expired" in record.getMessage():
            self.expired.append(record.getMessage().partition(":")[0])

    def __enter__(self) -> Self:
        self._log.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._log.removeHandler(self)
