"""How a task calls a verb: in the workspace of the environment, its report to the log, its errors in Airflow's terms.

Not a DAG (see ``.airflowignore``): the one seam between Airflow and the verbs, so that no verb knows Airflow.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, Protocol, TypeVar, runtime_checkable

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Asset, CronTriggerTimetable, Param
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from config.errors import ConfigError, ContractBroken, GateNotPassed, SourceRefused
from config.workspace import Workspace

log = logging.getLogger(__name__)
R = TypeVar("R")

WAREHOUSE: Final = "warehouse"
"""The pool with one slot: every task that opens the warehouse is in it, because one process at a time may."""

LOADED: Final = Asset(name="raw", uri="x-sales-insights://warehouse/raw")
FEATURES: Final = Asset(name="features", uri="x-sales-insights://warehouse/features")
MODELS: Final = Asset(name="models", uri="x-sales-insights://registry/models")
PUBLISHED: Final = Asset(name="published", uri="x-sales-insights://published/current")

DAY: Final = "{{ params.as_of or '' }}"
"""The as-of day a run was started with; empty where the pipeline's own day is meant."""

ARGUMENTS: Final[dict[str, Any]] = {
    "owner": "sales-insights",
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,
}
"""Default arguments of every task: what passes by itself is tried again; what a person must mend fails at once."""


@runtime_checkable
class Report(Protocol):
    """What every verb returns."""

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""


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


def by_the_clock(cron: str) -> CronTriggerTimetable:
    """Run at these times (UTC), beginning with the next: a fresh installation does not make up for times gone by.

    It holds for DAGs without a ``start_date`` only, and not with ``False``, which makes up for the last tenth.
    """
    return CronTriggerTimetable(cron, timezone="UTC", run_immediately=timedelta(0))


def ask_a_person(score: str, hours: int) -> ApprovalOperator:
    """A person reads the verdict and decides, in Airflow's list of required actions; no answer in time rejects."""
    return ApprovalOperator(
        task_id="approve",
        subject=f"Put the new {score} model to use?",
        body="{{ ti.xcom_pull(task_ids='" + score + ".validate') | join('\n\n') }}",
        response_timeout=timedelta(hours=hours),
        defaults="Reject",
    )


def go_on_if(condition: bool, otherwise: str) -> None:
    """Skip this task, and say why, unless the condition holds."""
    if not condition:
        raise AirflowSkipException(otherwise)


def call(verb: Callable[..., Report], *arguments: Any, as_of: str = "") -> list[str]:
    """Run a verb and return its report's lines, which Airflow shows under XCom.

    Raises:
        AirflowSkipException: where a gate stays shut; that is an outcome and no failure.
        AirflowFailException: where retrying cannot help: a person must edit YAML, renew a secret or look at rows.
    """
    return perform(verb, *arguments, as_of=as_of).lines()


def perform(verb: Callable[..., R], *arguments: Any, as_of: str = "") -> R:
    """Run a verb, tell its report in the log, and return what it returned; its errors are in Airflow's terms."""
    try:
        result = verb(Workspace.open(), *arguments, as_of=as_of or None)
    except GateNotPassed as shut:
        log.warning("The gate stays shut. %s", shut)
        raise AirflowSkipException(f"The gate stays shut. {shut}") from shut
    except (ConfigError, ContractBroken, SourceRefused) as error:
        raise AirflowFailException(f"{type(error).__name__}: {error}") from error
    if isinstance(result, Report):
        for line in result.lines():
            log.info(line)
    return result
