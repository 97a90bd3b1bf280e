"""The demo organisation through the emulated Graph: what its CRM shows as mail and meetings, no more and no less."""

from __future__ import annotations

from datetime import date

from extract.demo.emulated import Emulated
from extract.demo.story import SEED, tell
from extract.sources.exchange.emulator.app import Emulator
from extract.sources.exchange.emulator.demo import GROUP, demo_tenant
from tests.extract.sources.exchange.brightwater import DAY, Brightwater


def test_the_demo_is_read_through_graph(world: Brightwater) -> None:
    tenant = demo_tenant(tell("tiny", SEED), date(2026, 6, 30), days=6)
    copies = [item for mailbox in tenant.mailboxes.values() for item in mailbox.items.values()]
    messages = {item["internetMessageId"] for item in copies if "internetMessageId" in item}
    meetings = {item["iCalUId"] for item in copies if "iCalUId" in item}
    assert messages
    assert meetings
    with Emulated(Emulator(tenant).app) as service:
        world.service, world.day = service, DAY
        report = world.a_day(
            people={"who": "group", "groups": [GROUP]}, backfill_days=6, backfill_days_per_day=6, mailboxes_at_once=2
        )
    assert report.fetched.problems == ()
    counted = world.rows("select type, count(*), count(distinct activity_id) from raw.exchange__activities group by 1")
    assert sorted(counted) == [
        ("appointment", len(meetings), len(meetings)),
        ("email", len(messages), len(messages)),
    ]
    assert world.rows("from quarantine.rows") == []
