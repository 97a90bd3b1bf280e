"""What every source's check has in common, and the check of files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from config.errors import ConfigError, SourceRefused
from config.load import source_schema
from extract.check_source import SOURCES, CheckReport, Finding, check_source
from tests.conftest import MakeWorkspace

FILES = """
enabled: true
tables:
  - {files: leads.csv, entity: leads, columns: {lead_id: Id, topic: Topic}}
  - {files: accounts.csv, entity: accounts, columns: {account_id: Id}, encoding: utf-16}
"""


def states(report: CheckReport) -> dict[str, str]:
    return {finding.what: finding.state for finding in report.findings}


def test_every_source_offers_a_check() -> None:
    for fetching in SOURCES.glob("*/fetch.py"):
        assert fetching.with_name("check.py").is_file()
        assert source_schema(fetching.parent.name)


def test_a_source_that_is_none_is_told_with_those_that_are(make_workspace: MakeWorkspace) -> None:
    with pytest.raises(ConfigError, match="dataverse, exchange, files"):
        check_source(make_workspace(), "dynamics")


def test_the_report_is_a_table_with_its_sum_in_front() -> None:
    findings = (Finding("token", "failed", "Renew it.", stops=True), Finding("a table", "not checked", "because so"))
    report = CheckReport("dataverse", False, findings)
    assert report.lines() == [
        "dataverse (switched off): 1 of 2 fail, 1 could not be checked.",
        "  what     state        what to do",
        "  token    failed       Renew it.",
        "  a table  not checked  because so",
    ]
    with pytest.raises(SourceRefused, match="token: Renew it"):
        report.demand()


def test_a_failure_that_stops_nothing_is_not_held_against_the_source() -> None:
    CheckReport("files", True, (Finding("leads", "failed", "Export it."),)).demand()


def test_files_that_are_in_order(make_workspace: MakeWorkspace) -> None:
    leads, accounts = "Id,Topic\n" + "1,a\n" * 50_000, ("Id\n" + "1\n" * 70_000).encode("utf-16")
    workspace = make_workspace({"sources/files.yml": FILES}, {"leads.csv": leads, "accounts.csv": accounts})
    report = check_source(workspace, "files")
    assert report.lines()[0] == "files: all 3 prerequisites are there.", report.lines()


def test_files_that_are_not(make_workspace: MakeWorkspace) -> None:
    workspace = make_workspace({"sources/files.yml": FILES}, {"leads.csv": "Id,Topics\n1,a\n", "account.csv": "Id\n"})
    _, leads, accounts = check_source(workspace, "files").findings
    assert leads.state == accounts.state == "failed"
    assert "did you mean 'Topics'" in leads.remark
    assert "Is it 'account.csv'" in accounts.remark


@pytest.mark.parametrize("content", [b"", b"Id,Topic\n", b"\xff\xfe\x00", b"Id,Topic\n1,caf\xe9 au lait\n"])
def test_a_file_whose_head_cannot_be_read(make_workspace: MakeWorkspace, content: bytes) -> None:
    workspace = make_workspace({"sources/files.yml": FILES}, {"leads.csv": content})
    assert states(check_source(workspace, "files"))["leads.csv (leads)"] == "failed"


def test_without_the_folder_no_table_is_checked(make_workspace: MakeWorkspace, tmp_path: Path) -> None:
    workspace = replace(make_workspace({"sources/files.yml": FILES}), input_folder=tmp_path / "nowhere")
    report = check_source(workspace, "files")
    assert list(states(report).values()) == ["failed", "not checked", "not checked"]
    assert "SALES_INSIGHTS_INPUT" in report.findings[0].remark
