"""Hand-made feature tables of managers, as dbt would have built them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from config.workspace import Workspace
from warehouse.connection import open_warehouse

Won = Mapping[date, float]
PutManagers = Callable[[Workspace, date, Mapping[str, Won]], None]

_TABLES = """
    create schema if not exists features;
    create or replace table features.feat_manager_week (
        manager_id varchar, manager_name varchar, as_of_date date, week_start date, won_amount double, won_count bigint,
        is_complete boolean
    );
    create or replace table features.feat_manager_day (
        manager_id varchar, manager_name varchar, as_of_date date, won_on date, won_amount double, won_count bigint
    );
"""


def every_day(first: date, last: date, amount: Callable[[date], float]) -> dict[date, float]:
    """An amount won on every day of a span."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return {day: amount(day) for day in days}


def bumpy(day: date) -> float:
    """About 100 a day, never the same, without chance: enough unevenness for errors that are not 0."""
    return float(100 + (day.toordinal() * 7919) % 41 - 20)


@pytest.fixture
def put_managers() -> PutManagers:
    """Write both feature tables of a day from what each manager won on which day, and make it the day loaded last."""

    def put(workspace: Workspace, as_of: date, managers: Mapping[str, Won]) -> None:
        with open_warehouse(workspace) as connection:
            connection.execute(_TABLES)
            for manager, won in managers.items():
                for row in _weeks(manager, as_of, won):
                    connection.execute("insert into features.feat_manager_week values (?, ?, ?, ?, ?, ?, ?)", row)
                days = [[manager, f"{manager} by name", as_of, day, amount, 1] for day, amount in won.items()]
                connection.executemany("insert into features.feat_manager_day values (?, ?, ?, ?, ?, ?)", days)
            connection.execute("insert or replace into ops.days values (?, now()::timestamp)", [as_of])

    return put


def _weeks(manager: str, as_of: date, won: Won) -> list[list[Any]]:
    first = min(won)
    monday = first - timedelta(days=first.weekday())
    rows: list[list[Any]] = []
    while monday <= as_of:
        amounts = [amount for day, amount in won.items() if monday <= day < monday + timedelta(days=7)]
        complete = monday + timedelta(days=6) <= as_of
        rows.append([manager, f"{manager} by name", as_of, monday, sum(amounts), len(amounts), complete])
        monday += timedelta(days=7)
    return rows
