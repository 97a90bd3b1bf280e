"""Messages: every one of them once, however the service serves them and wherever they lie."""

from __future__ import annotations

from datetime import timedelta

import pytest

from extract.sources.exchange.emulator.service import Asked, Reply
from extract.sources.exchange.emulator.throttle import Throttle
from tests.extract.sources.exchange.brightwater import ANN, BEN, CARL, DAY, DORA, EVE, Brightwater, at


def test_a_message_is_an_activity_with_its_parties(world: Brightwater) -> None:
    world.tenant.send(CARL, [ANN], at(1), cc=[DORA], subject="Never to be read")
    world.a_day()
    (activity,) = world.activities()
    assert (activity["type"], activity["direction"], activity["status"]) == ("email", "incoming", "completed")
    assert activity["occurred_at"] == at(1).replace(tzinfo=None)
    assert activity["subject"] is None
    assert '"conversation": "01' in activity["custom"]
    assert world.parties() == [(DORA, "cc"), (CARL, "sender"), (ANN, "to")]


def test_directions_go_by_the_domains(world: Brightwater) -> None:
    world.tenant.send(ANN, [CARL, BEN], at(1, 8), subject="out")
    world.tenant.send(ANN, [BEN], at(1, 9), subject="in house")
    world.tenant.send(CARL, [ANN], at(1, 10), subject="in")
    world.a_day(subject=True)
    assert [(one["subject"], one["direction"]) for one in world.activities()] == [
        ("out", "outgoing"),
        ("in house", "internal"),
        ("in", "incoming"),
    ]


def test_neither_bodies_nor_subjects_are_asked_for(world: Brightwater) -> None:
    world.tenant.send(CARL, [ANN], at(1))
    world.a_day()
    selects = [asked.query["$select"] for asked in world.log if "$select" in asked.query and "messages" in asked.path]
    assert selects
    assert not any("body" in select.lower() or "subject" in select for select in selects)


def test_all_pages_are_read_whatever_their_order(world: Brightwater) -> None:
    for number in range(95):
        world.tenant.send(CARL, [ANN], at(1) + timedelta(minutes=number * 37 % 95), subject=str(number))
    world.emulator.service.deltas.repeats = lambda _: True
    report = world.a_day(page_size=7)
    assert len(world.activities()) == 95
    assert {(file.entity, file.rows_loaded) for file in report.fetched.read} == {
        ("activities", 95),
        ("activity_parties", 190),
    }


def test_more_than_a_filtered_delta_tells_are_read(world: Brightwater) -> None:
    for number in range(5_050):
        world.tenant.send(CARL, [ANN], at(1) + timedelta(seconds=number), subject=str(number))
    world.a_day(page_size=1000)
    assert len(world.activities()) == 5_050


def test_the_same_message_in_three_mailboxes_is_one(world: Brightwater) -> None:
    world.tenant.send(ANN, [BEN, EVE, CARL], at(1))
    report = world.a_day()
    assert len(world.rows("from raw.exchange__activities")) == 1
    assert len(world.parties()) == 4
    assert len(report.fetched.problems) == 0
    assert world.a_day().fetched.read == ()


def test_its_row_is_the_same_whichever_mailbox_it_came_from(world: Brightwater) -> None:
    world.tenant.send(ANN, [BEN, CARL], at(1), cc=[EVE])
    found = []
    for address in (ANN, BEN, EVE):
        data = f"data-{address}"
        world.a_day(people={"who": "list", "addresses": [address]}, data=data)
        rows = world.rows("select columns(c -> c not like '\\_%' escape '\\') from raw.exchange__activities", data)
        found.append((rows, world.parties(data)))
    assert found[0] == found[1] == found[2]


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


def test_drafts_and_junk_are_left_out(world: Brightwater) -> None:
    box = world.mailbox(ANN)
    world.tenant.send(CARL, [ANN], at(1), subject="spam")
    box.move(box.find(subject="spam")[0], "junkemail")
    world.tenant.send(ANN, [CARL], at(1), subject="draft")
    box.change(box.find(subject="draft")[0], isDraft=True)
    world.a_day()
    assert world.activities() == []
    assert not any("junk" in path for path in world.asked_for(ANN) if "messages" in path)


def test_an_expired_link_means_that_all_is_read_again(world: Brightwater) -> None:
    for number in range(5):
        world.tenant.send(CARL, [ANN], at(1) + timedelta(hours=number), subject=str(number))
    world.a_day()
    box = world.mailbox(ANN)
    box.delete(box.find(subject="3")[0])
    world.tenant.send(CARL, [ANN], at(0), subject="new")
    box.log.clear()  # what happened meanwhile is told by no delta any longer
    box.epoch += 1
    world.a_day(1)
    found = world.activities()
    assert len(found) == 5
    assert found[-1]["occurred_at"] == at(0).replace(tzinfo=None)
    assert len(world.rows("from raw.exchange__activities")) == 7  # five, one more, one deleted


def test_a_backfill_reads_three_days_a_day(world: Brightwater) -> None:
    for days_ago in range(40):
        world.tenant.send(CARL, [ANN], at(days_ago), subject=str(days_ago))
    counts: list[int] = []
    for _ in range(12):
        world.a_day(1 if counts else 0)
        counts.append(len(world.activities()))
    assert counts == [3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 30, 30]
    oldest = min(asked.query["$filter"] for asked in world.log if "$filter" in asked.query)
    assert oldest == "receivedDateTime ge 2026-06-01T00:00:00Z"


def test_a_day_fetched_twice_is_one_step_of_the_backfill(world: Brightwater) -> None:
    for days_ago in range(10):
        world.tenant.send(CARL, [ANN], at(days_ago), subject=str(days_ago))
    for _ in range(3):
        world.a_day(backfill_days=8, backfill_days_per_day=4)
    assert len(world.activities()) == 4
    world.a_day(1, backfill_days=8, backfill_days_per_day=4)
    assert len(world.activities()) == 8


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


def test_throttled_requests_of_a_batch_are_asked_again(world: Brightwater) -> None:
    for number in range(12):
        world.tenant.send(CARL, [ANN], at(1) + timedelta(minutes=number), subject=str(number))
    world.emulator.throttle = Throttle(requests=6, seconds=0.8)
    world.a_day()
    assert len(world.activities()) == 12


def test_a_token_that_expires_in_between_is_renewed(world: Brightwater) -> None:
    world.tenant.send(CARL, [ANN], at(1))
    answer = world.emulator.service.answer
    forgotten: list[bool] = []

    def forgetful(request: Asked) -> Reply:
        if len(world.log) >= 12 and not forgotten:
            forgotten.append(True)
            world.emulator.expire_tokens()
        return answer(request)

    world.emulator.service.answer = forgetful  # type: ignore[method-assign]
    world.a_day()
    assert forgotten
    assert len(world.activities()) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sentDateTime": 12345}, "is not an ISO 8601 date"),
        ({"from": None, "sender": None}, "it has no sender"),
        ({"toRecipients": "carl"}, "toRecipients is no list"),
        ({"internetMessageId": None}, "it has no internetMessageId"),
    ],
)
def test_a_malformed_message_is_set_aside(world: Brightwater, changes: dict[str, object], reason: str) -> None:
    world.tenant.send(CARL, [ANN], at(1), subject="good")
    world.tenant.send(CARL, [ANN], at(2), subject="bad")
    box = world.mailbox(ANN)
    box.change(box.find(subject="bad")[0], **changes)
    world.a_day()
    assert len(world.activities()) == 1
    told = world.rows("select row_id, reason, as_of_date from quarantine.rows")
    assert {day for _, _, day in told} == {DAY}
    assert len({row for row, _, _ in told}) == 1
    assert all(reason in why for _, why, _ in told)
