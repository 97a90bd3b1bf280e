"""From mailboxes to history: what was in three of them is one activity with one version."""

from __future__ import annotations

from tests.extract.sources.exchange.brightwater import ANN, BEN, CARL, EVE, Brightwater, at
from warehouse.dbt import build


def test_history_has_one_version_of_what_three_mailboxes_hold(world: Brightwater) -> None:
    message = world.tenant.send(ANN, [BEN, EVE, CARL], at(1))
    world.tenant.meet(BEN, [ANN, CARL], at(0))
    world.a_day()
    box = world.mailbox(BEN)
    box.move(box.find(internetMessageId=message)[0], "archive")
    world.a_day(1)
    for layer in ("staging", "history"):
        build(world.workspace(), layer, as_of=world.day)
    versions = world.rows(
        "select type, version_number, is_deleted, source_system from history.hist_activities order by 1"
    )
    assert versions == [("appointment", 1, False, "exchange"), ("email", 1, False, "exchange")]
    assert world.rows("select count(*), bool_and(party_entity = 'unknown') from history.hist_activity_parties") == [
        (7, True)
    ]
