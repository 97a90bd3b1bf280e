"""Meetings: one activity each, in whichever calendars they are, and the window moves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.extract.sources.exchange.brightwater import ANN, BEN, CARL, DORA, Brightwater, at

LATER: dict[str, Any] = {"lastModifiedDateTime": "2026-06-30T00:00:00Z"}


@pytest.fixture(scope="module")
def read(shared: Brightwater) -> dict[str, list[dict[str, Any]]]:
    """Meetings by their subject, as they were read on a day. The workspace holds what came of them afterwards."""
    meet, box = shared.tenant.meet, shared.mailbox(ANN)
    meet(ANN, [CARL], at(1), minutes=45, optional=[DORA], subject="single")
    meet(CARL, [ANN, BEN], at(1), subject="in two calendars")
    meet(ANN, [BEN, CARL], at(2), occurrences=[at(2), at(1), at(0)], subject="series")
    meet(ANN, [], at(1), subject="dentist")
    meet(ANN, [CARL], at(1), subject="private")
    box.change(box.find(subject="private")[0], sensitivity="private")
    for subject in ("off", "more", "deleted"):
        meet(ANN, [CARL], at(0), subject=subject)
    shared.a_day(subject=True)
    before = by_subject(shared)
    box.change(box.find(subject="off")[0], isCancelled=True, **LATER)
    guest = {"emailAddress": {"name": "Dora", "address": DORA.upper()}, "type": "required"}
    box.change(box.find(subject="more")[0], attendees=[guest], **LATER)
    box.delete(box.find(subject="deleted", type="singleInstance")[0])
    (occurrence,) = box.find(originalStart="2026-06-30T10:00:00Z")
    box.change(occurrence, end={"dateTime": "2026-06-30T12:00:00.0000000", "timeZone": "UTC"}, **LATER)
    shared.log.clear()
    shared.a_day(subject=True)
    return before


def by_subject(world: Brightwater) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in world.activities():
        found.setdefault(one["subject"], []).append(one | {"parties": world.parties(one["activity_id"])})
    return found


def test_a_meeting_is_an_activity_with_its_parties(read: dict[str, list[dict[str, Any]]]) -> None:
    (meeting,) = read["single"]
    assert (meeting["type"], meeting["direction"], meeting["status"]) == ("appointment", "outgoing", None)
    assert meeting["duration_minutes"] == 45
    assert meeting["occurred_at"] == (at(1) + timedelta(minutes=45)).replace(tzinfo=None)
    assert meeting["parties"] == [(DORA, "optional"), (ANN, "organizer"), (CARL, "required")]


def test_the_same_meeting_in_two_calendars_is_one(read: dict[str, list[dict[str, Any]]]) -> None:
    (meeting,) = read["in two calendars"]
    assert meeting["direction"] == "incoming"
    assert len(meeting["parties"]) == 3


def test_every_occurrence_of_a_series_is_a_meeting(read: dict[str, list[dict[str, Any]]]) -> None:
    found = read["series"]
    assert [one["occurred_at"].day for one in found] == [28, 29, 30]
    assert len({one["activity_id"] for one in found}) == 3
    assert [len(one["parties"]) for one in found] == [3, 3, 3]


def test_private_and_lonely_appointments_are_not_read(read: dict[str, list[dict[str, Any]]]) -> None:
    assert set(read) == {"single", "in two calendars", "series", "off", "more", "deleted"}


def test_a_series_that_does_not_come_along_is_asked_for(read: object, shared: Brightwater) -> None:
    assert read
    assert [one["duration_minutes"] for one in by_subject(shared)["series"]] == [60, 60, 120]
    assert any("/events/" in path for path in shared.asked_for(ANN))


def test_a_cancelled_meeting_another_guest_and_a_deletion_are_followed(read: object, shared: Brightwater) -> None:
    assert read
    found = by_subject(shared)
    assert [one["status"] for one in found["off"]] == ["cancelled"]
    assert [one["parties"] for one in found["more"]] == [[(ANN, "organizer"), (DORA, "required")]]
    assert "deleted" not in found
    assert len(shared.rows("from raw.exchange__activities where activity_id like 'meeting-%'")) == 12


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
