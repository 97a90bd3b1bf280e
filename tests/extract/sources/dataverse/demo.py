"""The demo organisation, served, and workspaces that read it: with the shipped mapping, or from its export."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from config.load import DEFAULTS, load_config
from config.workspace import DataFolder, Workspace
from extract.demo.failures import Plan
from extract.fetch import FetchReport, fetch
from extract.load import load
from extract.sources.dataverse.emulator.demo import DemoOrganisation
from tests.extract.sources.dataverse.organisation import REGISTRATION, SECRET_ENV, started

ABOUT: Final = {"name": "Brightwater Instruments", "currency": "EUR", "as_of": "2026-06-30", "time_zone": "UTC"}


def shipped() -> dict[str, Any]:
    """The settings as they are shipped."""
    settings: dict[str, Any] = yaml.safe_load((DEFAULTS / "sources" / "dataverse.yml").read_text())
    return settings


def workspace_of(folder: Path, settings: dict[str, Any]) -> Workspace:
    """A workspace with settings of ``dataverse`` put over the shipped ones."""
    (folder / "config" / "sources").mkdir(parents=True)
    (folder / "config" / "organisation.yml").write_text(yaml.safe_dump(ABOUT))
    told = yaml.safe_dump(shipped() | settings, sort_keys=False)
    (folder / "config" / "sources" / "dataverse.yml").write_text(told)
    return Workspace(load_config(folder / "config"), DataFolder(folder / "data"), folder / "input")


@contextmanager
def served(
    organisation: DemoOrganisation, folder: Path, plan: Plan | None = None, **changes: Any
) -> Iterator[Workspace]:
    """The organisation, with failures if there is a plan, and a workspace with the shipped mapping that reads it."""
    service, _, _ = started(organisation.store, plan)
    with service:
        settings = {
            "enabled": True,
            "url": service.url,
            "authority": service.url,
            "tenant_id": REGISTRATION.tenant,
            "client_id": REGISTRATION.client_id,
            "client_secret_env": SECRET_ENV,
            "ca_file": str(service.ca_file),
            "terms": {"accepted_by": "A. Admin", "accepted_on": "2024-01-01"},
        }
        yield workspace_of(folder, settings | changes)


def a_day(workspace: Workspace, source: str, day: date) -> FetchReport:
    """Fetch one source and load it."""
    report = fetch(workspace, source, as_of=day)
    load(workspace, as_of=day)
    return report
