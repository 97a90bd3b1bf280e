"""What ``check-source linkedin`` finds, and that no message is told twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.load import DEFAULTS, load_config
from config.workspace import DataFolder, Workspace
from extract.check_source import check_source
from extract.demo.emulated import Emulated
from extract.demo.failures import Failing, Plan, Rates
from extract.fetch import fetch
from extract.load import load
from extract.sources.linkedin.emulator import ExportJobs
from extract.sources.linkedin.emulator.troubles import TROUBLES
from warehouse.connection import open_warehouse

TOKEN = "a-token"
TERMS = {"accepted_by": "A. Admin", "accepted_on": "2026-06-01"}
ROWS = [
    ("a1", "INMAIL_SENT", "06-29-2026 08:15:00", "7", "m1"),
    ("a2", "CONNECTION_MADE", "06-29-2026 23:59:59", "7", "m2"),
    ("a3", "CONNECTION_MADE", "07-01-2026 00:00:00", "7", "m3"),
]
ONLY_CONNECTIONS = {"types": ["CONNECTION_MADE"], "seats": {"7": "U7"}}


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKEDIN_ACCESS_TOKEN", TOKEN)


@pytest.fixture
def service() -> Iterator[Emulated]:
    with Emulated(ExportJobs(ROWS, TOKEN).app) as started:
        yield started


def api(service: Emulated) -> dict[str, Any]:
    address = {"address": f"{service.url}/v2", "ca_file": str(service.ca_file), "poll_seconds": 0.01}
    return {"enabled": True, "contract": "urn:li:contract:1", "terms": TERMS} | address


def workspace_of(folder: Path, linkedin: dict[str, Any], *, with_dataverse: bool = False) -> Workspace:
    config = folder / "config"
    (config / "sources").mkdir(parents=True)
    (config / "organisation.yml").write_text(yaml.safe_dump({"name": "T", "currency": "EUR", "as_of": "2026-06-30"}))
    (config / "sources" / "linkedin.yml").write_text(yaml.safe_dump(linkedin))
    if with_dataverse:
        shipped = yaml.safe_load((DEFAULTS / "sources" / "dataverse.yml").read_text())
        where = {"url": "https://x.example", "tenant_id": "t", "client_id": "c", "terms": TERMS, "enabled": True}
        (config / "sources" / "dataverse.yml").write_text(yaml.safe_dump(shipped | where))
    return Workspace(load_config(config), DataFolder(folder / "data"), folder)


def found(workspace: Workspace) -> dict[str, tuple[str, str]]:
    return {one.what: (one.state, one.remark) for one in check_source(workspace, "linkedin").findings}


def test_a_contract_that_lets_us_in(tmp_path: Path, service: Emulated) -> None:
    told = found(workspace_of(tmp_path, api(service) | ONLY_CONNECTIONS, with_dataverse=True))
    assert {state for state, _ in told.values()} == {"ok"}
    assert told["seats"] == ("ok", "1 seats are users")


def test_what_fails_says_what_to_do(tmp_path: Path, service: Emulated, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = workspace_of(tmp_path, api(service), with_dataverse=True)
    told = found(workspace)
    assert told["told once"][0] == "failed"
    assert "li_inmail and li_message" in told["told once"][1]
    assert "Set types: [CONNECTION_MADE]" in told["told once"][1]
    assert "List them under 'seats'" in told["seats"][1]
    monkeypatch.setenv("LINKEDIN_ACCESS_TOKEN", "another")
    assert "Renew the access token" in found(workspace)["exports"][1]
    monkeypatch.delenv("LINKEDIN_ACCESS_TOKEN")
    assert "LINKEDIN_ACCESS_TOKEN is empty" in found(workspace)["exports"][1]


def test_a_folder_without_exports_and_one_that_is_not_there(tmp_path: Path) -> None:
    told = {"enabled": True, "terms": TERMS, "folder": str(tmp_path)}
    assert "activity export" in found(workspace_of(tmp_path / "one", told))["exports"][1]
    told["folder"] = str(tmp_path / "nowhere")
    assert "there is no such folder" in found(workspace_of(tmp_path / "two", told))["exports"][1]


def test_switched_off_it_lacks_terms_and_exports(tmp_path: Path) -> None:
    told = found(workspace_of(tmp_path, {"enabled": False}))
    assert [told[what][0] for what in ("terms", "exports")] == ["failed", "failed"]


def activities(workspace: Workspace) -> list[str]:
    with open_warehouse(workspace) as connection:
        rows = connection.execute("select activity_id from raw.linkedin__activities order by all").fetchall()
    return [key for (key,) in rows]


@pytest.mark.parametrize("rates", [Rates(truncated=0.6), Rates(dropped=0.5), Rates(html=0.4, throttled=0.2)])
def test_half_an_export_is_none(tmp_path: Path, rates: Rates) -> None:
    app = ExportJobs(ROWS, TOKEN).app
    failing = Failing(app, Plan(7, rates, retry_after_s=0), TROUBLES)
    with Emulated(failing) as service:
        workspace = workspace_of(tmp_path, api(service) | ONLY_CONNECTIONS)
        assert fetch(workspace, "linkedin").fetched.problems == ()
        load(workspace)
    assert "/downloads/1" in {path for path, _ in failing.happened}
    assert activities(workspace) == ["linkedin-a2"], "an InMail is not taken, nor what the day has not seen yet"
