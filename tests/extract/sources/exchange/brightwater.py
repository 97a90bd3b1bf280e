"""A small tenant, and what the tests of the Exchange source ask of a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from config.load import load_config
from config.workspace import DataFolder, Workspace
from extract.demo.emulated import Emulated
from extract.fetch import FetchReport, fetch
from extract.load import load
from extract.sources.exchange.emulator.app import Emulator
from extract.sources.exchange.emulator.mailboxes import Mailbox, Tenant
from extract.sources.exchange.emulator.service import Asked
from tests.extract.certificates import certificates

ANN, BEN, EVE = (f"{name}@brightwater.example" for name in ("ann", "ben", "eve"))
CARL, DORA = "carl@customer.example", "dora@customer.example"
DAY = date(2026, 6, 30)
SECRET = "open sesame"


def at(days_ago: int, hour: int = 10) -> datetime:
    """An hour of a day before the as-of day."""
    return datetime.combine(DAY - timedelta(days=days_ago), time(hour), UTC)


def settings_of(service: Any) -> dict[str, Any]:
    """``sources/exchange.yml`` that reads the tenant."""
    return {
        "enabled": True,
        "consent": {"accepted_by": "Jane Roe", "accepted_on": "2026-06-01", "terms": "Works agreement"},
        "tenant_id": "brightwater",
        "client_id": "sales-insights",
        "client_secret_env": "EXCHANGE_CLIENT_SECRET",
        "domains": ["brightwater.example"],
        "people": {"who": "group", "groups": ["sales"]},
        "graph_address": service.url,
        "login_address": service.url,
        "ca_file": str(service.ca_file),
    }


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
        folder = self.folder / "config"
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        (folder / "organisation.yml").write_text(yaml.safe_dump({"name": "Test", "currency": "EUR"}))
        (folder / "sources" / "exchange.yml").write_text(
            yaml.safe_dump(settings_of(self.service) | settings, sort_keys=False)
        )
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

    def parties(self, activity: str = "", data: str = "data") -> list[tuple[str, str]]:
        """Address and role of everybody who takes part in an activity that is there, or in one of them."""
        of_one = f"and activity_id = '{activity}' " if activity else ""
        return self.rows(
            "select party_id, role from (select *, row_number() over (partition by activity_id, party_id, role order "
            "by batch_number desc) as n from raw.exchange__activity_parties join raw.batches on batch_id = _batch_id) "
            f"where n = 1 and not _deleted {of_one}order by activity_id, role, party_id",
            data,
        )

    def asked_for(self, address: str) -> list[str]:
        """The paths that were asked of one mailbox."""
        return [asked.path for asked in self.log if asked.mailbox == address]


@contextmanager
def brightwater(folder: Path) -> Iterator[Brightwater]:
    """The tenant, served: Ann and Ben sell; Eve is on the works council."""
    tenant = Tenant()
    tenant.hire(ANN, "sales")
    tenant.hire(BEN, "sales")
    tenant.hire(EVE, "sales", "council")
    emulator = Emulator(tenant)
    with pytest.MonkeyPatch.context() as patch, Emulated(emulator.app, certificates=certificates()) as service:
        patch.setenv("EXCHANGE_CLIENT_SECRET", SECRET)
        yield Brightwater(tenant, emulator, folder, service)
