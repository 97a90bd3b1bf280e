"""The DAG itself: what fails stops its own lane only, and the run says what is missing, of which source, since when."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from config.workspace import Workspace
from tests.dags.running import ran
from tests.extract.organisations import GOOD, LEADS, a_day, put, rows

ACCOUNTS: Final = {"entity": "accounts", "files": "accounts.csv", "columns": {"account_id": "id"}}
FILES: Final = {"enabled": True, "tables": [LEADS, ACCOUNTS]}
DATAVERSE: Final[dict[str, Any]] = {
    "enabled": True,
    "url": "https://127.0.0.1:9",
    "tenant_id": "brightwater",
    "client_id": "sales-insights",
    "ca_file": "nowhere.pem",
    "terms": {"accepted_by": "A. Admin", "accepted_on": "2026-06-01"},
    "tables": [{"table": "lead", "entity": "leads", "columns": {"lead_id": "leadid"}}],
}
YESTERDAY, TODAY = "2026-06-29", "2026-06-30"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The organisation of the environment, as Airflow opens it: a source that cannot be read, and one that can."""
    for name in ("config", "data", "input"):
        monkeypatch.setenv(f"SALES_INSIGHTS_{name.upper()}", str(tmp_path / name))
    (tmp_path / "input").mkdir()
    sources = tmp_path / "config" / "sources"
    sources.mkdir(parents=True)
    for source, settings in (("dataverse", DATAVERSE), ("files", FILES)):
        (sources / f"{source}.yml").write_text(yaml.safe_dump(settings))
    return Workspace.open()


def test_a_source_that_cannot_be_read_and_a_file_that_is_missing(workspace: Workspace, tmp_path: Path) -> None:
    put(workspace, "id\nA1\n", "accounts.csv")
    a_day(workspace, YESTERDAY)
    put(workspace, GOOD)
    (workspace.input_folder / "accounts.csv").unlink()
    run = ran("ingest_daily", TODAY, tmp_path / "airflow", done="^check$")
    assert run["state"] == "failed"
    assert run["tasks"] == {
        **dict.fromkeys(("sources", "check_source[1]", "fetch[1]", "load", "check"), "success"),
        **dict.fromkeys(("check_source[0]", "missing"), "failed"),
        "fetch[0]": "upstream_failed",
    }
    first, of_dataverse, of_files = run["told"]["missing"]
    assert first.startswith(f"{TODAY}: 2 missing from today's data, of dataverse, files.")
    assert of_dataverse.startswith("dataverse, all of it: never read. dataverse cannot be read. address: ca_file:")
    assert of_files.startswith(f"files, accounts.csv: last read for {YESTERDAY}, at ")
    assert rows(workspace, "select count(*) from raw.files__leads") == [(2,)]
