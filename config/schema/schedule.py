"""``schedule.yml``: when the pipeline runs and how long its traces are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.schema.base import Section

Cron = Annotated[str, Field(pattern=r"^\S+ \S+ \S+ \S+ \S+$")]


class Schedule(Section):
    """Clock times of the DAGs that start by the clock; the others follow their data."""

    ingest_daily: Annotated[Cron, Field(description="Cron expression (UTC) of the daily read of all sources.")]
    score_arrivals: Annotated[
        Cron | None,
        Field(
            description="Cron expression (UTC) of the look for new leads, which are then scored within the day. null: "
            "never; a new lead waits for the daily run."
        ),
    ] = "*/5 * * * *"
    forecast_weekly: Annotated[Cron, Field(description="Cron expression (UTC) of the weekly forecast.")]
    retrain_every_days: Annotated[
        int, Field(ge=1, description="Days after which a model in use is due to be trained again.")
    ] = 15
    keep_published_runs: Annotated[
        int,
        Field(
            ge=2,
            description="Published runs kept, and days of which the last run is kept; the current one never goes.",
        ),
    ] = 7
    approval_timeout_hours: Annotated[
        int, Field(ge=1, description="Hours an approval waits for a person before it counts as rejected.")
    ] = 72
