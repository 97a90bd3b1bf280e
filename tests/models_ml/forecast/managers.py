"""Hand-made feature tables of managers, as dbt would have built them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from config.workspace import Workspace
from warehouse.connection import open_warehouse

Won = Mapping[date, float]

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


def put_managers(workspace: Workspace, as_of: date, managers: Mapping[str, Won]) -> None:
    """Write both feature tables of a day from what each manager won on which day, and make it the day loaded last."""
    weeks = [row for manager, won in managers.items() for row in _weeks(manager, as_of, won)]
    days = [row for manager, won in managers.items() for row in _days(manager, as_of, won)]
    with open_warehouse(workspace) as connection:
        connection.execute(_TABLES)
        for table, rows in (("feat_manager_week", weeks), ("feat_manager_day", days)):
            if rows:
                given = pa.Table.from_pylist(rows)
                connection.register("given", given)
                connection.execute(f"insert into features.{table} by name select * from given")
        connection.execute("insert or replace into ops.days values (?, now()::timestamp)", [as_of])


def _days(manager: str, as_of: date, won: Won) -> list[dict[str, Any]]:
    shared = {"manager_id": manager, "manager_name": f"{manager} by name", "as_of_date": as_of}
    return [shared | {"won_on": day, "won_amount": amount, "won_count": 1} for day, amount in won.items()]


def _weeks(manager: str, as_of: date, won: Won) -> list[dict[str, Any]]:
    shared = {"manager_id": manager, "manager_name": f"{manager} by name", "as_of_date": as_of}
    monday = min(won) - timedelta(days=min(won).weekday())
    rows = []
    while monday <= as_of:
        amounts = [amount for day, amount in won.items() if monday <= day < monday + timedelta(days=7)]
        totals = {"won_amount": float(sum(amounts)), "won_count": len(amounts)}
        complete = {"week_start": monday, "is_complete": monday + timedelta(days=6) <= as_of}
        rows.append(shared | complete | totals)
        monday += timedelta(days=7)
    return rows
