"""A service that fails is waited for; one that refuses is told to whoever can put it right; secrets stay secret."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError, SourceRefused, SourceUnavailable
from config.workspace import Workspace
from extract.check_source import check_source
from extract.demo.failures import Plan, Rates
from extract.fetch import fetch
from extract.load import load
from extract.missing import missing
from extract.sources.dataverse.emulator.lake import Lake
from tests.extract.sources.dataverse.conftest import Serve
from tests.extract.sources.dataverse.organisation import (
    SECRET,
    SECRET_ENV,
    Organisation,
    key,
    organisation,
    packaged_keys,
)

RATES = Rates(throttled=0.1, unavailable=0.1, dropped=0.1, truncated=0.1, html=0.1, expired_token=0.1, repeated=0.3)
OTHERS = {"account": (2, 0), "systemuser": (2, 0), "activityparty": (2, 0)}


def found(served: Organisation, name: str) -> list[tuple[Any, ...]]:
    return served.latest("* exclude (_row_id, _batch_id, _row_number, _loaded_at, place)", name=name)


def missing_of(served: Organisation, day: str) -> list[str]:
    return [line for line in missing(served.workspace(), as_of=day).lines() if line.startswith("dataverse")]


def test_what_passes_changes_nothing(serve: Serve) -> None:
    store = organisation()
    quiet = serve(store)
    quiet.a_day(name="quiet")
    failing = serve(store, Plan(3, RATES, retry_after_s=0))
    failing.a_day(name="failing")
    store.update("lead", key(1), {"subject": "After the failures"})
    quiet.a_day("2026-07-01", "quiet")
    report = failing.a_day("2026-07-01", "failing")
    assert report.fetched.problems == ()
    assert {kind for _, kind in failing.happened} == {kind for kind, rate in asdict(RATES).items() if rate}
    assert found(failing, "failing") == found(quiet, "quiet")


def test_an_expired_link_by_plan(serve: Serve) -> None:
    failing = serve(plan=Plan(1, Rates(expired_link=1.0), in_a_row=1))
    failing.a_day()
    failing.store.delete("lead", key(1))
    failing.a_day("2026-07-01")
    assert len(failing.latest("*")) == 11
    assert failing.rows("select count(*) from raw.dataverse__leads") == [(13,)]


def test_a_real_limit_is_waited_for(serve: Serve) -> None:
    store = organisation(60)
    served = serve(store, requests=40, window_s=2.0)
    report = served.a_day()
    assert report.fetched.problems == ()
    assert len(served.latest("*")) == 60


def test_all_tokens_expire_in_the_middle(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    from extract.sources.dataverse.read import Reader

    served = serve(organisation(40))
    keep, calls = Reader._keep, []

    def expiring(self: Any, *args: Any) -> None:
        calls.append(1)
        if len(calls) in {2, 5}:
            served.app.state.identity.expire_all()
        keep(self, *args)

    monkeypatch.setattr(Reader, "_keep", expiring)
    assert served.a_day().fetched.problems == ()
    assert len(served.latest("*")) == 40
    assert served.app.state.identity.given >= 3


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"tenant_id": "00000000-0000-0000-0000-00000000dead"}, "Correct tenant_id"),
        ({"client_id": "00000000-0000-0000-0000-00000000dead"}, "Correct client_id"),
    ],
)
def test_wrong_tenant_and_client(served: Organisation, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(SourceRefused, match=told):
        served.a_day(**changes)


def test_a_wrong_secret_is_not_told(
    served: Organisation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(SECRET_ENV, "wrong-but-still-secret")
    with pytest.raises(SourceRefused, match=f"Put the secret's value, not its ID, .* {SECRET_ENV}") as caught:
        served.a_day()
    assert "wrong-but-still-secret" not in str(caught.value) + caplog.text
    monkeypatch.delenv(SECRET_ENV)
    with pytest.raises(ConfigError, match=f"{SECRET_ENV} is empty"):
        served.a_day()


def test_no_secret_and_no_token_is_logged_or_kept(
    serve: Serve, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens: list[str] = []
    failing = serve(plan=Plan(5, Rates(throttled=0.2, unavailable=0.2, expired_token=0.2), retry_after_s=0))
    new = failing.app.state.identity._new

    def remembered() -> str:
        tokens.append(new())
        return tokens[-1]

    monkeypatch.setattr(failing.app.state.identity, "_new", remembered)
    failing.a_day()
    assert tokens
    kept = b"".join(path.read_bytes() for path in failing.workspace().data.packages.rglob("*") if path.is_file())
    for secret in (SECRET, *tokens):
        assert secret not in caplog.text
        assert secret.encode() not in kept


def test_nobody_answers(served: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.sources.dataverse.auth.ClientCredentials._asked", lambda _: {"access_token": "x"})
    monkeypatch.setattr("extract.http._TRIES", 2)
    with pytest.raises(SourceUnavailable, match="the connection failed"):
        served.a_day(url="https://127.0.0.1:9")


def test_a_link_to_another_service_is_not_followed(served: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    from extract.http import Http

    get = Http.get

    def led_astray(self: Http, url: str, headers: Any = None) -> dict[str, Any]:
        answer = get(self, url, headers)
        if "@odata.nextLink" in answer and "/leads" in url:
            answer["@odata.nextLink"] = "https://elsewhere.example/leads"
        return answer

    monkeypatch.setattr(Http, "get", led_astray)
    (problem,) = served.a_day().fetched.problems
    assert "leads to another service" in problem.message


def test_switched_off(served: Organisation) -> None:
    workspace: Workspace = served.workspace(enabled=False)
    assert fetch(workspace, "dataverse").fetched.read == ()
    load(workspace)


def test_enabled_without_consent(served: Organisation) -> None:
    with pytest.raises(ConfigError, match="the source is enabled, so terms must be told"):
        served.workspace(terms=None)


def test_an_address_of_another_tenant_s_organisation(served: Organisation) -> None:
    elsewhere = served.service.url.replace("127.0.0.1", "localhost")
    with pytest.raises(SourceRefused, match=r"AADSTS500011: .*Correct url in sources/dataverse\.yml"):
        served.a_day(url=elsewhere)


def test_an_address_that_is_no_organisation_s(served: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.sources.dataverse.metadata.API", "/nothing/here")
    with pytest.raises(SourceRefused, match=r"404.* Is url in sources/dataverse\.yml the address of"):
        served.a_day()


@pytest.mark.parametrize(
    ("rates", "told"),
    [
        (Rates(html=1.0), "the answer is text/html and not JSON; is a proxy or a sign-in page between?"),
        (Rates(truncated=1.0), "the answer ends in the middle"),
    ],
)
def test_what_does_not_pass_is_of_one_table(serve: Serve, rates: Rates, told: str) -> None:
    failing = serve(plan=Plan(1, rates, in_a_row=1_000, only="/accounts"))
    report = failing.a_day()
    (problem,) = report.fetched.problems
    assert (problem.kind, problem.file) == ("unavailable", "account")
    assert told in problem.message
    assert packaged_keys(report) == {"lead": (12, 0), "systemuser": (2, 0), "activityparty": (2, 0)}
    (line,) = missing_of(failing, "2026-06-30")
    assert line.startswith("dataverse, account: never read. account (accounts): ")
    assert line.endswith("Wait; it is tried again.")


def test_a_table_that_vanished_and_comes_back(served: Organisation) -> None:
    served.a_day()
    table = served.store.tables["account"]
    served.store.vanish("account")
    served.store.update("lead", key(1), {"subject": "Meanwhile"})
    assert packaged_keys(served.a_day("2026-07-01")) == {"lead": (1, 0)}
    (line,) = missing_of(served, "2026-07-01")
    assert line.startswith("dataverse, account: last read for 2026-06-30, at ")
    assert line.endswith("the service has no such table. Correct sources/dataverse.yml.")
    served.store.tables["account"] = table
    served.store.update("account", key(501), {"name": "Back"})
    served.a_day("2026-07-03")
    assert served.latest("name", "accounts") == [("Back",), ("Company 502",)]
    assert missing_of(served, "2026-07-03") == []


def test_a_number_where_a_date_should_be_and_a_lookup_to_a_row_that_never_came(served: Organisation) -> None:
    served.store.update("lead", key(1), {"createdon": 46_203})
    served.store.update("lead", key(2), {"statecode": 9})
    served.store.update("lead", key(3), {"ownerid": ("systemuser", key(999))})
    assert packaged_keys(served.a_day()) == {"lead": (12, 2), **OTHERS}
    reasons = [reason for (reason,) in served.rows("select reason from quarantine.rows order by 1")]
    assert "row 1, createdon (created_at): '46203' is not an ISO 8601 date" in reasons[0]
    assert "row 2, statecode (status): '9' is not one of" in reasons[1]
    assert len(served.latest("*")) == 10
    assert served.latest("owner_id")[-1] == (key(999),), "nobody by that name is known, which the check of raw tells"


def test_the_organisation_s_clock_jumps(served: Organisation) -> None:
    served.a_day()
    served.store.clock.put_forward(-timedelta(days=2))
    served.store.update("lead", key(1), {"subject": "Before it was made"})
    served.store.update("account", key(501), {"name": "Two days ago"})
    assert packaged_keys(served.a_day("2026-07-01")) == {"lead": (1, 0)}
    assert packaged_keys(served.a_day("2026-07-07")) == {"account": (1, 0)}, "everything is read again in time"
    assert served.latest("name", "accounts")[1] == ("Two days ago",)


def test_our_own_day_jumps_back(served: Organisation) -> None:
    served.a_day("2026-07-10")
    served.store.update("lead", key(1), {"subject": "Changed"})
    served.store.update("account", key(501), {"name": "Changed"})
    report = served.a_day("2026-06-30")
    assert packaged_keys(report) == {"lead": (1, 0), "account": (1, 0)}


def test_what_is_in_a_lake_is_read_whatever_the_service_says(
    tmp_path: Path, served: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(served.store, tmp_path / "lake", "in place", ("lead", "systemuser"))
    lake.export()
    monkeypatch.setenv(SECRET_ENV, "wrong")
    folder: dict[str, Any] = {"synapse_link": {"folder": str(tmp_path / "lake")}}
    report = served.a_day(**folder)
    assert packaged_keys(report) == {"lead": (12, 0), "systemuser": (2, 0)}
    assert [(problem.kind, problem.file) for problem in report.fetched.problems] == [
        ("refused", "account"),
        ("refused", "activityparty"),
    ]
    assert "Put the secret's value, not its ID" in report.fetched.problems[0].message
    checked = check_source(served.workspace(**folder), "dataverse")
    assert [finding.what for finding in checked.failed] == ["token"]
    checked.demand()
    alone = check_source(served.workspace(**folder, url=None), "dataverse")
    assert alone.failed == ()
