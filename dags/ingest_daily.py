"""Read every source, load what is new, and set broken rows aside.

- Runs: daily at the time in `schedule.yml`, or by hand for any day.
- Reads: the sources enabled in `config/sources/`.
- Writes: raw tables, quarantine and check results in the warehouse; then `build_daily` follows.
- Fails: when YAML has a mistake, a source cannot be read at all, or most rows of a table are broken. The log names the
  file, the column and the first row; broken rows lie in `quarantine.rows`, the good ones are loaded.
"""

from __future__ import annotations

from airflow.sdk import dag, task

from config.workspace import Workspace
from dags.verbs import ARGUMENTS, DAY, LOADED, WAREHOUSE, as_of_param, by_the_clock, call


@dag(
    schedule=by_the_clock(Workspace.open().config.schedule.ingest_daily),
    catchup=False,
    max_active_runs=1,
    default_args=ARGUMENTS,
    params=as_of_param(),
    tags=["daily", "data"],
    doc_md=__doc__,
)
def ingest_daily() -> None:
    """Fetch in parallel, load one after the other, check what was loaded."""

    @task
    def sources() -> list[str]:
        """The sources that are switched on, one lane each."""
        return [name for name, source in Workspace.open().config.sources.items() if source.enabled]

    @task(map_index_template="{{ task.op_kwargs['source'] }}")
    def fetch(source: str, as_of: str) -> list[str]:
        """Read one source into packages of typed rows; never opens the warehouse."""
        from extract.fetch import fetch as verb

        return call(verb, source, as_of=as_of)

    @task(pool=WAREHOUSE)
    def load(as_of: str) -> list[str]:
        """Append all waiting packages to the raw tables."""
        from extract.load import load as verb

        return call(verb, as_of=as_of)

    @task(pool=WAREHOUSE, outlets=[LOADED])
    def check(as_of: str) -> list[str]:
        """Hold the raw rows against their expectations; quarantine those that break one."""
        from expectations.check import check as verb

        return call(verb, "raw", as_of=as_of)

    fetch.partial(as_of=DAY).expand(source=sources()) >> load(DAY) >> check(DAY)


ingest_daily()
