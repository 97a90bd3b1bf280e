"""Score every open lead and opportunity with the models in use, and publish.

- Runs: after every `build_daily`, and again when `train_models` has judged a model.
- Reads: the features of the day and the models in use.
- Writes: predictions, reasons, drift (asset `drift`: an event where a version drifts), marts, a new published run.
- Fails: when features lack a column the model needs or a check of the scores fails; then readers keep the last
  published run. No model in use is no failure: no score is published and `score_runs` says why.
"""

from __future__ import annotations

from airflow.sdk import chain, dag, task

from config.workspace import Workspace
from dags import handover, parts, verbs
from dags.parts import ARGUMENTS, DAY, FEATURES, MODELS, WAREHOUSE


@dag(schedule=(FEATURES | MODELS), catchup=False, max_active_runs=1, default_args=ARGUMENTS,
     params=parts.as_of_param(), tags=["daily", "models"], doc_md=__doc__)  # fmt: skip
def score_daily() -> None:
    """Apply each score's models, explain, look for drift, check the scores, build the marts, publish."""

    @task(pool=WAREHOUSE)
    def apply(score: str, as_of: str) -> list[str]:
        """Score the open records of the day."""
        from models_ml.scoring.apply import apply as verb

        return verbs.call(verb, score, as_of=as_of)

    @task(pool=WAREHOUSE)
    def explain(score: str, as_of: str) -> list[str]:
        """Give the reasons of each score, where the last ones do not hold any more."""
        from models_ml.scoring.explain import explain as verb

        return verbs.call(verb, score, as_of=as_of)

    @task(pool=WAREHOUSE)
    def monitor(score: str, as_of: str) -> list[str]:
        """Hold what comes now against what the versions in use were measured on."""
        from models_ml.scoring.monitor import monitor as verb

        return handover.watch(verb, score, as_of=as_of)

    @task(outlets=[parts.DRIFT])
    def alert(tasks: list[str]) -> list[str]:
        """Tell whoever waits for it that a version in use drifts; skipped where none does."""
        return handover.send_alerts(tasks)

    @task(pool=WAREHOUSE)
    def check(as_of: str) -> list[str]:
        """Hold the scores against their expectations."""
        from expectations.check import check as verb

        return verbs.call(verb, "scores", as_of=as_of)

    @task(pool=WAREHOUSE)
    def build(as_of: str) -> list[str]:
        """Build the marts."""
        from warehouse.dbt import build as verb

        return verbs.call(verb, "marts", as_of=as_of)

    @task(pool=WAREHOUSE, outlets=[parts.PUBLISHED])
    def publish(as_of: str) -> list[str]:
        """Copy the marts into a new published run and move the pointer."""
        from warehouse.publish import publish as verb

        return verbs.call(verb, as_of=as_of)

    scores = Workspace.open().config.scores
    applied = [apply.override(task_id=f"apply_{score}")(score, DAY) for score in scores]
    explained = [explain.override(task_id=f"explain_{score}")(score, DAY) for score in scores]
    monitored = [monitor.override(task_id=f"monitor_{score}")(score, DAY) for score in scores]
    chain(applied, explained, monitored, check(DAY), build(DAY), publish(DAY))
    monitored >> alert([f"monitor_{score}" for score in scores])


score_daily()
