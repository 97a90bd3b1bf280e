"""Read every source, load what is new, and set broken rows aside.

- Runs: daily at the time in `schedule.yml`, or by hand for any day.
- Reads: the sources enabled in `config/sources/`, one lane each.
- Writes: raw tables, quarantine and check results in the warehouse; then `build_daily` follows.
- Fails: when YAML has a mistake, a source cannot be read at all (it stops its own lane only), or most rows of a table
  are broken; the log says what to do. What else is not in today's data, `missing` tells; broken rows lie in quarantine.
"""

from __future__ import annotations

from airflow.sdk import TriggerRule, dag, task, task_group

from config.workspace import Workspace
from dags.handover import tell_missing
from dags.parts import ARGUMENTS, DAY, LOADED, WAREHOUSE, as_of_param, by_the_clock
from dags.verbs import call, demand

LABEL = "{{ task.op_kwargs['source'] }}"


@dag(schedule=by_the_clock(Workspace.open().config.schedule.ingest_daily), catchup=False, max_active_runs=1,
     default_args=ARGUMENTS, params=as_of_param(), tags=["daily", "data"], doc_md=__doc__)  # fmt: skip
def ingest_daily() -> None:
    """Check and fetch in parallel, load one after the other, check what was loaded, tell what is missing."""

    @task
    def sources() -> list[str]:
        """The sources that are switched on, one lane each."""
        return [name for name, source in Workspace.open().config.sources.items() if source.enabled]

    @task(map_index_template=LABEL)
    def check_source(source: str, as_of: str) -> list[str]:
        """Verify one source's prerequisites; the log has each with what to do. Fails where nothing can be read."""
        from extract.check_source import check_source as verb

        return demand(verb, source, as_of=as_of)

    @task(map_index_template=LABEL)
    def fetch(source: str, as_of: str) -> list[str]:
        """Read one source into packages of typed rows; never opens the warehouse."""
        from extract.fetch import fetch as verb

        return call(verb, source, as_of=as_of)

    @task_group(prefix_group_id=False)
    def lane(source: str) -> None:
        check_source(source=source, as_of=DAY) >> fetch(source=source, as_of=DAY)

    @task(pool=WAREHOUSE, trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
    def load(as_of: str) -> list[str]:
        """Append all waiting packages to the raw tables, whatever became of the other lanes."""
        from extract.load import load as verb

        return call(verb, as_of=as_of)

    @task(pool=WAREHOUSE, trigger_rule=TriggerRule.ALL_DONE, priority_weight=100)  # before the long tasks that follow
    def missing(as_of: str) -> list[str]:
        """Say what is missing from today's data, and since when; fail where it is all of a source."""
        from extract.missing import missing as verb

        return tell_missing(verb, "sources", ["check_source", "fetch"], as_of)

    @task(pool=WAREHOUSE, outlets=[LOADED])
    def check(as_of: str) -> list[str]:
        """Hold the raw rows against their expectations; quarantine those that break one."""
        from expectations.check import check as verb

        return call(verb, "raw", as_of=as_of)

    lane.expand(source=sources()) >> load(DAY) >> [check(DAY), missing(DAY)]


ingest_daily()
