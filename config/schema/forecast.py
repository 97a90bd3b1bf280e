"""``forecast.yml``: how revenue is forecast, one series per manager."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.schema.base import Section


class Forecast(Section):
    """Settings of the weekly revenue forecast."""

    minimum_weeks: Annotated[
        int, Field(ge=8, description="Weeks of history a manager needs before a number is shown for them.")
    ] = 36
    backtest_origins: Annotated[
        int, Field(ge=4, le=60, description="How many past weeks the forecast is repeated from, to measure its error.")
    ] = 12
    backtest_step_weeks: Annotated[
        int, Field(ge=1, le=13, description="Weeks between two of those past forecasts.")
    ] = 2
