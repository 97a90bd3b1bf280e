"""A kill at any moment loses nothing and duplicates nothing."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Final

import pytest

from config.workspace import Workspace
from tests.journeys.conftest import Undisturbed
from tests.journeys.day import tables
from tests.journeys.days import Moment

KILLS: Final = 10


@pytest.mark.timeout(900)
def test_ten_kills_at_random_moments_leave_the_tables_of_an_undisturbed_run(undisturbed: Undisturbed) -> None:
    days, left = undisturbed.days, undisturbed.tables
    for drawn in _moments(undisturbed.done):
        moment = drawn
        while not days.start("disturbed").killed_at(moment):
            moment = moment.sooner()

    assert days.start("disturbed").ended_well(), days.log("disturbed")
    right = tables(Workspace.open(days.environment("disturbed")))
    assert left.keys() == right.keys()
    different = [name for name in left if left[name] != right[name]]
    assert different == []
    assert len(left["marts.lead_scores"]) > 0
    assert len(left["forecasts.managers"]) > 0


def _moments(done: list[tuple[float, str]]) -> list[Moment]:
    """Moments drawn from a whole day. The earlier ones first: a model that is in use is not trained once more."""
    draw = random.Random(20261122)
    instants = sorted(draw.uniform(0.0, done[-1][0]) for _ in range(KILLS))
    spans = [(begin, end, name) for (begin, name), (end, _) in pairwise(done)]
    return [
        Moment(name, instant - begin) for instant in instants for begin, end, name in spans if begin <= instant < end
    ]
