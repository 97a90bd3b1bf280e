"""Turn raw rows into history and point-in-time features, layer by layer, with dbt.

- Runs: whenever `ingest_daily` has loaded a day, or by hand for any day.
- Reads: raw tables, without the rows in quarantine.
- Writes: staging, history, intermediate and features in the warehouse; then `score_daily` and `train_models` follow.
- Fails: when a dbt model or one of its tests fails; the log names the model, dbt's message and what to do. What the
  readers see stays as it was.
"""

from __future__ import annotations

from airflow.sdk import chain, dag, task

from dags.parts import ARGUMENTS, DAY, FEATURES, LOADED, WAREHOUSE, as_of_param
from dags.verbs import call


@dag(
    schedule=[LOADED],
    catchup=False,
    max_active_runs=1,
    default_args=ARGUMENTS,
    params=as_of_param(),
    tags=["daily", "data"],
    doc_md=__doc__,
)
def build_daily() -> None:
    """One dbt call per layer, then the checks of the features."""

    @task(pool=WAREHOUSE)
    def build(layer: str, as_of: str) -> list[str]:
        """Build one layer and run its tests."""
        from warehouse.dbt import build as verb

        return call(verb, layer, as_of=as_of)

    @task(pool=WAREHOUSE, outlets=[FEATURES])
    def check(as_of: str) -> list[str]:
        """Hold the features against their expectations."""
        from expectations.check import check as verb

        return call(verb, "features", as_of=as_of)

    layers = ("staging", "history", "intermediate", "features")
    chain(*(build.override(task_id=f"build_{layer}")(layer, DAY) for layer in layers), check(DAY))


build_daily()
