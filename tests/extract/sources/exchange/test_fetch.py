"""The source as a whole: who is read and who never, what is refused, and what is told."""

from __future__ import annotations

from typing import Any

import pytest

from config.errors import ConfigError, SourceRefused, SourceUnavailable
from config.load import load_config
from extract.demo.emulated import Emulated
from extract.demo.failures import Plan, Rates
from extract.missing import missing
from extract.sources.exchange.emulator.troubles import fail
from tests.extract.sources.exchange.brightwater import ANN, BEN, CARL, EVE, Brightwater, at


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


def test_what_does_not_pass_is_of_one_mailbox(world: Brightwater, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(world)
    monkeypatch.setattr("extract.http._LONGEST_PAUSE", 0.01)
    with Emulated(fail(world.emulator, Plan(1, Rates(html=1.0), in_a_row=1_000, only=BEN))) as service:
        world.service = service
        report = world.a_day()
    assert {(problem.kind, problem.file) for problem in report.fetched.problems} == {
        ("unavailable", f"{BEN}/messages"),
        ("unavailable", f"{BEN}/meetings"),
    }
    assert all("is a proxy or a sign-in page between?" in problem.message for problem in report.fetched.problems)
    assert len(world.activities()) == 9
    lines = missing(world.workspace(), as_of=world.day).lines()
    assert any(line.startswith(f"exchange, {BEN}/messages: never read. ") for line in lines)


def test_an_address_that_is_not_graph_s(world: Brightwater) -> None:
    with pytest.raises(SourceRefused, match="graph_address"):
        world.fetch(people={"who": "all"}, graph_address=f"{world.service.url}/nowhere")
