"""Exports of Sales Navigator, from a folder and from export jobs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.errors import ContractBroken, SourceRefused
from config.load import load_config
from config.workspace import DataFolder, Workspace
from extract.demo.emulated import Emulated
from extract.fetch import FetchReport, fetch
from extract.load import load
from extract.sources.linkedin.emulator import ExportJobs
from tests.extract.certificates import certificates
from tests.extract.organisations import rows

HEAD = "activityId,activityType,createdAt,seatId,memberIdentityKey\n"
ROWS = [
    ("a1", "INMAIL_SENT", "06-29-2026 08:15:00", "7", "m1"),
    ("a2", "MESSAGE_SENT", "06-29-2026 23:59:59", "8", "m2"),
    ("a3", "CONNECTION_MADE", "06-30-2026 00:00:00", "9", "m3"),
    ("a4", "PROFILE_VIEWED", "06-30-2026 01:00:00", "7", "m4"),
    ("a5", "SAVED_LEAD", "06-30-2026 01:00:00", "7", "m4"),
]
TOKEN = "a-token"


class Seller:
    def __init__(self, place: Path, **settings: Any) -> None:
        self.folder, self.settings = place, settings

    def workspace(self) -> Workspace:
        config = self.folder / "config"
        (config / "sources").mkdir(parents=True, exist_ok=True)
        about = {"name": "Test", "currency": "EUR", "as_of": "2026-06-30", "time_zone": "Europe/Berlin"}
        (config / "organisation.yml").write_text(yaml.safe_dump(about))
        told = {
            "enabled": True,
            "seats": {7: "U7", 8: "U8"},
            "terms": {"accepted_by": "A. Admin", "accepted_on": "2026-06-01"},
        } | self.settings
        (config / "sources" / "linkedin.yml").write_text(yaml.safe_dump(told))
        return Workspace(load_config(config), DataFolder(self.folder / "data"), self.folder)

    def a_day(self, as_of: str = "2026-06-30") -> FetchReport:
        report = fetch(self.workspace(), "linkedin", as_of=as_of)
        load(self.workspace(), as_of=as_of)
        return report

    def rows(self, columns: str) -> list[tuple[Any, ...]]:
        return rows(self.workspace(), f"select {columns} from raw.linkedin__activities order by all")


def put(folder: Path, name: str, lines: Sequence[tuple[str, ...]]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(HEAD + "".join(",".join(row) + "\n" for row in lines))


def counts(report: FetchReport) -> list[tuple[int, int]]:
    return [(file.rows_read, file.rows_quarantined) for file in report.fetched.read]


def test_a_folder_of_exports(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    exports = tmp_path / "exports"
    put(exports, "june.csv", ROWS)
    (exports / "seats.csv").write_text("seatId,connections\n7,12\n")
    seller = Seller(tmp_path, folder=str(exports))
    with caplog.at_level("INFO"):
        assert counts(seller.a_day()) == [(3, 0)]
    assert "PROFILE_VIEWED 1, SAVED_LEAD 1" in caplog.text
    assert "seats that are no user's, their activities have no owner: 9" in caplog.text
    assert "seats.csv: no activity export" in caplog.text
    told = seller.rows("activity_id, type, direction, status, owner_id, occurred_at::varchar")
    assert told == [
        ("linkedin-a1", "linkedin", "outgoing", "completed", "U7", "2026-06-29 08:15:00"),
        ("linkedin-a2", "linkedin", "outgoing", "completed", "U8", "2026-06-29 23:59:59"),
        ("linkedin-a3", "linkedin", None, "completed", None, "2026-06-30 00:00:00"),
    ]
    assert json.loads(seller.rows("custom")[0][0]) == {
        "activityType": "CONNECTION_MADE",
        "memberIdentityKey": "m3",
        "seatId": "9",
    }
    assert seller.a_day("2026-07-01").fetched.unchanged == ("activities",)
    wrong = [("a6", "INMAIL_SENT", "2026/07/01", "7", "m5"), ("a7", "INMA"), ("a8", "INMAIL_SENT", "", "7", "m5", "?")]
    put(exports, "july.csv", [*ROWS, *wrong])
    assert counts(seller.a_day("2026-07-01")) == [(3, 3)], "what was known is no news, and what is wrong is set aside"
    reasons = rows(seller.workspace(), "select reason, content from quarantine.rows order by row_number, reason")
    assert sum("is not an ISO 8601 date" in reason for reason, _ in reasons) == 2
    assert [(reason.partition("it has ")[2], content) for reason, content in reasons if "columns" in reason] == [
        ("fewer columns than the file's first line", '{"line": "a7,INMA"}'),
        ("more columns than the file's first line", '{"line": "a8,INMAIL_SENT,,7,m5,?"}'),
    ]
    seller.settings["seats"] = {7: "U7", 8: "U8", 9: "U9"}
    assert counts(seller.a_day("2026-07-02")) == [(6, 3)], "another seat: everything is read again"


def test_an_export_job_whose_download_expires(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKEDIN_ACCESS_TOKEN", TOKEN)
    jobs = ExportJobs(ROWS, TOKEN, expired=1)
    with Emulated(jobs.app, certificates=certificates()) as service:
        api = {"address": f"{service.url}/v2", "ca_file": str(service.ca_file), "poll_seconds": 0.01}
        seller = Seller(tmp_path, contract="urn:li:contract:1", **api)
        assert counts(seller.a_day()) == [(3, 0)]
        assert len(jobs.asked) == 2
        assert jobs.asked[0]["endAt"] - jobs.asked[0]["startAt"] == 90 * 86_400_000
        assert seller.a_day("2026-07-01").fetched.read == ()
        assert jobs.asked[2]["startAt"] == jobs.asked[0]["endAt"] - 2 * 86_400_000


def test_a_job_that_fails_and_a_token_that_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKEDIN_ACCESS_TOKEN", TOKEN)
    with Emulated(
        ExportJobs(ROWS, TOKEN, failed="FAILED_DUE_TO_INTERNAL_ERROR").app, certificates=certificates()
    ) as service:
        api = {"address": f"{service.url}/v2", "ca_file": str(service.ca_file), "poll_seconds": 0.01}
        seller = Seller(tmp_path, contract="urn:li:contract:1", **api)
        with pytest.raises(ContractBroken, match="FAILED_DUE_TO_INTERNAL_ERROR"):
            seller.a_day()
        monkeypatch.setenv("LINKEDIN_ACCESS_TOKEN", "another")
        with pytest.raises(SourceRefused, match="Renew the access token"):
            seller.a_day()
