"""What a task leaves for another, under XCom: alerts, the errors of a lane, whether there was anything to do.

Not a DAG (see ``.airflowignore``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException

from dags.parts import DRIFT
from dags.verbs import ERROR, Report, go_on_if, perform

ALERTS: Final = "alerts"
"""Under this key a task leaves what there is to alert about."""


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
            errors = [run.xcom_pull(task_ids=task, key=ERROR, map_indexes=number) for task in tasks]
            lines = next(filter(None, errors), "Its lane broke off; the log of the lane's task says why.").splitlines()
            more = f" (and {len(lines) - 1} more lines in the log of its lane)" if len(lines) > 1 else ""
            told[source] = f"{lines[0]}{more}"
    return told
