"""A day that nobody disturbs, run once for all who compare with it or go on from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import pytest

from config.workspace import Workspace
from extract.demo import write_demo
from tests.journeys.day import tables
from tests.journeys.days import Days, Done

FIRST: Final = date(2026, 6, 30)


@dataclass(frozen=True)
class Undisturbed:
    """The days, of which ``undisturbed`` has run: when each of its steps was done, and all tables that it left."""

    days: Days
    done: list[Done]
    tables: dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The tiny demo organisation after the day of FIRST, in the data folder ``undisturbed``."""
    folder = tmp_path_factory.mktemp("days")
    write_demo(folder / "input", "tiny", FIRST)
    days = Days(folder)
    assert days.start("undisturbed").ended_well(), days.log("undisturbed")
    left = tables(Workspace.open(days.environment("undisturbed")))
    return Undisturbed(days, days.done("undisturbed"), left)
