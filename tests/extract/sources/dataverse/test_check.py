"""The prerequisites of the Dataverse source, each of them missing once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from config.errors import SourceRefused
from extract.check_source import CheckReport, Finding, check_source
from extract.sources.dataverse.emulator import Column, Store, Table
from tests.extract.sources.dataverse.conftest import Serve
from tests.extract.sources.dataverse.organisation import (
    ACCOUNT,
    LEAD,
    MODIFIED,
    PARTY,
    SECRET,
    SECRET_ENV,
    TABLES,
    Organisation,
    key,
    organisation,
)

LEADS, ACCOUNTS = "table lead (leads)", "table account (accounts)"
USER = Table(
    "systemuser",
    "systemusers",
    "systemuserid",
    (
        Column("systemuserid", "key"),
        Column("fullname", "string"),
        Column("parentsystemuserid", "lookup", targets=("systemuser",)),
        MODIFIED,
    ),
    "fullname",
)
ABOUT = Table(
    "organization",
    "organizations",
    "organizationid",
    (
        Column("organizationid", "key"),
        Column("isauditenabled", "boolean"),
        Column("fiscalcalendarstart", "datetime"),
        Column("fiscalperiodtype", "integer"),
    ),
)
SOLUTION = Table(
    "solution", "solutions", "solutionid", (Column("solutionid", "key"), Column("uniquename", "string")), "uniquename"
)
LI = Table("li_message", "li_messages", "activityid", (Column("activityid", "key"), Column("subject", "string")))
LI_MAPPED = {"table": "li_message", "entity": "activities", "columns": {"activity_id": "activityid"}}


def whole(month: int = 1, period: int = 2002, *, manager: bool = True, linkedin: bool = False) -> Store:
    """An organisation with all that is asked about."""
    store = Store((LEAD, ACCOUNT, PARTY, USER, ABOUT, SOLUTION, *((LI,) if linkedin else ())))
    about = {"organizationid": key(1), "fiscalcalendarstart": datetime(2023, month, 1), "fiscalperiodtype": period}
    store.insert("organization", about | {"isauditenabled": True})
    store.insert("systemuser", {"systemuserid": key(1), "fullname": "Ada"})
    if manager:
        store.insert("systemuser", {"systemuserid": key(2), "parentsystemuserid": ("systemuser", key(1))})
    if linkedin:
        store.insert("solution", {"uniquename": "LinkedInSalesNavigatorControlsForUnifiedClient"})
    return store


def check(served: Organisation, **changes: Any) -> CheckReport:
    return check_source(served.workspace(**changes), "dataverse")


def found(report: CheckReport, what: str) -> Finding:
    (finding,) = [one for one in report.findings if one.what == what]
    return finding


def test_all_that_is_needed_is_there(serve: Serve) -> None:
    report = check(serve(whole()))
    assert report.lines()[0] == "dataverse: all 13 prerequisites are there.", report.lines()
    assert found(report, LEADS).remark == "3 custom columns"
    assert found(report, "auditing").remark == "on"


def test_a_table_without_change_tracking_is_named_with_how_it_is_read(served: Organisation) -> None:
    finding = found(check(served), ACCOUNTS)
    assert finding.state == "ok"
    assert "change tracking is off: read by modifiedon, and all of it every 7 days" in finding.remark


@pytest.mark.parametrize(
    ("changes", "what", "told"),
    [
        ({"tenant_id": "7e4a0000-0000-4000-8000-00000000000f"}, "token", "Correct tenant_id"),
        ({"client_id": "a9900000-0000-4000-8000-00000000000f"}, "token", "Correct client_id"),
        ({"client_secret_env": "NOT_SET"}, "token", "NOT_SET is empty"),
        ({"ca_file": "/nowhere/ca.pem"}, "address", "/nowhere/ca.pem"),
        ({"ca_file": None}, "address", "certificate is not trusted"),
        ({"url": "https://127.0.0.1:9"}, "address", "does not answer"),
        ({"enabled": False, "url": None}, "address", "Set url"),
        ({"enabled": False, "terms": None}, "terms", "who has agreed"),
    ],
)
def test_what_comes_after_a_failure_is_not_checked(
    served: Organisation, changes: dict[str, Any], what: str, told: str
) -> None:
    report = check(served, **changes)
    finding = found(report, what)
    assert (finding.state, told in finding.remark) == ("failed", True), finding
    if what != "terms":
        assert {one.state for one in report.findings[report.findings.index(finding) + 1 :]} == {"not checked"}


def test_a_wrong_secret_is_refused_and_never_shown(
    served: Organisation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(SECRET_ENV, "quite-another~secret")
    report = check(served)
    said = "\n".join(report.lines()) + caplog.text
    assert "AADSTS7000215" in said
    assert "quite-another~secret" not in said
    assert SECRET not in said
    with pytest.raises(SourceRefused, match="dataverse cannot be read"):
        report.demand()


def test_an_organisation_that_answers_nobody_does_not_stop_the_fetch_which_has_more_patience(
    served: Organisation,
) -> None:
    check(served, url="https://127.0.0.1:9").demand()


def test_a_refused_table_and_a_missing_column_stop_nothing_else(serve: Serve) -> None:
    store = organisation()
    store.refused.add("lead")
    users = {"table": "systemuser", "entity": "users", "columns": {"user_id": "systemuserid", "name": "fulname"}}
    report = check(serve(store), tables=[*TABLES[:2], users, {**TABLES[1], "table": "acount"}])
    assert "Give the application user's role Read on lead" in found(report, LEADS).remark
    assert "did you mean 'fullname'" in found(report, "table systemuser (users)").remark
    assert "Is it 'account'" in found(report, "table acount (accounts)").remark
    assert found(report, ACCOUNTS).state == "ok"
    report.demand()


def test_a_user_that_is_none_of_the_organisation_s(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    served = serve()
    monkeypatch.setattr(served.app.state.identity, "user_of", _nobody(served))
    report = check(served)
    assert found(report, "token").state == "ok"
    assert "application user" in found(report, "user of the application").remark


def _nobody(served: Organisation) -> Any:
    def refuse(_: str, root: str) -> str:
        raise served.app.state.identity.unauthorized(root)

    return refuse


def test_what_the_organisation_does_not_show_is_not_checked(served: Organisation) -> None:
    report = check(served)
    for what in ("LinkedIn solution", "auditing", "fiscal period"):
        assert found(report, what).state == "not checked"
        assert "Read on" in found(report, what).remark


@pytest.mark.parametrize(
    ("month", "period", "state", "told"),
    [
        (1, 2002, "ok", "start_month: 1, period: quarter"),
        (4, 2003, "failed", "start_month: 4, period: month"),
        (1, 2004, "failed", "four weeks"),
        (1, 9, "not checked", "nothing that is known"),
    ],
)
def test_the_fiscal_period_is_held_against_the_configuration(
    serve: Serve, month: int, period: int, state: str, told: str
) -> None:
    finding = found(check(serve(whole(month, period))), "fiscal period")
    assert (finding.state, told in finding.remark) == (state, True), finding


def test_without_managers_there_is_nobody_to_forecast_for(serve: Serve) -> None:
    assert found(check(serve(whole(manager=False))), "manager hierarchy").state == "failed"


@pytest.mark.parametrize(
    ("installed", "mapped", "state"),
    [(True, True, "ok"), (True, False, "failed"), (False, True, "failed"), (False, False, "ok")],
)
def test_linkedin_is_read_exactly_where_it_is_installed(
    serve: Serve, installed: bool, mapped: bool, state: str
) -> None:
    served = serve(whole(linkedin=installed))
    report = check(served, tables=[*TABLES, *([LI_MAPPED] if mapped else [])])
    assert found(report, "LinkedIn solution").state == state
