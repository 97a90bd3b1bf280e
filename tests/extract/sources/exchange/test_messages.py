"""Messages: every one of them once, however the service serves them and wherever they lie."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.extract.sources.exchange.brightwater import ANN, BEN, CARL, DAY, DORA, EVE, Brightwater, at

MALFORMED: tuple[tuple[dict[str, object], str], ...] = (
    ({"sentDateTime": 12345}, "is not an ISO 8601 date"),
    ({"from": None, "sender": None}, "it has no sender"),
    ({"toRecipients": "carl"}, "toRecipients is no list"),
    ({"internetMessageId": None}, "it has no internetMessageId"),
)


@pytest.fixture(scope="module")
def read(shared: Brightwater) -> Brightwater:
    """A day on which everything lies in the mailboxes that has to be told apart, read once with subjects."""
    send, box = shared.tenant.send, shared.mailbox(ANN)
    send(CARL, [ANN], at(1, 7), cc=[DORA], subject="in")
    send(ANN, [CARL, BEN], at(1, 8), subject="out")
    send(ANN, [BEN], at(1, 9), subject="in house")
    send(ANN, [BEN, EVE, CARL], at(1, 10), subject="to three")
    send(CARL, [ANN], at(1), subject="spam")
    box.move(box.find(subject="spam")[0], "junkemail")
    send(ANN, [CARL], at(1), subject="draft")
    box.change(box.find(subject="draft")[0], isDraft=True)
    for number, (changes, _) in enumerate(MALFORMED):
        send(CARL, [ANN], at(2), subject=f"bad {number}")
        box.change(box.find(subject=f"bad {number}")[0], **changes)
    assert shared.a_day(subject=True).fetched.problems == ()
    return shared


def test_a_message_is_an_activity_with_its_parties(read: Brightwater) -> None:
    activity = read.activities()[0]
    assert (activity["type"], activity["direction"], activity["status"]) == ("email", "incoming", "completed")
    assert activity["occurred_at"] == at(1, 7).replace(tzinfo=None)
    assert '"conversation": "01' in activity["custom"]
    assert read.parties(activity["activity_id"]) == [(DORA, "cc"), (CARL, "sender"), (ANN, "to")]


def test_directions_go_by_the_domains_and_drafts_and_junk_are_left_out(read: Brightwater) -> None:
    assert [(one["subject"], one["direction"]) for one in read.activities()] == [
        ("in", "incoming"),
        ("out", "outgoing"),
        ("in house", "internal"),
        ("to three", "outgoing"),
    ]
    assert not any("junk" in path for path in read.asked_for(ANN) if "messages" in path)


def test_the_same_message_in_three_mailboxes_is_one(read: Brightwater) -> None:
    assert len(read.rows("from raw.exchange__activities where subject = 'to three'")) == 1
    assert len(read.parties(read.activities()[-1]["activity_id"])) == 4


def test_malformed_messages_are_set_aside(read: Brightwater) -> None:
    told = read.rows("select row_id, reason, as_of_date from quarantine.rows")
    assert {day for _, _, day in told} == {DAY}
    assert len({row for row, _, _ in told}) == len(MALFORMED)
    for _, reason in MALFORMED:
        assert len({row for row, why, _ in told if reason in why}) == 1


def test_neither_bodies_nor_subjects_are_asked_for(world: Brightwater) -> None:
    world.tenant.send(CARL, [ANN], at(1))
    world.a_day()
    selects = [asked.query["$select"] for asked in world.log if "$select" in asked.query and "messages" in asked.path]
    assert selects
    assert not any("body" in select.lower() or "subject" in select for select in selects)
    assert [one["subject"] for one in world.activities()] == [None]


def test_more_than_a_filtered_delta_tells_are_read(world: Brightwater, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("emulator.deltas.FILTERED_AT_MOST", "messages._FILTERED_AT_MOST"):
        monkeypatch.setattr(f"extract.sources.exchange.{place}", 50)
    for number in range(55):
        world.tenant.send(CARL, [ANN], at(1) + timedelta(seconds=number), subject=str(number))
    world.a_day(page_size=20)
    assert len(world.activities()) == 55


def test_its_row_is_the_same_whichever_mailbox_it_came_from(world: Brightwater) -> None:
    world.tenant.send(ANN, [CARL], at(1), cc=[EVE])
    found = []
    for address in (ANN, EVE):
        data = f"data-{address}"
        world.a_day(people={"who": "list", "addresses": [address]}, data=data)
        rows = world.rows("select columns(c -> c not like '\\_%' escape '\\') from raw.exchange__activities", data)
        found.append((rows, world.parties(data=data)))
    assert found[0] == found[1]


def test_a_moved_message_is_not_doubled(world: Brightwater) -> None:
    message = world.tenant.send(CARL, [ANN], at(1))
    world.a_day()
    box = world.mailbox(ANN)
    box.add_folder("Projects")
    box.move(box.find(internetMessageId=message)[0], "Projects")
    report = world.a_day(1)
    assert report.fetched.read == ()
    assert len(world.rows("from raw.exchange__activities")) == 1
    box.delete(box.find(internetMessageId=message)[0])
    world.a_day(1)
    assert world.activities() == []


def test_a_deletion_is_followed_once_no_mailbox_has_the_message(world: Brightwater) -> None:
    message = world.tenant.send(CARL, [ANN, BEN], at(1))
    world.a_day()
    for address, left in ((ANN, 1), (BEN, 0)):
        box = world.mailbox(address)
        box.delete(box.find(internetMessageId=message)[0])
        world.a_day()
        assert len(world.activities()) == left
    assert world.parties() == []
    assert world.rows("select _deleted from raw.exchange__activities order by _deleted") == [(False,), (True,)]


def test_a_deleted_folder_takes_its_messages_along(world: Brightwater) -> None:
    box = world.mailbox(ANN)
    folder = box.add_folder("Projects")
    message = world.tenant.send(CARL, [ANN], at(1))
    box.move(box.find(internetMessageId=message)[0], "Projects")
    world.a_day()
    assert len(world.activities()) == 1
    box.delete(box.find(internetMessageId=message)[0])
    box.delete(folder)
    world.a_day()
    assert world.activities() == []


def test_a_backfill_reads_three_days_a_day_and_a_day_fetched_twice_is_one_step(world: Brightwater) -> None:
    for days_ago in range(10):
        world.tenant.send(CARL, [ANN], at(days_ago), subject=str(days_ago))
    counts: list[int] = []
    for days in (0, 0, 1, 1, 1):
        world.a_day(days, backfill_days=8)
        counts.append(len(world.activities()))
    assert counts == [3, 3, 6, 8, 8]
    oldest = min(asked.query["$filter"] for asked in world.log if "$filter" in asked.query)
    assert oldest == "receivedDateTime ge 2026-06-23T00:00:00Z"


def test_what_was_backfilled_is_followed_as_well(world: Brightwater) -> None:
    world.tenant.send(CARL, [ANN], at(5), subject="old")
    world.a_day()
    world.a_day(1)
    assert len(world.activities()) == 1
    box = world.mailbox(ANN)
    box.delete(box.find(subject="old")[0])
    world.a_day(5)
    assert world.activities() == []


def test_no_mailbox_is_asked_more_than_four_things_at_once(world: Brightwater) -> None:
    for number in range(30):
        world.mailbox(ANN).add_folder(f"Folder {number}")
    world.emulator.seconds_a_request = 0.005
    world.a_day()
    assert 1 < world.emulator.throttle.most_at_once <= 4
    assert any(asked.batched for asked in world.log)
