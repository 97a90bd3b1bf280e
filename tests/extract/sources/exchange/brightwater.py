"""A small tenant, and what the tests of the Exchange source ask of a workspace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import yaml

from config.load import load_config
from config.workspace import DataFolder, Workspace
from extract.fetch import FetchReport, fetch
from extract.load import load
from extract.sources.exchange.emulator.app import Emulator
from extract.sources.exchange.emulator.mailboxes import Mailbox, Tenant
from extract.sources.exchange.emulator.service import Asked

ANN, BEN, EVE = (f"{name}@brightwater.example" for name in ("ann", "ben", "eve"))
CARL, DORA = "carl@customer.example", "dora@customer.example"
DAY = date(2026, 6, 30)
SECRET = "open sesame"


def at(days_ago: int, hour: int = 10) -> datetime:
    """An hour of a day before the as-of day."""
    return datetime.combine(DAY - timedelta(days=days_ago), time(hour), UTC)


@dataclass
class Brightwater:
    """The tenant, its emulator, and a workspace that reads it."""

    tenant: Tenant
    emulator: Emulator
    folder: Path
    service: Any
    day: date = DAY

    @property
    def log(self) -> list[Asked]:
        return self.emulator.log

    def mailbox(self, address: str) -> Mailbox:
        return self.tenant.mailboxes[address]

    def workspace(self, *, data: str = "data", **settings: Any) -> Workspace:
        """A workspace with these settings besides the usual ones."""
        people = settings.pop("people", {"who": "group", "groups": ["sales"]})
        told = {
            "enabled": True,
            "consent": {"accepted_by": "Jane Roe", "accepted_on": "2026-06-01", "terms": "Works agreement"},
            "tenant_id": "brightwater",
            "client_id": "sales-insights",
            "client_secret_env": "EXCHANGE_CLIENT_SECRET",
            "domains": ["brightwater.example"],
            "people": people,
            "graph_address": self.service.url,
            "login_address": self.service.url,
            "ca_file": str(self.service.ca_file),
        }
        folder = self.folder / "config"
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        (folder / "organisation.yml").write_text(yaml.safe_dump({"name": "Test", "currency": "EUR"}))
        (folder / "sources" / "exchange.yml").write_text(yaml.safe_dump(told | settings, sort_keys=False))
        return Workspace(load_config(folder), DataFolder(self.folder / data), self.folder / "input")

    def fetch(self, **settings: Any) -> FetchReport:
        return fetch(self.workspace(**settings), "exchange", as_of=self.day)

    def load(self, **settings: Any) -> None:
        load(self.workspace(**settings), as_of=self.day)

    def a_day(self, days: int = 0, **settings: Any) -> FetchReport:
        """Fetch and load, some days later than the last time."""
        self.day += timedelta(days=days)
        report = self.fetch(**settings)
        self.load(**settings)
        return report

    def rows(self, query: str, data: str = "data") -> list[tuple[Any, ...]]:
        """What a query finds in the warehouse."""
        with duckdb.connect(str(self.folder / data / "warehouse" / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def activities(self, data: str = "data") -> list[dict[str, Any]]:
        """The last row of every activity that is not deleted, in order of time."""
        names = ("activity_id", "type", "direction", "status", "subject", "occurred_at", "duration_minutes", "custom")
        found = self.rows(
            f"select {', '.join(names)} from (select *, row_number() over (partition by activity_id order by "
            "batch_number desc) as n from raw.exchange__activities join raw.batches on batch_id = _batch_id) "
            "where n = 1 and not _deleted order by occurred_at, activity_id",
            data,
        )
        return [dict(zip(names, row, strict=True)) for row in found]

    def parties(self, data: str = "data") -> list[tuple[str, str]]:
        """Address and role of everybody who takes part in an activity that is there."""
        return self.rows(
            "select party_id, role from (select *, row_number() over (partition by activity_id, party_id, role order "
            "by batch_number desc) as n from raw.exchange__activity_parties join raw.batches on batch_id = _batch_id) "
            "where n = 1 and not _deleted order by activity_id, role, party_id",
            data,
        )

    def asked_for(self, address: str) -> list[str]:
        """The paths that were asked of one mailbox."""
        return [asked.path for asked in self.log if asked.mailbox == address]


def packaged_files(folder: Path) -> Iterable[Path]:
    """Everything that a fetch has left on disk."""
    return (path for path in folder.rglob("*") if path.is_file())
