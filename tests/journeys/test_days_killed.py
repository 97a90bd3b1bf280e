"""A kill at any moment loses nothing and duplicates nothing."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Final

import pytest

from config.workspace import Workspace
from tests.journeys.conftest import Undisturbed
from tests.journeys.day import tables
from tests.journeys.days import Done, Moment

KILLS: Final = 10


@pytest.mark.timeout(900)
def test_ten_kills_at_random_moments_leave_the_tables_of_an_undisturbed_run(undisturbed: Undisturbed) -> None:
    days, left = undisturbed.days, undisturbed.tables
    begin = 0
    for drawn in _moments(undisturbed.done):
        moment = drawn
        while not days.start("disturbed", begin=begin).killed_at(moment):
            moment = moment.sooner()
        # As Airflow does, the step that was killed is tried again; what was done before it is not.
        begin = days.done("disturbed")[-1].place + 1

    assert days.start("disturbed").ended_well(), days.log("disturbed")
    right = tables(Workspace.open(days.environment("disturbed")))
    assert left.keys() == right.keys()
    different = [name for name in left if left[name] != right[name]]
    assert different == []
    assert len(left["marts.lead_scores"]) > 0
    assert len(left["forecasts.managers"]) > 0


def _moments(done: list[Done]) -> list[Moment]:
    """Moments drawn from a whole day, in its order: a day goes on where the last one was killed."""
    draw = random.Random(20261122)
    instants = sorted(draw.uniform(0.0, done[-1].seconds) for _ in range(KILLS))
    return [
        Moment(before.place, instant - before.seconds)
        for instant in instants
        for before, after in pairwise(done)
        if before.seconds <= instant < after.seconds
    ]
