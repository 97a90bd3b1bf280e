"""The prerequisites of the Exchange source, each of them missing once."""

from __future__ import annotations

from typing import Any

import pytest

from config.errors import SourceRefused
from extract.check_source import CheckReport, Finding, check_source
from extract.sources.exchange.check import SAMPLE
from tests.extract.sources.exchange.brightwater import ANN, BEN, EVE, SECRET, Brightwater


def check(world: Brightwater, **settings: Any) -> CheckReport:
    return check_source(world.workspace(**settings), "exchange")


def found(report: CheckReport, what: str) -> Finding:
    (finding,) = [one for one in report.findings if one.what == what]
    return finding


def test_all_that_is_needed_is_there_and_nobody_excluded_is_asked_for(world: Brightwater) -> None:
    people = {"who": "group", "groups": ["sales"], "excluded_groups": ["council"]}
    report = check(world, people=people)
    assert report.lines()[0] == "exchange: all 5 prerequisites are there.", report.lines()
    assert found(report, "people in scope").remark.startswith("2 mailboxes; 1 names are excluded")
    assert world.asked_for(EVE) == []
    assert not any("messages" in path for path in world.asked_for(ANN))


def test_a_mailbox_that_refuses_is_named_and_does_not_stop_the_others(world: Brightwater) -> None:
    world.mailbox(BEN).refuses = "denied"
    report = check(world)
    assert "access policy" in found(report, f"mailbox {BEN}").remark
    assert found(report, "mailboxes").remark.startswith("2 of all 3 let us in")
    report.demand()


def test_where_none_lets_us_in_it_is_the_permission(world: Brightwater) -> None:
    for mailbox in world.tenant.mailboxes.values():
        mailbox.refuses = "denied"
    finding = found(check(world), "mailboxes")
    assert finding.state == "failed"
    assert "Mail.ReadBasic.All" in finding.remark


def test_of_many_mailboxes_a_sample_is_asked_and_that_is_said(world: Brightwater) -> None:
    for number in range(40):
        world.tenant.hire(f"p{number:02}@brightwater.example", "sales")
    report = check(world)
    assert found(report, "mailboxes").remark == "a sample of 20 of 43 let us in"
    assert len({asked.mailbox for asked in world.log if asked.mailbox}) == SAMPLE


@pytest.mark.parametrize(
    ("settings", "what", "told"),
    [
        ({"enabled": False, "consent": None}, "consent", "who accepted"),
        ({"enabled": False, "people": None}, "address", "people"),
        ({"ca_file": "/nowhere/ca.pem"}, "address", "/nowhere/ca.pem"),
        ({"ca_file": None}, "address", "certificate is not trusted"),
        ({"graph_address": "https://127.0.0.1:9"}, "address", "does not answer"),
        ({"client_secret_env": "NOT_SET"}, "token", "NOT_SET is not set"),
        ({"tenant_id": "elsewhere"}, "token", ""),
        ({"client_id": "another"}, "token", "client_id"),
        ({"people": {"who": "group", "groups": ["nobody"]}}, "people in scope", "there is no group 'nobody'"),
    ],
)
def test_what_comes_after_a_failure_is_not_checked(
    world: Brightwater, settings: dict[str, Any], what: str, told: str
) -> None:
    report = check(world, **settings)
    finding = found(report, what)
    assert (finding.state, told in finding.remark) == ("failed", True), finding
    assert {one.state for one in report.findings[report.findings.index(finding) + 1 :]} == {"not checked"}
    assert world.log == [] or what == "people in scope"


def test_a_wrong_secret_is_refused_and_never_shown(
    world: Brightwater, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("EXCHANGE_CLIENT_SECRET", "close sesame")
    report = check(world)
    said = "\n".join(report.lines()) + caplog.text
    assert "AADSTS7000215" in said
    assert "close sesame" not in said
    assert SECRET not in said
    with pytest.raises(SourceRefused, match="exchange cannot be read"):
        report.demand()
