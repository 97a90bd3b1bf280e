"""The forecast of won revenue per manager, in three steps: ``series``, one ``forecast`` per manager, ``collect``.

Only the first and the last open the warehouse; the lanes between may run side by side, and again after a kill.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import date

from config.workspace import Workspace
from models_ml.forecast.backtest import backtest
from models_ml.forecast.features import read_series
from models_ml.forecast.intervals import native_scale
from models_ml.forecast.lanes import DayFolder, Expected, LaneResult, PlannedManager
from models_ml.forecast.pipeline import predict_weeks
from models_ml.forecast.report import ForecastReport, ManagerForecast, accuracies
from models_ml.forecast.series import PERIODS, ManagerSeries, Outlook, outlook
from models_ml.forecast.tables import manager_rows, write_forecasts
from warehouse.connection import open_warehouse
from warehouse.day import day_loaded

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lane:
    """A manager to forecast for. ``weeks`` is the number of complete weeks of history."""

    manager_id: str
    manager_name: str
    weeks: int
    as_of_date: date

    def as_dict(self) -> dict[str, str | int]:
        """The lane in words and numbers that every scheduler can hand on; the day as YYYY-MM-DD."""
        return asdict(self) | {"as_of_date": self.as_of_date.isoformat()}


def series(workspace: Workspace, *, as_of: date | str | None = None) -> list[Lane]:
    """Write the series of every manager of a day to files; return a lane for each with enough history.

    Managers with fewer complete weeks than ``forecast.minimum_weeks`` get no lane; ``collect`` tells of them.

    Raises:
        ContractBroken: where nothing is loaded, or the features were not built for the day.
    """
    least = workspace.config.forecast.minimum_weeks
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        found = read_series(connection, day)
    planned = [
        PlannedManager(one.manager_id, one.manager_name, one.weeks, one.weeks >= least, one.fingerprint)
        for one in found
    ]
    DayFolder(workspace, day).start(planned, [one for one in found if one.weeks >= least])
    lanes = [Lane(one.manager_id, one.manager_name, one.weeks, day) for one in planned if one.is_enough]
    _log.info("%s: %d managers, %d with at least %d complete weeks of history", day, len(planned), len(lanes), least)
    return lanes


def forecast(workspace: Workspace, manager_id: str, *, as_of: date | str) -> ManagerForecast:
    """Forecast one manager's won revenue and repeat it from past weeks; leaves a file for ``collect``.

    Raises:
        ContractBroken: where ``series`` has written nothing for that manager and day.
    """
    day = workspace.day(as_of)
    folder = DayFolder(workspace, day)
    one = folder.read_series(manager_id)
    ahead = outlook(day, workspace.config.organisation.fiscal_year)
    past = backtest(one, list(ahead.windows.values()), workspace.config.forecast)
    result = LaneResult(manager_id, _expected(one, ahead), tuple(past))
    folder.write_lane(one, result)
    return ManagerForecast(one.manager_name, ahead, workspace.config.organisation.currency, result)


def collect(workspace: Workspace, *, as_of: date | str | None = None) -> ForecastReport:
    """Gather the lanes of a day: intervals from the errors of all managers, then the forecast tables of that day.

    Raises:
        ContractBroken: where a lane of the day's plan has left no forecast.
    """
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        folder = DayFolder(workspace, day)
        planned, lanes = folder.plan(), folder.read_lanes()
        ahead = outlook(day, workspace.config.organisation.fiscal_year)
        rows = manager_rows(planned, lanes, ahead)
        write_forecasts(connection, day, rows, lanes)
    return ForecastReport(day, workspace.config.organisation.currency, tuple(rows), accuracies(lanes))


def _expected(one: ManagerSeries, ahead: Outlook) -> tuple[Expected, ...]:
    weeks = max(window.horizon_weeks for window in ahead.windows.values())
    prediction = predict_weeks(one.weekly, one.first_week, weeks)
    expected = []
    for period in PERIODS:
        window = ahead.windows[period]
        predicted = window.share(prediction.weekly)
        scale = native_scale(prediction.residual_sigma, window.days, predicted)
        expected.append(Expected(period, one.won_since(ahead.periods[period].start), predicted, scale))
    return tuple(expected)
