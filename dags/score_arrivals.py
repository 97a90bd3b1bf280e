"""Score the leads that came since the daily run, as of the same day, and publish.

- Runs: by the clock, every few minutes (`score_arrivals` in `schedule.yml`; null: never), or by hand.
- Reads: new and changed leads, contacts and accounts of the sources that deliver leads; the features of the day.
- Writes: raw rows, features and scores of new leads, the marts they are seen in, and a new published run.
- Fails: when no source answers, or a check finds what forbids to publish; then readers keep the last published run. A
  daily run that is not through, and no new lead, are no failures: the run is skipped and says why.
"""

from __future__ import annotations

from airflow.sdk import TriggerRule, dag, task

from config.workspace import Workspace
from dags.parts import ARGUMENTS, DAY, PUBLISHED, WAREHOUSE, as_of_param, by_the_clock
from dags.verbs import go_on_if, perform, unless_busy
from extract.fetch import sources_of_leads

LABEL = "{{ task.op_kwargs['source'] }}"


@dag(
    schedule=by_the_clock(Workspace.open().config.schedule.score_arrivals),
    catchup=False,
    max_active_runs=1,
    default_args=ARGUMENTS,
    params=as_of_param(),
    tags=["minutes", "models"],
    doc_md=__doc__,
)
def score_arrivals() -> None:
    """Fetch side by side; then all in one task, because to start one takes as long as most of its steps."""

    @task(map_index_template=LABEL)
    def fetch_arrivals(source: str, as_of: str) -> list[str]:
        """Read what is new of leads, contacts and accounts; skipped while the source is being read already."""
        from extract.fetch import fetch_arrivals as verb

        return unless_busy(verb, source, as_of=as_of)

    @task(pool=WAREHOUSE, outlets=[PUBLISHED], trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
    def score_arrivals(as_of: str) -> list[str]:
        """Load and check, build features of new leads, apply, explain, build their marts, publish."""
        from expectations.check_arrivals import check_arrivals
        from extract.load import load
        from models_ml.scoring.score_arrivals import score_arrivals as verb

        report = perform(verb, load, check_arrivals, as_of=as_of)
        go_on_if(report.published, report.because)
        told: list[str] = report.lines()
        return told

    fetch_arrivals.partial(as_of=DAY).expand(source=sources_of_leads(Workspace.open())) >> score_arrivals(DAY)


score_arrivals()
