"""Forecast the revenue of every manager for the current and the next fiscal period, and publish.

- Runs: weekly at the time in `schedule.yml`, or by hand for any day.
- Reads: each manager's weekly won revenue, with all reports below them.
- Writes: forecasts with 80 and 95 % intervals, their back-test, marts, and a new published run.
- Fails: when a series or a check breaks; then readers keep the last published run. A manager with too little history is
  no failure: the forecast says so instead of a number.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import chain, dag, task

from config.workspace import Workspace
from dags.parts import ARGUMENTS, DAY, PUBLISHED, WAREHOUSE, as_of_param, by_the_clock
from dags.verbs import call, perform


@dag(
    schedule=by_the_clock(Workspace.open().config.schedule.forecast_weekly),
    catchup=False,
    max_active_runs=1,
    default_args=ARGUMENTS,
    params=as_of_param(),
    tags=["weekly", "models"],
    doc_md=__doc__,
)
def forecast_weekly() -> None:
    """One lane per manager; the lanes meet in collect."""

    @task(pool=WAREHOUSE)
    def series(as_of: str) -> list[dict[str, Any]]:
        """Hand out one series per manager."""
        from models_ml.forecast.forecast import series as verb

        return [lane.as_dict() for lane in perform(verb, as_of=as_of)]

    @task(map_index_template="Manager: {{ task.op_kwargs['lane']['manager_name'] }}")
    def forecast(lane: dict[str, Any]) -> list[str]:
        """Fit one manager's series and repeat the forecast from past weeks; never opens the warehouse."""
        from models_ml.forecast.forecast import forecast as verb

        return call(verb, lane["manager_id"], as_of=lane["as_of_date"])

    @task(pool=WAREHOUSE, trigger_rule="none_failed")
    def collect(as_of: str) -> list[str]:
        """Set the intervals from all managers' past errors and write the forecasts."""
        from models_ml.forecast.forecast import collect as verb

        return call(verb, as_of=as_of)

    @task(pool=WAREHOUSE)
    def check(as_of: str) -> list[str]:
        """Hold the forecasts against their expectations."""
        from expectations.check import check as verb

        return call(verb, "forecasts", as_of=as_of)

    @task(pool=WAREHOUSE)
    def build(as_of: str) -> list[str]:
        """Build the marts."""
        from warehouse.dbt import build as verb

        return call(verb, "marts", as_of=as_of)

    @task(pool=WAREHOUSE, outlets=[PUBLISHED])
    def publish(as_of: str) -> list[str]:
        """Copy the marts into a new published run and move the pointer."""
        from warehouse.publish import publish as verb

        return call(verb, as_of=as_of)

    chain(forecast.expand(lane=series(DAY)), collect(DAY), check(DAY), build(DAY), publish(DAY))


forecast_weekly()
