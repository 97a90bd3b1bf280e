"""Any OData v4 service is a source: the tables of a server that nobody here wrote, with its own paging."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest
import yaml

from config.errors import ConfigError, SourceRefused
from config.load import load_config
from config.workspace import DataFolder, Workspace
from extract.check_source import check_source
from extract.demo.emulated import Emulated
from extract.fetch import FetchReport, fetch
from extract.load import load
from tests.extract.sources.dataverse.organisation import packaged_keys
from tests.extract.sources.dataverse.stranger import COUNT, START, Stranger, prospect

FIRST, SECOND, LATER = "2026-06-30", "2026-07-01", "2026-07-08"
PROSPECTS: Final = {
    "table": "Prospects",
    "entity": "leads",
    "cursor": "TouchedAt",
    "also": ["Warm"],
    "columns": {
        "lead_id": "Id",
        "topic": "Title",
        "status": "State",
        "estimated_amount": "Worth",
        "employee_count": "Heads",
        "created_at": "MadeAt",
        "modified_at": "TouchedAt",
    },
    "values": {"status": {"new": "open", "won": "qualified"}},
}
FIRMS: Final = {"table": "Firms", "entity": "accounts", "columns": {"account_id": "No", "name": "Name"}}


def workspace(folder: Path, url: str, **changes: Any) -> Workspace:
    config = folder / "config"
    (config / "sources").mkdir(parents=True, exist_ok=True)
    about = {"name": "Farm", "currency": "EUR", "as_of": FIRST, "time_zone": "UTC"}
    settings = {
        "service": "odata",
        "auth": "none",
        "url": url,
        "terms": {"accepted_by": "A. Admin", "accepted_on": FIRST},
        "tables": [PROSPECTS, FIRMS],
    }
    (config / "organisation.yml").write_text(yaml.safe_dump(about))
    (config / "sources" / "dataverse.yml").write_text(yaml.safe_dump(settings | changes))
    return Workspace(load_config(config), DataFolder(folder / "data"), folder)


@dataclass
class Reading:
    """The stranger as it is served, and the workspaces that read it."""

    folder: Path
    stranger: Stranger
    service: Emulated

    def workspace(self, **changes: Any) -> Workspace:
        url = f"{self.service.url}/odata/"
        return workspace(self.folder, **{"url": url, "ca_file": str(self.service.ca_file)} | changes)

    def a_day(self, day: str = FIRST, **changes: Any) -> FetchReport:
        workspace = self.workspace(**changes)
        report = fetch(workspace, "dataverse", as_of=day)
        load(workspace, as_of=day)
        return report

    def pages(self) -> int:
        """How often rows of the prospects were asked for since the last time."""
        count = sum("/Prospects" in asked for asked in self.stranger.asked)
        self.stranger.asked.clear()
        return count

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.workspace().data.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def stranger() -> Stranger:
    return Stranger()


@pytest.fixture(scope="module")
def served(stranger: Stranger) -> Iterator[Emulated]:
    with Emulated(stranger.app) as service:
        yield service


@pytest.fixture
def reading(tmp_path: Path, stranger: Stranger, served: Emulated) -> Reading:
    stranger.fill()
    return Reading(tmp_path, stranger, served)


def test_its_tables_day_by_day(reading: Reading) -> None:
    data, topics = reading.stranger.data, "select topic from raw.dataverse__leads where lead_id = 'P003' order by all"
    assert packaged_keys(reading.a_day()) == {"Prospects": (COUNT, 0), "Firms": (2, 0)}
    assert reading.pages() == 3
    columns = "lead_id, topic, status, estimated_amount, employee_count, created_at, custom"
    made = (START + timedelta(hours=7)).replace(tzinfo=None)
    assert reading.rows(f"select {columns} from raw.dataverse__leads where lead_id = 'P007'") == [
        ("P007", "Topic «7», 'quoted'", "qualified", 73.5, 7, made, '{"Warm": "false"}')
    ]
    data.prospects.update_one({"Id": "P003"}, {"$set": {"Title": "Changed", "TouchedAt": START + timedelta(days=29)}})
    data.prospects.delete_one({"Id": "P004"})
    data.prospects.insert_one(prospect(COUNT) | {"TouchedAt": START + timedelta(days=29, hours=1)})
    data.firms.delete_one({"No": 2})
    assert packaged_keys(reading.a_day(SECOND)) == {"Prospects": (2, 0), "Firms": (1, 0)}
    assert reading.pages() == 1
    assert reading.rows(topics) == [("Changed",), ("Topic «3», 'quoted'",)]
    assert reading.rows("select account_id from raw.dataverse__accounts where _deleted") == [("2",)]
    assert reading.rows("select count(*) from raw.dataverse__leads where _deleted") == [(0,)]
    assert packaged_keys(reading.a_day(LATER)) == {"Prospects": (1, 0)}
    assert reading.pages() == 3
    assert reading.rows("select lead_id from raw.dataverse__leads where _deleted") == [("P004",)]
    assert reading.a_day(LATER).fetched.read == ()


def test_what_it_lacks_is_told_and_the_rest_is_read(reading: Reading) -> None:
    tables = [
        FIRMS,
        {**PROSPECTS, "table": "Prospect"},
        {**PROSPECTS, "cursor": "TochedAt"},
        {"table": "Firms", "entity": "leads", "columns": {"lead_id": "No"}, "cursor": "Name"},
        {"table": "Firms", "entity": "contacts", "columns": {"contact_id": "No", "email": "Mail"}},
        {"table": "Prospects", "entity": "notes", "columns": {"note_id": "Id", "body": "Tags"}},
    ]
    report = reading.a_day(tables=tables)
    assert [problem.message.partition(": ")[2] for problem in report.fetched.problems] == [
        "the service has no such table. Is it 'Prospects'? Correct sources/dataverse.yml.",
        "there is no column 'TochedAt' (mapped at cursor) that the application may read, did you mean 'TouchedAt'? "
        "Correct it in sources/dataverse.yml.",
        "cursor: 'Name' holds no instants. Name a column that does, or none.",
        "there is no column 'Mail' (mapped at columns.email) that the application may read. Correct it in "
        "sources/dataverse.yml.",
        "there is no column 'Tags' (mapped at columns.body) that the application may read. Correct it in "
        "sources/dataverse.yml.",
    ]
    assert packaged_keys(report) == {"Firms": (2, 0)}


def test_its_prerequisites(reading: Reading) -> None:
    report = check_source(reading.workspace(tables=[PROSPECTS, FIRMS, {**FIRMS, "table": "Firm"}]), "dataverse")
    every = "all of it every 7 days to find deletions"
    assert [(one.what, one.state, one.remark) for one in report.findings[2:4]] == [
        ("definitions of tables", "ok", "2 tables"),
        ("table Prospects (leads)", "ok", f"read by TouchedAt, and {every}"),
    ]
    assert [(one.what, one.state) for one in report.findings[4:]] == [
        ("table Firms (accounts)", "ok"),
        ("table Firm (accounts)", "failed"),
    ]
    wrong = check_source(reading.workspace(url=reading.service.url), "dataverse")
    assert [one.state for one in wrong.findings] == ["ok", "ok", "failed", "not checked", "not checked"]
    with pytest.raises(SourceRefused, match=r"\$metadata: HTTP 404\. Is url in sources/dataverse.yml the address"):
        reading.a_day(url=reading.service.url)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"tables": [{**FIRMS, "columns": {"account_id": "No", "name": "Name@label"}}]}, "'Name@label'.*write 'Name'"),
        ({"tables": [{**FIRMS, "custom_columns": True}]}, "Firms: custom_columns: an OData service does not say"),
        ({"synapse_link": {"folder": "/lake"}}, "only Dataverse writes such a lake"),
        ({"service": "dataverse"}, "auth: Dataverse answers nobody without a token"),
        ({"auth": "client_credentials"}, "tenant_id, client_id must be told"),
        ({"service": "odat"}, "odat"),
    ],
)
def test_settings_that_do_not_go_together(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        workspace(tmp_path, "https://farm.example/odata", **changes)
