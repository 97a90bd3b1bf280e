"""Train a model when it is due, measure it forward in time, and put it to use if the gate opens.

- Runs: after every `build_daily`; a model that is not due is skipped. By hand with `retrain`, for one `model` or all.
- Reads: features and labels.
- Writes: versions in the MLflow registry; accuracy, verdict and attributes in `scores.*`; then `score_daily` runs.
- Fails: when features are missing or broken. A gate that stays shut is no failure: the version in use stays.
"""

from __future__ import annotations

from airflow.sdk import TaskGroup, chain, dag, task

from dags import handover, parts, verbs
from dags.parts import ARGUMENTS, DAY, FEATURES, MODELS, WAREHOUSE

LANES = parts.lanes()
PARAMS = parts.as_of_param() | parts.retrain_params(LANES)


@dag(schedule=[FEATURES], catchup=False, max_active_runs=1, default_args=ARGUMENTS, params=PARAMS, tags=["models"],
     doc_md=__doc__)  # fmt: skip
def train_models() -> None:
    """One lane per model: due, train, validate, approve or reject where a person decides, promote."""

    @task.short_circuit(pool=WAREHOUSE, ignore_downstream_trigger_rules=False)
    def due(score: str, model: str, as_of: str, now: str) -> bool:
        """Go on only if a new version is due or asked for."""
        from models_ml.scoring.due import due as verb

        return now == "True" or verbs.perform(verb, score, model, as_of=as_of).is_due

    @task(pool=WAREHOUSE)
    def train(score: str, model: str, as_of: str) -> list[str]:
        """Fit on the older records, keep the newest for measuring, register the version."""
        from models_ml.scoring.train import train as verb

        return verbs.call(verb, score, model, as_of=as_of)

    @task(pool=WAREHOUSE)
    def validate(score: str, model: str, as_of: str) -> list[str]:
        """Measure on the held-out records and pass the verdict."""
        from models_ml.scoring.validate import validate as verb

        return verbs.call(verb, score, model, as_of=as_of)

    @task(pool=WAREHOUSE)
    def reject(score: str, model: str, as_of: str) -> list[str]:
        """Note that a person does not want it; the version in use stays."""
        from models_ml.scoring.reject import reject as verb

        return verbs.call(verb, score, model, as_of=as_of)

    @task(pool=WAREHOUSE)
    def promote(score: str, model: str, as_of: str) -> list[str]:
        """Put the version to use."""
        from models_ml.scoring.promote import promote as verb

        return verbs.call(verb, score, model, as_of=as_of)

    @task(trigger_rule="none_failed", outlets=[MODELS])
    def announce(tasks: list[str]) -> None:
        """Tell score_daily that a model was judged, whatever the verdict."""
        verbs.go_on_if(handover.said_yes(tasks), "no model was due")

    ends = []
    for score, model in LANES:
        lane = (score, model.name, DAY)
        with TaskGroup(model.name):
            ends.append(promote(*lane))
            decided: parts.Steps = [ends[-1]]
            if model.approval == "manual":
                ends.append(reject(*lane))
                decided = [parts.ask_a_person(model.name), ends[-2:]]
            chain(due(*lane, parts.is_asked_for(model.name)), train(*lane), validate(*lane), *decided)
    ends >> announce([f"{model.name}.due" for _, model in LANES])


train_models()
