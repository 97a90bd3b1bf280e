"""How a task calls a verb: in the workspace of the environment, its report to the log, its errors in Airflow's terms.

Not a DAG (see ``.airflowignore``): the one seam between Airflow and the verbs, so that no verb knows Airflow.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final, Protocol, TypeVar, runtime_checkable

from airflow.providers.standard.operators.hitl import HITLBranchOperator
from airflow.sdk import Asset, CronTriggerTimetable, Param, get_current_context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from config.errors import (
    ConfigError,
    ContractBroken,
    GateNotPassed,
    RequestRefused,
    SalesInsightsError,
    SourceBusy,
    SourceRefused,
)
from config.schema.learning import Model
from config.workspace import Workspace

log = logging.getLogger(__name__)
R = TypeVar("R")
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

ALERTS: Final = "alerts"
"""Under this key a task leaves what there is to alert about."""

_ERROR: Final = "error"
"""Under this key a task leaves what its verb's error said, for the task that sums up."""

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


def watch(verb: Callable[..., Any], *arguments: Any, as_of: str = "") -> list[str]:
    """As ``call``, and leave under XCom what the report alerts about."""
    report = perform(verb, *arguments, as_of=as_of)
    get_current_context()["ti"].xcom_push(ALERTS, report.alerts)
    told: list[str] = report.lines()
    return told


def said_yes(tasks: list[str]) -> bool:
    """Whether one of the tasks returned something that counts as true.

    Pulled, not handed over: whoever takes the result of a short circuit hangs on it, and is skipped with what it skips.
    """
    return any(get_current_context()["ti"].xcom_pull(task_ids=tasks))


def send_alerts(tasks: list[str]) -> list[str]:
    """Give the event of ``DRIFT`` what the tasks left to alert about; without any, skip, and there is no event.

    Returns:
        One line per version that drifts.
    """
    context = get_current_context()
    found = [one for left in context["ti"].xcom_pull(task_ids=tasks, key=ALERTS) for one in left or ()]
    go_on_if(bool(found), "no version in use drifts")
    context["outlet_events"][DRIFT].extra = {"versions": found}
    return [f"{one['model']} drifts since {one['drifting_since']}: {one['because']}" for one in found]


def unless_busy(verb: Callable[..., Report], source: str, *, as_of: str = "") -> list[str]:
    """As ``call``, but skip where the source is being read already: what that fetch brings is loaded as well.

    Raises:
        AirflowSkipException: where it is.
    """
    try:
        return call(verb, source, as_of=as_of)
    except SourceBusy as busy:
        raise AirflowSkipException(str(busy)) from busy


def demand(verb: Callable[..., Any], *arguments: Any, as_of: str = "") -> list[str]:
    """As ``call``, but fail where the report, once it is in the log, says that nobody can go on from here.

    Raises:
        AirflowFailException: with what a person must put right.
    """
    report = perform(verb, *arguments, as_of=as_of)
    with _in_airflows_terms():
        report.demand()
    told: list[str] = report.lines()
    return told


def tell_missing(verb: Callable[..., Report], sources: str, tasks: list[str], as_of: str) -> list[str]:
    """Run a verb with the sources whose lane failed, and fail with them once its report is in the log and under XCom.

    What is missing of a source that was read is told and fails nothing: one mailbox that lets nobody in would otherwise
    turn every day red, and red would soon mean nothing.

    Args:
        verb: takes source to error, of those whose lane failed.
        sources: id of the task that lists them, one lane each, in the order of Airflow's map indexes.
        tasks: ids of the tasks of a lane.
        as_of: the day.

    Raises:
        AirflowFailException: where a lane failed.
    """
    run = get_current_context()["ti"]
    failed = _failed_lanes(run, sources, tasks)
    told = perform(verb, failed, as_of=as_of).lines()
    if failed:
        run.xcom_push("return_value", told)  # of a task that fails Airflow keeps nothing by itself
        raise AirflowFailException(
            f"Nothing could be read of {', '.join(failed)}. What was fetched before stays in use, the other sources "
            "are loaded. The log of check_source or fetch in that lane says what to do."
        )
    return told


def _failed_lanes(run: Any, sources: str, tasks: list[str]) -> dict[str, str]:
    """Sources whose lane did not come to its end, and the error that ended it."""
    states = run.get_task_states(dag_id=run.dag_id, task_ids=tasks, run_ids=[run.run_id]).get(run.run_id, {})
    failed = {name.rpartition("_")[2] for name, state in states.items() if state in {"failed", "upstream_failed"}}
    told = {}
    for number, source in enumerate(run.xcom_pull(task_ids=sources) or ()):
        if str(number) in failed:
            errors = [run.xcom_pull(task_ids=task, key=_ERROR, map_indexes=number) for task in tasks]
            lines = next(filter(None, errors), "Its lane broke off; the log of the lane's task says why.").splitlines()
            more = f" (and {len(lines) - 1} more lines in the log of its lane)" if len(lines) > 1 else ""
            told[source] = f"{lines[0]}{more}"
    return told


def perform(verb: Callable[..., R], *arguments: Any, as_of: str = "") -> R:
    """Run a verb, tell its report in the log, and return what it returned; its errors are in Airflow's terms."""
    with _in_airflows_terms():
        result = verb(Workspace.open(), *arguments, as_of=as_of or None)
    if isinstance(result, Report):
        for line in result.lines():
            log.info(line)
    return result


@contextmanager
def _in_airflows_terms() -> Iterator[None]:
    """Turn the errors of a verb into Airflow's, and leave under XCom what they say."""
    try:
        yield
    except GateNotPassed as shut:
        log.warning("The gate stays shut. %s", shut)
        raise AirflowSkipException(f"The gate stays shut. {shut}") from shut
    except SalesInsightsError as error:
        get_current_context()["ti"].xcom_push(_ERROR, str(error))
        if isinstance(error, ConfigError | ContractBroken | RequestRefused | SourceRefused):
            raise AirflowFailException(f"{type(error).__name__}: {error}") from error
        raise
