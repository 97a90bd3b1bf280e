"""What DAGs are made of: the pool, assets, parameters and times of a run, and the step in which a person decides.

Not a DAG (see ``.airflowignore``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from airflow.providers.standard.operators.hitl import HITLBranchOperator
from airflow.sdk import Asset, CronTriggerTimetable, Param

from config.schema.learning import Model
from config.workspace import Workspace

Steps = list[Any]
"""Tasks, or what they will have returned: Airflow's own types for both do not fit into one another."""

WAREHOUSE: Final = "warehouse"
"""The pool with one slot: every task that opens the warehouse is in it, because one process at a time may."""

LOADED: Final = Asset(name="raw", uri="x-sales-insights://warehouse/raw")
FEATURES: Final = Asset(name="features", uri="x-sales-insights://warehouse/features")
MODELS: Final = Asset(name="models", uri="x-sales-insights://registry/models")
PUBLISHED: Final = Asset(name="published", uri="x-sales-insights://published/current")
DRIFT: Final = Asset(name="drift", uri="x-sales-insights://warehouse/drift")
"""Has an event only where a version in use drifts: a DAG of one's own may wait for it."""

DAY: Final = "{{ params.as_of or '' }}"
"""The as-of day a run was started with; empty where the pipeline's own day is meant."""

ARGUMENTS: Final[dict[str, Any]] = {
    "owner": "sales-insights",
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,
}
"""Default arguments of every task: what passes by itself is tried again; what a person must mend fails at once."""


def as_of_param() -> dict[str, Param]:
    """The one parameter of every DAG: the day a run is for."""
    return {
        "as_of": Param(
            None,
            type=["null", "string"],
            format="date",
            title="As-of day",
            description="Run for this day (YYYY-MM-DD). Empty: the day in organisation.yml, else today.",
        )
    }


def lanes() -> list[tuple[str, Model]]:
    """Every model of the configuration, with the score it belongs to."""
    scores = Workspace.open().config.scores
    return [(score, model) for score, settings in scores.items() for model in settings.all_models(score)]


def retrain_params(models: list[tuple[str, Model]]) -> dict[str, Param]:
    """The parameters of a run by hand that trains whether or not a model is due."""
    names = ["all", *(model.name for _, model in models)]
    return {
        "retrain": Param(False, type="boolean", description="Train now, whether due or not."),
        "model": Param("all", enum=names, description="Which model to train now."),
    }


def is_asked_for(model: str) -> str:
    """'True' in a run by hand that is to train this model, as a template."""
    return "{{ params.retrain and params.model in ('all', '" + model + "') }}"


def by_the_clock(cron: str | None) -> CronTriggerTimetable | None:
    """Run at these times (UTC), beginning with the next: a fresh installation does not make up for times gone by.

    None: by hand only.

    It holds for DAGs without a ``start_date`` only, and not with ``False``, which makes up for the last tenth.
    """
    return None if cron is None else CronTriggerTimetable(cron, timezone="UTC", run_immediately=timedelta(0))


def ask_a_person(model: str) -> HITLBranchOperator:
    """A person reads what was measured and decides in Airflow's list of required actions; no answer in time rejects."""
    return HITLBranchOperator(
        task_id="approve",
        subject=f"Put the new version of {model} to use?",
        body="{{ ti.xcom_pull(task_ids='" + model + ".validate') | join('\n\n') }}",
        options=["Approve", "Reject"],
        options_mapping={"Approve": f"{model}.promote", "Reject": f"{model}.reject"},
        response_timeout=timedelta(hours=Workspace.open().config.schedule.approval_timeout_hours),
        defaults="Reject",
    )
