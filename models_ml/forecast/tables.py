"""The rows of a day's forecast, and how they get into the warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import duckdb
import pyarrow as pa

from models_ml.forecast.intervals import Interval, intervals, radii, relative_error
from models_ml.forecast.lanes import Expected, LaneResult, PlannedManager
from models_ml.forecast.series import PERIODS, Outlook, PeriodName
from warehouse.connection import transaction

FORECAST: Final = "forecast"
WITHOUT_95: Final = "forecast, 95 % interval not measurable"
WITHOUT_INTERVAL: Final = "forecast, interval not measurable"
NOT_ENOUGH_HISTORY: Final = "not enough history"
_CENTS: Final = 2


@dataclass(frozen=True)
class ManagerRow:
    """One row of ``forecasts.managers``: amounts in the organisation's currency, None where there is no number."""

    manager_id: str
    manager_name: str
    as_of_date: date
    period: PeriodName
    period_label: str
    period_start: date
    period_end: date
    status: str
    weeks_of_history: int
    won_to_date_amount: float | None = None
    predicted_amount: float | None = None
    low_80_amount: float | None = None
    high_80_amount: float | None = None
    low_95_amount: float | None = None
    high_95_amount: float | None = None


def manager_rows(planned: Sequence[PlannedManager], lanes: Sequence[LaneResult], ahead: Outlook) -> list[ManagerRow]:
    """Two rows per manager, current and next period, in the plan's order."""
    radius = {period: radii(_errors(lanes, period)) for period in PERIODS}
    expected = {(lane.manager_id, one.period): one for lane in lanes for one in lane.expected}
    return [
        _row(manager, period, expected.get((manager.manager_id, period)), radius[period], ahead)
        for manager in planned
        for period in PERIODS
    ]


def write_forecasts(
    connection: duckdb.DuckDBPyConnection, as_of: date, rows: Sequence[ManagerRow], lanes: Sequence[LaneResult]
) -> None:
    """Put a day's forecast in the place of what an earlier run of that day has left, all or nothing."""
    at = datetime.now(UTC).replace(tzinfo=None)
    managers = [asdict(row) | {"forecast_at": at} for row in rows]
    past = [
        {"manager_id": lane.manager_id, "as_of_date": as_of} | _in_cents(asdict(one))
        for lane in lanes
        for one in lane.past
    ]
    with transaction(connection):
        _replace(connection, "forecasts.managers", as_of, managers)
        _replace(connection, "forecasts.backtests", as_of, past)


def _errors(lanes: Iterable[LaneResult], period: PeriodName) -> list[float]:
    """The relative errors of all managers' past forecasts of a period."""
    past = [one for lane in lanes for one in lane.past if one.period == period]
    errors = [relative_error(one.actual_amount, one.predicted_amount, one.scale_amount) for one in past]
    return [error for error in errors if error is not None]


def _row(
    manager: PlannedManager, period: PeriodName, expected: Expected | None, radius: dict[int, float], ahead: Outlook
) -> ManagerRow:
    dates = ahead.periods[period]
    who = (manager.manager_id, manager.manager_name, ahead.as_of, period, dates.label, dates.start, dates.end)
    if expected is None:
        return ManagerRow(*who, NOT_ENOUGH_HISTORY, manager.weeks)
    won, predicted = expected.won_to_date_amount, expected.predicted_amount
    if ahead.windows[period].days:
        bounds = intervals(won, predicted, expected.scale_amount, radius)
    else:
        bounds = {80: Interval(won, won), 95: Interval(won, won)}
    status = FORECAST if 95 in bounds else WITHOUT_95 if 80 in bounds else WITHOUT_INTERVAL
    numbers: list[float | None] = [won, won + predicted]
    for level in (80, 95):
        numbers += astuple(bounds[level]) if level in bounds else (None, None)
    return ManagerRow(*who, status, manager.weeks, *(None if one is None else round(one, _CENTS) for one in numbers))


def _in_cents(row: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, _CENTS) if name.endswith("_amount") else value for name, value in row.items()}


def _replace(connection: duckdb.DuckDBPyConnection, table: str, as_of: date, rows: list[dict[str, Any]]) -> None:
    connection.execute(f"delete from {table} where as_of_date = ?", [as_of])
    if rows:
        arrow = pa.Table.from_pylist(rows)
        connection.register("forecast_rows", arrow)
        connection.execute(f"insert into {table} by name select * from forecast_rows")
        connection.unregister("forecast_rows")
