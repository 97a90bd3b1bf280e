"""What a person reads of a forecast: per manager, and of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from models_ml.forecast.backtest import PastForecast
from models_ml.forecast.lanes import LaneResult
from models_ml.forecast.series import PERIODS, Outlook, PeriodName
from models_ml.forecast.tables import NOT_ENOUGH_HISTORY, ManagerRow


@dataclass(frozen=True)
class Accuracy:
    """How wrong past forecasts of a period were: sum of absolute errors over sum of actuals (WAPE), 0.2 = 20 %.

    ``naive`` is the same for the mean of the last 13 weeks. Both None where nothing was won in any of these windows.
    """

    period: PeriodName
    past_forecasts: int
    prophet: float | None
    naive: float | None

    def __str__(self) -> str:
        if self.prophet is None or self.naive is None:
            return f"{self.period} period: no past forecast could be measured"
        return (
            f"{self.period} period: {self.past_forecasts} past forecasts were wrong by {self.prophet:.0%} of the "
            f"amount, the mean of the last 13 weeks by {self.naive:.0%}"
        )


def accuracies(lanes: Iterable[LaneResult]) -> tuple[Accuracy, ...]:
    """The accuracy per period, over all past forecasts of all the lanes."""
    past = [one for lane in lanes for one in lane.past]
    return tuple(_accuracy(period, [one for one in past if one.period == period]) for period in PERIODS)


def _accuracy(period: PeriodName, past: list[PastForecast]) -> Accuracy:
    actual = sum(abs(one.actual_amount) for one in past)
    if not actual:
        return Accuracy(period, len(past), None, None)
    prophet = sum(abs(one.actual_amount - one.predicted_amount) for one in past)
    naive = sum(abs(one.actual_amount - one.naive_amount) for one in past)
    return Accuracy(period, len(past), prophet / actual, naive / actual)


@dataclass(frozen=True)
class ManagerForecast:
    """One manager's lane: what it expects of both periods, without intervals, which need all lanes."""

    manager_name: str
    outlook: Outlook
    currency: str
    result: LaneResult

    def lines(self) -> list[str]:
        """What a person should read."""
        totals = [
            f"{self.outlook.periods[one.period].label} {_amount(one.won_to_date_amount + one.predicted_amount)}"
            for one in self.result.expected
        ]
        return [
            f"{self.manager_name}: {', '.join(totals)} {self.currency} expected",
            *(f"  {accuracy}" for accuracy in accuracies([self.result]) if accuracy.past_forecasts),
        ]


@dataclass(frozen=True)
class ForecastReport:
    """A day's forecast of all managers, as written to ``forecasts.managers``."""

    as_of: date
    currency: str
    rows: tuple[ManagerRow, ...]
    accuracies: tuple[Accuracy, ...]

    def lines(self) -> list[str]:
        """What a person should read: the sum of it, the error of past forecasts, then a line per manager and period."""
        managers = {row.manager_id for row in self.rows}
        if not managers:
            return [
                f"Forecast of {self.as_of}: no manager has won anything yet, or no user has a manager; nothing written."
            ]
        short = {row.manager_id for row in self.rows if row.status == NOT_ENOUGH_HISTORY}
        first = f"Forecast of {self.as_of}: {len(managers) - len(short)} managers"
        if short:
            first += f", {len(short)} more without enough history"
        known = [f"  {accuracy}" for accuracy in self.accuracies if accuracy.past_forecasts]
        return [f"{first}. Amounts in {self.currency}.", *known, *(f"  {_told(row)}" for row in self.rows)]


def _told(row: ManagerRow) -> str:
    who = f"{row.manager_name}, {row.period_label}:"
    if row.predicted_amount is None:
        return f"{who} {row.status} ({row.weeks_of_history} complete weeks)"
    if row.low_95_amount == row.high_95_amount == row.predicted_amount:
        return f"{who} {_amount(row.predicted_amount)}, all of it won; the period ends with this day"
    text = f"{who} {_amount(row.predicted_amount)}"
    if row.low_80_amount is not None and row.high_80_amount is not None:
        text += f", 80 % between {_amount(row.low_80_amount)} and {_amount(row.high_80_amount)}"
    if row.low_95_amount is not None and row.high_95_amount is not None:
        text += f", 95 % between {_amount(row.low_95_amount)} and {_amount(row.high_95_amount)}"
    if row.period == "current":
        text += f"; {_amount(row.won_to_date_amount or 0)} of it won"
    return text if row.high_95_amount is not None else f"{text} ({row.status.partition(', ')[2]})"


def _amount(amount: float) -> str:
    return f"{amount:,.0f}"
