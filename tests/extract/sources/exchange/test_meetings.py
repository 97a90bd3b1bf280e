"""Meetings: one activity each, in whichever calendars they are, and the window moves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.extract.sources.exchange.brightwater import ANN, BEN, CARL, DORA, Brightwater, at


def test_a_meeting_is_an_activity_with_its_parties(world: Brightwater) -> None:
    world.tenant.meet(ANN, [CARL], at(1), minutes=45, optional=[DORA])
    world.a_day()
    (meeting,) = world.activities()
    assert (meeting["type"], meeting["direction"], meeting["status"]) == ("appointment", "outgoing", None)
    assert meeting["duration_minutes"] == 45
    assert meeting["occurred_at"] == (at(1) + timedelta(minutes=45)).replace(tzinfo=None)
    assert world.parties() == [(DORA, "optional"), (ANN, "organizer"), (CARL, "required")]


def test_the_same_meeting_in_two_calendars_is_one(world: Brightwater) -> None:
    world.tenant.meet(CARL, [ANN, BEN], at(1))
    world.a_day()
    (meeting,) = world.rows("select direction from raw.exchange__activities")
    assert meeting == ("incoming",)
    assert len(world.parties()) == 3


def test_every_occurrence_of_a_series_is_a_meeting(world: Brightwater) -> None:
    days = [at(2), at(1), at(0)]
    world.tenant.meet(ANN, [BEN, CARL], at(2), occurrences=days)
    world.a_day()
    found = world.activities()
    assert [one["occurred_at"].day for one in found] == [28, 29, 30]
    assert len({one["activity_id"] for one in found}) == 3
    assert len(world.rows("from raw.exchange__activities")) == 3
    assert len(world.parties()) == 9


def test_a_series_that_does_not_come_along_is_asked_for(world: Brightwater) -> None:
    days = [at(1), at(0)]
    world.tenant.meet(ANN, [CARL], at(1), occurrences=days)
    world.a_day()
    box = world.mailbox(ANN)
    (occurrence,) = box.find(originalStart="2026-06-30T10:00:00Z")
    box.change(
        occurrence,
        end={"dateTime": "2026-06-30T12:00:00.0000000", "timeZone": "UTC"},
        lastModifiedDateTime="2026-06-30T00:00:00Z",
    )
    world.a_day()
    assert [one["duration_minutes"] for one in world.activities()] == [60, 120]
    assert any("/events/" in path for path in world.asked_for(ANN))


def test_a_cancelled_meeting_and_another_guest_are_followed(world: Brightwater) -> None:
    world.tenant.meet(ANN, [CARL], at(1), subject="off")
    world.tenant.meet(ANN, [CARL], at(0), subject="more")
    world.a_day()
    box = world.mailbox(ANN)
    later: dict[str, Any] = {"lastModifiedDateTime": "2026-06-30T00:00:00Z"}
    box.change(box.find(subject="off")[0], isCancelled=True, **later)
    guest = {"emailAddress": {"name": "Dora", "address": DORA.upper()}, "type": "required"}
    box.change(box.find(subject="more")[0], attendees=[guest], **later)
    world.a_day()
    assert [one["status"] for one in world.activities()] == ["cancelled", None]
    assert sorted(world.parties()) == [
        (ANN, "organizer"),
        (ANN, "organizer"),
        (CARL, "required"),
        (DORA, "required"),
    ]


def test_private_and_lonely_appointments_are_not_read(world: Brightwater) -> None:
    world.tenant.meet(ANN, [], at(1), subject="dentist")
    world.tenant.meet(ANN, [CARL], at(1), subject="private")
    box = world.mailbox(ANN)
    box.change(box.find(subject="private")[0], sensitivity="private")
    world.a_day()
    assert world.activities() == []


def test_a_meeting_that_is_deleted_is_followed(world: Brightwater) -> None:
    world.tenant.meet(ANN, [CARL], at(1))
    world.a_day()
    box = world.mailbox(ANN)
    box.delete(box.find(type="singleInstance")[0])
    world.a_day()
    assert world.activities() == []
    assert world.parties() == []


def test_an_expired_link_of_a_calendar_is_a_full_reading(world: Brightwater) -> None:
    world.tenant.meet(ANN, [CARL], at(1), subject="goes")
    world.tenant.meet(ANN, [CARL], at(0), subject="stays")
    world.a_day()
    box = world.mailbox(ANN)
    box.delete(box.find(subject="goes")[0])
    world.tenant.meet(ANN, [CARL], at(-1), subject="comes")
    box.log.clear()
    box.epoch += 1
    world.a_day()
    assert [one["occurred_at"].day for one in world.activities()] == [30, 1]
    assert len(world.rows("from raw.exchange__activities")) == 4


def test_the_window_moves_and_what_left_it_stays(world: Brightwater) -> None:
    for days in (2, -20, -35, -60):
        world.tenant.meet(ANN, [CARL], at(days), subject=str(days))
    world.a_day(backfill_days=3)
    assert len(world.activities()) == 2
    world.a_day(10, backfill_days=3)
    assert len(world.activities()) == 3
    world.a_day(30, backfill_days=3)
    assert len(world.activities()) == 4
    windows = [asked.query for asked in world.log if "startDateTime" in asked.query]
    assert len({query["startDateTime"] for query in windows}) == 3
    assert not any("$select" in query for query in windows)
