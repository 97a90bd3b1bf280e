"""A service that fails is waited for; one that refuses is told to whoever can put it right; secrets stay secret."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from config.errors import ConfigError, SourceRefused, SourceUnavailable
from config.workspace import Workspace
from extract.demo.failures import Plan, Rates
from extract.fetch import fetch
from extract.load import load
from tests.extract.sources.dataverse.conftest import Serve
from tests.extract.sources.dataverse.organisation import SECRET, SECRET_ENV, Organisation, key, organisation

RATES = {
    "throttled": Rates(throttled=0.6),
    "unavailable": Rates(unavailable=0.6),
    "dropped": Rates(dropped=0.4),
    "truncated": Rates(truncated=0.4),
    "html": Rates(html=0.4),
    "expired_token": Rates(expired_token=0.6),
    "repeated": Rates(repeated=0.9),
}


def found(served: Organisation, name: str) -> list[tuple[Any, ...]]:
    return served.latest("* exclude (_row_id, _batch_id, _row_number, _loaded_at, place)", name=name)


@pytest.mark.parametrize("failure", RATES)
def test_what_passes_changes_nothing(serve: Serve, failure: str) -> None:
    store = organisation()
    quiet = serve(store)
    quiet.a_day(name="quiet")
    failing = serve(store, Plan(3, RATES[failure], retry_after_s=0))
    failing.a_day(name="failing")
    store.update("lead", key(1), {"subject": f"After {failure}"})
    quiet.a_day("2026-07-01", "quiet")
    report = failing.a_day("2026-07-01", "failing")
    assert report.fetched.problems == ()
    assert {kind for _, kind in failing.happened} == {failure}
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
