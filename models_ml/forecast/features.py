"""The managers' series out of the feature tables of a day."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Final

import duckdb
import numpy as np

from config.errors import ContractBroken
from models_ml.forecast.series import ManagerSeries

_WEEKS: Final = "features.feat_manager_week"
_DAYS: Final = "features.feat_manager_day"
_DAILY: Final = f"""
    select
        weeks.manager_id,
        coalesce(weeks.manager_name, weeks.manager_id) as manager_name,
        cast(weeks.week_start as date) + weekdays.number::integer as won_on,
        coalesce(days.won_amount, 0)::double as won_amount
    from {_WEEKS} as weeks
    cross join range(7) as weekdays (number)
    left join {_DAYS} as days
        on days.as_of_date = weeks.as_of_date
        and days.manager_id = weeks.manager_id
        and cast(days.won_on as date) = cast(weeks.week_start as date) + weekdays.number::integer
    where weeks.as_of_date = $day and cast(weeks.week_start as date) + weekdays.number::integer <= $day
    order by weeks.manager_id, won_on
"""
_WEEK_TOTALS: Final = f"select manager_id, sum(won_amount) from {_WEEKS} where as_of_date = $day group by manager_id"
_TOLERANCE: Final = 0.01


def read_series(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[ManagerSeries]:
    """The series of every manager of a day, by id. Empty where nobody manages anyone, or nothing was won.

    Raises:
        ContractBroken: where the features were not built for that day, or weeks and days do not add up.
    """
    _require_built(connection, as_of)
    rows = connection.execute(_DAILY, {"day": as_of}).fetchall()
    found = [_series(list(days), as_of) for _, days in groupby(rows, key=lambda row: row[0])]
    totals = dict(connection.execute(_WEEK_TOTALS, {"day": as_of}).fetchall())
    for series in found:
        _require_sums(series, totals[series.manager_id])
    return found


def _series(days: list[tuple[str, str, date, float]], as_of: date) -> ManagerSeries:
    manager_id, manager_name, first_day, _ = days[0]
    if len(days) != (as_of - first_day).days + 1 or first_day.weekday() != 0:
        raise ContractBroken(
            f"{_WEEKS}: the weeks of manager '{manager_id}' do not run without a gap from a Monday to {as_of}. "
            f"Run 'sales-insights build features --as-of {as_of}' again; if it stays, the model is wrong."
        )
    return ManagerSeries(
        manager_id, manager_name, first_day, np.array([amount for *_, amount in days], dtype=np.float64)
    )


def _require_built(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """A table without rows is an organisation without managers; one with rows of other days only is not built yet."""
    advice = f"Run 'sales-insights build features --as-of {as_of}'."
    for table in (_WEEKS, _DAYS):
        try:
            row = connection.execute(
                f"select count(*), count(*) filter (where as_of_date = $day), max(as_of_date) from {table}",
                {"day": as_of},
            ).fetchone()
        except duckdb.CatalogException as error:
            raise ContractBroken(f"{table} does not exist yet. {advice}") from error
        if row and row[0] and not row[1]:
            raise ContractBroken(f"{table} has no row of {as_of}; the newest are of {row[2]}. {advice}")


def _require_sums(series: ManagerSeries, total: float) -> None:
    difference = abs(float(series.daily.sum()) - total)
    if difference > _TOLERANCE * max(1, series.weeks):
        raise ContractBroken(
            f"{_DAYS}: the days of manager '{series.manager_id}' differ by {difference:.2f} from {_WEEKS}. "
            f"Run 'sales-insights build features --as-of {series.last_day}' again; if it stays, a model is wrong."
        )
