"""Prophet on the complete weeks of one manager: history in; predicted weeks, and the spread of the unexplained, out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from models_ml.forecast.series import Amounts

logging.getLogger("prophet.plot").setLevel(logging.CRITICAL)  # tells at ERROR, on import, that plotly is not installed
from prophet import Prophet  # noqa: E402

# Both tell of every single fit at INFO. Stan's interface sets a level of its own where its logger has no handler.
for _name in ("prophet", "cmdstanpy"):
    logging.getLogger(_name).setLevel(logging.WARNING)
    logging.getLogger(_name).addHandler(logging.NullHandler())

_SEED: Final = 1
_TREND_FROM_WEEKS: Final = 52
_YEARLY_FROM_WEEKS: Final = 106  # the Mondays of two whole years span 730 days
_YEARLY_ORDER: Final = 4
_TREND_CHANGES: Final = 5
_TREND_FLEXIBILITY: Final = 0.01
_NAIVE_WEEKS: Final = 13


@dataclass(frozen=True)
class Prediction:
    """Predicted amount per week after the history, never below 0, and the standard deviation of a week's residual."""

    weekly: Amounts
    residual_sigma: float


def predict_weeks(weekly: Amounts, first_week: date, ahead: int) -> Prediction:
    """Forecast the weeks that follow a history.

    A trend is looked for only where a year is known, since in a part of one it is the season just as well; a yearly
    shape only where two years are; one within the week cannot show in weekly sums. The trend may bend little: with a
    loose one, weekly sums of deals send it far up or down at the end of the history.

    Args:
        weekly: won amount per complete week, oldest first.
        first_week: the Monday of the first of them.
        ahead: number of weeks to predict.
    """
    model = Prophet(
        growth="linear" if len(weekly) >= _TREND_FROM_WEEKS else "flat",
        n_changepoints=_TREND_CHANGES,
        changepoint_prior_scale=_TREND_FLEXIBILITY,
        yearly_seasonality=_YEARLY_ORDER if len(weekly) >= _YEARLY_FROM_WEEKS else False,
        weekly_seasonality=False,
        daily_seasonality=False,
        uncertainty_samples=0,
    )
    mondays = [first_week + timedelta(weeks=week) for week in range(len(weekly) + ahead)]
    dates = pd.DataFrame({"ds": pd.to_datetime(mondays)})
    model.fit(dates.iloc[: len(weekly)].assign(y=weekly), seed=_SEED)
    fitted = model.predict(dates)["yhat"].to_numpy(dtype=np.float64)
    residuals = weekly - fitted[: len(weekly)]
    return Prediction(np.maximum(fitted[len(weekly) :], 0.0), float(np.std(residuals)))


def naive_weeks(weekly: Amounts, ahead: int) -> Amounts:
    """The yardstick: every week to come is the mean of the last 13 that are known."""
    return np.full(ahead, max(0.0, float(np.mean(weekly[-_NAIVE_WEEKS:]))))
