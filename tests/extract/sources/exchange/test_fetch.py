"""The source as a whole: who is read and who never, what is refused, what is told, and what a kill leaves behind."""

from __future__ import annotations

import contextlib
import logging
from typing import Any

import pytest

from config.errors import ConfigError, SourceRefused, SourceUnavailable
from config.load import load_config
from extract.demo.emulated import Emulated
from extract.demo.failures import Plan
from extract.packages import Packages
from extract.sources.exchange.emulator.troubles import fail
from extract.sources.exchange.package import ACTIVITIES, PARTIES
from tests.extract.sources.exchange.brightwater import ANN, BEN, CARL, EVE, SECRET, Brightwater, at, packaged_files


def fill(world: Brightwater) -> None:
    for days_ago in range(3):
        world.tenant.send(CARL, [ANN, BEN], at(days_ago), subject=f"to us {days_ago}")
        world.tenant.send(ANN, [CARL], at(days_ago, 11), subject=f"to them {days_ago}")
        world.tenant.meet(BEN, [CARL, ANN], at(days_ago, 15), subject=f"meeting {days_ago}")


def test_it_is_off_as_shipped(world: Brightwater) -> None:
    assert not load_config().sources["exchange"].enabled
    assert world.fetch(enabled=False).fetched.read == ()
    assert world.log == []


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"consent": None}, "only after the stated consent"),
        ({"domains": []}, "domains: missing"),
        ({"people": {"who": "group"}}, "needs 'groups'"),
        ({"client_secret_env": "hunter2"}, "never the secret itself"),
        ({"domains": ["@"]}, "is no mail domain"),
        ({"people": {"who": "list", "addresses": ["ann"]}}, "is no mail address"),
    ],
)
def test_what_is_missing_is_told_in_the_administrators_words(
    world: Brightwater, settings: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigError, match=told) as raised:
        world.workspace(**settings)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "people",
    [
        {"who": "group", "groups": ["sales"], "excluded_groups": ["council"]},
        {"who": "all", "opted_out": [EVE]},
        {"who": "list", "addresses": [ANN, BEN, EVE], "opted_out": [EVE.upper()]},
        {"who": "list", "addresses": [ANN, BEN, EVE], "excluded_groups": ["council"]},
    ],
)
def test_whoever_is_excluded_or_opted_out_is_never_requested(world: Brightwater, people: dict[str, Any]) -> None:
    world.tenant.send(EVE, [ANN, CARL], at(1))
    world.tenant.send(EVE, [CARL], at(1), subject="nobody else's")
    world.a_day(people=people)
    assert world.asked_for(ANN)
    assert world.asked_for(EVE) == []
    assert not any(EVE in asked.path for asked in world.log)
    assert len(world.activities()) == 1
    assert EVE not in {address for address, _ in world.parties()}


def test_whoever_opts_out_later_is_taken_back(world: Brightwater) -> None:
    world.tenant.send(EVE, [CARL], at(1), subject="her own")
    world.tenant.send(EVE, [ANN], at(1), subject="also Ann's")
    world.a_day()
    assert len(world.activities()) == 2
    world.log.clear()
    people = {"who": "group", "groups": ["sales"], "opted_out": [EVE]}
    world.a_day(1, people=people)
    assert world.asked_for(EVE) == []
    assert len(world.activities()) == 1
    assert world.parties() == [(ANN, "to")]
    world.a_day(1, people=people)
    world.a_day(1, backfill_days_per_day=10)
    assert len(world.activities()) == 2


def test_a_mailbox_that_refuses_is_told_and_skipped(world: Brightwater) -> None:
    fill(world)
    world.mailbox(BEN).refuses = "denied"
    world.mailbox(EVE).refuses = "not_enabled"
    report = world.a_day()
    assert {problem.file.partition("/")[0] for problem in report.fetched.problems} == {BEN, EVE}
    assert all("access policy" in problem.message for problem in report.fetched.problems)
    assert len(world.activities()) == 9
    assert len(world.rows("from ops.source_problems")) == 4
    world.mailbox(BEN).refuses = ""
    assert len(world.a_day().fetched.problems) == 2


def test_not_one_mailbox_is_a_matter_of_permission(world: Brightwater) -> None:
    for address in (ANN, BEN, EVE):
        world.mailbox(address).refuses = "denied"
    with pytest.raises(SourceRefused, match=r"Mail\.ReadBasic\.All"):
        world.fetch()


def test_wrong_tenant_secret_group_and_address(world: Brightwater, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises((SourceRefused, SourceUnavailable), match="tenant"):
        world.fetch(tenant_id="elsewhere")
    with pytest.raises(ConfigError, match="there is no group 'nobody'"):
        world.fetch(people={"who": "group", "groups": ["nobody"]})
    with pytest.raises(SourceUnavailable, match="login_address"):
        world.fetch(login_address="https://127.0.0.1:9")
    monkeypatch.setenv("EXCHANGE_CLIENT_SECRET", "not the secret")
    with pytest.raises(SourceRefused, match="the client secret is wrong") as raised:
        world.fetch()
    assert "not the secret" not in str(raised.value)
    monkeypatch.delenv("EXCHANGE_CLIENT_SECRET")
    with pytest.raises(ConfigError, match="EXCHANGE_CLIENT_SECRET is not set"):
        world.fetch()


def test_no_secret_nor_token_is_told_or_kept(world: Brightwater, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    fill(world)
    world.mailbox(BEN).refuses = "denied"
    world.fetch()
    secrets = [SECRET, SECRET.replace(" ", "+"), *world.emulator._tokens]
    assert len(secrets) > 2
    assert not any(secret in caplog.text for secret in secrets)
    for path in packaged_files(world.folder / "data"):
        assert not any(secret.encode() in path.read_bytes() for secret in secrets)


class Killed(BaseException):
    """As sudden as a kill: nothing that follows is done, but a context manager's clean-up."""


@pytest.mark.parametrize("after", range(6))
def test_a_kill_and_a_clean_run_come_to_the_same(
    world: Brightwater, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    fill(world)
    world.a_day(data="undisturbed")
    seal = Packages.seal_stream
    sealed: list[object] = []

    def deadly(self: Packages, *arguments: Any) -> None:
        if len(sealed) == after:
            raise Killed
        sealed.append(seal(self, *arguments))

    with monkeypatch.context() as patched:
        patched.setattr(Packages, "seal_stream", deadly)
        with contextlib.suppress(Killed):
            world.fetch()
    assert len(sealed) == after
    world.tenant.send(CARL, [BEN], at(0, 12), subject="meanwhile")
    world.a_day()
    world.a_day(data="undisturbed")
    for table in (ACTIVITIES.entity, PARTIES.entity):
        query = f"select columns(c -> c not like '\\_%' escape '\\') from raw.exchange__{table} order by all"
        assert world.rows(query) == world.rows(query, "undisturbed")


def test_a_warehouse_restored_from_an_old_copy_is_filled_again(world: Brightwater) -> None:
    fill(world)
    world.a_day()
    warehouse = world.folder / "data" / "warehouse" / "warehouse.duckdb"
    old = warehouse.read_bytes()
    world.tenant.send(CARL, [ANN], at(0, 12), subject="new")
    world.a_day(1)
    before = world.activities()
    warehouse.write_bytes(old)
    world.load()  # strikes what is not in it from the ledger
    world.a_day()
    assert world.activities() == before


def test_subjects_switched_on_are_read_anew(world: Brightwater) -> None:
    fill(world)
    world.a_day()
    assert {one["subject"] for one in world.activities()} == {None}
    world.a_day(subject=True)
    assert "to us 0" in {one["subject"] for one in world.activities()}
    assert len(world.activities()) == 9


@pytest.mark.parametrize("seed", range(3))
def test_a_service_full_of_failures_comes_to_the_same(
    world: Brightwater, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world)
    world.a_day(data="undisturbed")
    app = fail(world.emulator, Plan(seed, retry_after_s=0, slow_s=0.01))
    monkeypatch.setattr("extract.http._LONGEST_PAUSE", 0.01)
    with Emulated(app) as service:
        world.service = service
        for _ in range(3):
            world.a_day(page_size=2)
    assert {"throttled", "unavailable"} <= {failure for _, failure in app.happened}
    assert world.activities() == world.activities("undisturbed")
    assert world.parties() == world.parties("undisturbed")
