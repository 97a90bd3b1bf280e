"""Revert, deactivate or delete a model, and score anew.

- Runs: by hand only, with `action` and `model`. `delete` shows what would go unless `really` is set.
- Reads: the registry and `scores.models`.
- Writes: which version of the model is in use, in the registry and in `scores.models`; then `score_daily` runs.
- Fails: when there is nothing to go back to, or a model that is still trained by itself is to be deleted.
"""

from __future__ import annotations

from typing import Final

from airflow.sdk import Param, chain, dag, task

from dags.parts import ARGUMENTS, MODELS, WAREHOUSE, as_of_param, lanes
from dags.verbs import call

SCORE_OF = {model.name: score for score, model in lanes()}
MODEL: Final = "{{ params.model }}"
ACTIONS = ["revert", "deactivate", "delete"]
PARAMS = {
    "action": Param("revert", enum=ACTIONS, description="What to do."),
    "model": Param(next(iter(SCORE_OF)), enum=list(SCORE_OF), description="With which model."),
    "really": Param(False, type="boolean", description="For delete: do it. Otherwise only show what would go."),
}


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    default_args=ARGUMENTS,
    params=as_of_param() | PARAMS,
    tags=["models"],
    doc_md=__doc__,
)
def manage_models() -> None:
    """One task per action, of which the chosen one runs."""

    @task.branch
    def choose(action: str) -> str:
        """Go on with the action that was asked for."""
        return action

    @task(pool=WAREHOUSE)
    def revert(model: str) -> list[str]:
        """Go back to the version that was in use before."""
        from models_ml.scoring.revert import revert as verb

        return call(verb, SCORE_OF[model], model)

    @task(pool=WAREHOUSE)
    def deactivate(model: str) -> list[str]:
        """Take the model out of use; its records get no score from it."""
        from models_ml.scoring.deactivate import deactivate as verb

        return call(verb, SCORE_OF[model], model)

    @task(pool=WAREHOUSE)
    def delete(model: str, really: str) -> list[str]:
        """Remove the model and all its versions from the registry."""
        from models_ml.scoring.delete import delete as verb

        return call(verb, SCORE_OF[model], model, really == "True")

    @task(trigger_rule="none_failed_min_one_success", outlets=[MODELS])
    def announce() -> None:
        """Tell score_daily that another version, or none, is in use."""

    actions = [revert(MODEL), deactivate(MODEL), delete(MODEL, "{{ params.really }}")]
    chain(choose("{{ params.action }}"), actions, announce())


manage_models()
