"""The forecast repeated from past weeks, as if each had been the last one known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from config.schema.forecast import Forecast
from models_ml.forecast.intervals import native_scale
from models_ml.forecast.pipeline import naive_weeks, predict_weeks
from models_ml.forecast.series import WEEK, ManagerSeries, PeriodName, Window


@dataclass(frozen=True)
class PastForecast:
    """What would have been forecast from a past week for a window of the same length, and what came.

    Attributes:
        origin_week: the Monday of the last week that was known.
        scale_amount: the unit that the error is measured in, see ``intervals.native_scale``.
        naive_amount: what the mean of the 13 weeks before would have forecast.
    """

    period: PeriodName
    origin_week: date
    horizon_weeks: int
    predicted_amount: float
    naive_amount: float
    actual_amount: float
    scale_amount: float


def backtest(series: ManagerSeries, windows: list[Window], settings: Forecast) -> list[PastForecast]:
    """Forecast every window from past origins, each with nothing but the weeks before it.

    Origins lie ``backtest_step_weeks`` apart, back from the last complete week, so that both windows share them. Each
    window has at most ``backtest_origins`` of them: the latest whose window has passed wholly and the ones before, as
    long as half of ``minimum_weeks`` were known. A window without days has none.
    """
    wanted: dict[int, list[Window]] = {}
    for window in windows:
        for weeks_known in _origins(series, window, settings):
            wanted.setdefault(weeks_known, []).append(window)
    return [past for weeks_known in sorted(wanted) for past in _forecast_from(series, weeks_known, wanted[weeks_known])]


def _origins(series: ManagerSeries, window: Window, settings: Forecast) -> list[int]:
    """Numbers of weeks known at each origin, latest first."""
    if not window.days:
        return []
    latest = (len(series.daily) - window.last_day) // WEEK
    earliest = settings.minimum_weeks // 2
    every = range(series.weeks, earliest - 1, -settings.backtest_step_weeks)
    return [weeks_known for weeks_known in every if weeks_known <= latest][: settings.backtest_origins]


def _forecast_from(series: ManagerSeries, weeks_known: int, windows: list[Window]) -> list[PastForecast]:
    known = series.weekly[:weeks_known]
    ahead = max(window.horizon_weeks for window in windows)
    prediction = predict_weeks(known, series.first_week, ahead)
    naive = naive_weeks(known, ahead)
    return [
        PastForecast(
            period=window.period,
            origin_week=series.first_week + timedelta(weeks=weeks_known - 1),
            horizon_weeks=window.horizon_weeks,
            predicted_amount=(predicted := window.share(prediction.weekly)),
            naive_amount=window.share(naive),
            actual_amount=window.actual(series, weeks_known),
            scale_amount=native_scale(prediction.residual_sigma, window.days, predicted),
        )
        for window in windows
    ]
