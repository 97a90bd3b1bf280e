"""Train a model per score when it is due, measure it forward in time, and put it to use if the gate opens.

- Runs: after every `build_daily`; a score whose model is not due is skipped. By hand with `retrain` for all scores now.
- Reads: features and labels.
- Writes: models in the MLflow registry; accuracy, verdict and attributes in `scores.*`; then `score_daily` runs.
- Fails: when features are missing or broken. A gate that stays shut is no failure: the model in use stays.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, TaskGroup, chain, dag, task

from config.workspace import Workspace
from dags.verbs import ARGUMENTS, DAY, FEATURES, MODELS, WAREHOUSE, as_of_param, ask_a_person, call, go_on_if, perform

CONFIG = Workspace.open().config
TIMEOUT = CONFIG.schedule.approval_timeout_hours
NOW = "{{ params.retrain }}"
RETRAIN = {"retrain": Param(False, type="boolean", description="Train now, whether due or not.")}


@dag(
    schedule=[FEATURES],
    catchup=False,
    max_active_runs=1,
    default_args=ARGUMENTS,
    params=as_of_param() | RETRAIN,
    tags=["models"],
    doc_md=__doc__,
)
def train_models() -> None:
    """One lane per score: due, train, validate, approve where a person decides, promote."""

    @task.short_circuit(pool=WAREHOUSE, ignore_downstream_trigger_rules=False)
    def due(score: str, as_of: str, retrain: str) -> bool:
        """Go on only if a new model is due or asked for."""
        from models_ml.scoring.due import due as verb

        return retrain == "True" or perform(verb, score, as_of=as_of).is_due

    @task(pool=WAREHOUSE)
    def train(score: str, as_of: str) -> list[str]:
        """Fit on the older records, keep the newest for measuring, register the model."""
        from models_ml.scoring.train import train as verb

        return call(verb, score, as_of=as_of)

    @task(pool=WAREHOUSE)
    def validate(score: str, as_of: str) -> list[str]:
        """Measure on the held-out records and pass the verdict."""
        from models_ml.scoring.validate import validate as verb

        return call(verb, score, as_of=as_of)

    @task(pool=WAREHOUSE)
    def promote(score: str, as_of: str) -> list[str]:
        """Put the model to use."""
        from models_ml.scoring.promote import promote as verb

        return call(verb, score, as_of=as_of)

    @task(trigger_rule="none_failed", outlets=[MODELS])
    def announce(judged: list[Any]) -> None:
        """Tell score_daily that a model was judged, whatever the verdict."""
        go_on_if(any(judged), "no model was due")

    are_due, promoted = [], []
    for score, settings in CONFIG.scores.items():
        with TaskGroup(score):
            person = [ask_a_person(score, TIMEOUT)] if settings.approval == "manual" else []
            are_due.append(due(score, DAY, NOW))
            promoted.append(promote(score, DAY))
            chain(are_due[-1], train(score, DAY), validate(score, DAY), *person, promoted[-1])
    promoted >> announce(are_due)


train_models()
