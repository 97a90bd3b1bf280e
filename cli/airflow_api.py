"""A client of Airflow's REST API: start a DAG, follow its runs and tasks, read a task's log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from tenacity import Retrying, retry_if_exception_type, retry_if_result, stop_after_delay, wait_fixed

from cli.airflow_process import Airflow
from config.errors import SourceUnavailable

_ACTIVE: Final = frozenset({"queued", "running"})
_OVER: Final = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})
_HTTP_CONFLICT: Final = 409


@dataclass(frozen=True)
class Run:
    """One run of a DAG."""

    dag_id: str
    run_id: str
    state: str
    queued_at: str

    @property
    def is_active(self) -> bool:
        """Whether it is waiting or running."""
        return self.state in _ACTIVE


@dataclass(frozen=True)
class Task:
    """One task instance of a run; mapped ones carry their label, e.g. a manager's name."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    label: str
    state: str
    attempt: int
    seconds: float | None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return f"{self.task_id} [{self.label}]" if self.label else self.task_id

    @property
    def is_over(self) -> bool:
        """Whether it has come to an end, of whatever kind."""
        return self.state in _OVER


class AirflowApi:
    """Airflow's REST API, signed in."""

    def __init__(self, airflow: Airflow, patience_seconds: float = 300) -> None:
        """Make the client.

        Args:
            airflow: where it answers, and its password.
            patience_seconds: how long an answer is waited for; a machine that is busy keeps Airflow from answering.
        """
        self._airflow = airflow
        self._http = httpx.Client(base_url=airflow.address, timeout=30)
        self._again = Retrying(
            retry=retry_if_exception_type(httpx.TransportError)
            | retry_if_result(lambda answer: answer.is_server_error),
            wait=wait_fixed(1),
            stop=stop_after_delay(patience_seconds),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )

    def is_healthy(self) -> bool:
        """Whether database, scheduler and DAG processor all answer."""
        try:
            health = self._http.get("/api/v2/monitor/health").json()
        except (httpx.HTTPError, ValueError):
            return False
        return all(
            health.get(part, {}).get("status") == "healthy" for part in ("metadatabase", "scheduler", "dag_processor")
        )

    def sign_in(self) -> None:
        """Fetch a token; every later call carries it."""
        answer = self._ask(
            "POST", "/auth/token", json={"username": self._airflow.user, "password": self._airflow.password}
        )
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def make_pool(self, name: str, slots: int, description: str) -> None:
        """Create a pool, or leave it as it is where it exists."""
        pool = {"name": name, "slots": slots, "description": description, "include_deferred": False}
        answer = self._ask("POST", "/api/v2/pools", json=pool)
        if answer.status_code != _HTTP_CONFLICT:
            answer.raise_for_status()

    def dag_ids(self) -> set[str]:
        """The DAGs that are ready to run."""
        return {dag["dag_id"] for dag in self._get("/api/v2/dags", limit=100)["dags"]}

    def import_errors(self) -> list[str]:
        """What keeps a DAG file from being read."""
        errors = self._get("/api/v2/importErrors")["import_errors"]
        return [f"{error['filename']}: {error['stack_trace'].strip().splitlines()[-1]}" for error in errors]

    def trigger(self, dag_id: str, params: dict[str, Any]) -> str:
        """Start a DAG; returns the run's id."""
        run_id = f"manual__{datetime.now(UTC).isoformat()}"  # ours: asked twice for a lost answer, it is one run
        told = {"dag_run_id": run_id, "logical_date": None, "conf": params}
        answer = self._ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=told)
        if answer.status_code != _HTTP_CONFLICT:
            answer.raise_for_status()
        return run_id

    def runs(self, since: datetime | None = None) -> list[Run]:
        """All runs queued since an instant, oldest first."""
        query = {"run_after_gte": since.isoformat()} if since else {}
        found = self._get("/api/v2/dags/~/dagRuns", limit=100, order_by="run_after", **query)["dag_runs"]
        return [Run(run["dag_id"], run["dag_run_id"], run["state"], run["queued_at"] or "") for run in found]

    def fail(self, run: Run) -> None:
        """Mark a run as failed, so that nothing goes on with it."""
        url = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}"
        self._ask("PATCH", url, json={"state": "failed"}).raise_for_status()

    def tasks(self, run: Run) -> list[Task]:
        """The task instances of a run."""
        found = self._get(f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances", limit=500)
        return [
            Task(
                run.dag_id,
                run.run_id,
                task["task_id"],
                task["map_index"],
                task["rendered_map_index"] or "",
                task["state"] or "waiting",
                task["try_number"],
                task["duration"],
            )
            for task in found["task_instances"]
        ]

    def result(self, task: Task) -> list[str]:
        """The lines a verb's report left under XCom; empty where there are none."""
        url = f"/api/v2/dags/{task.dag_id}/dagRuns/{task.run_id}/taskInstances/{task.task_id}/xcomEntries/return_value"
        answer = self._ask("GET", url, params={"map_index": task.map_index})
        value = answer.json().get("value") if answer.is_success else None
        return [line for line in value if isinstance(line, str)] if isinstance(value, list) else []

    def log_tail(self, task: Task, lines: int = 15) -> list[str]:
        """The last lines of a task's log, the error among them."""
        url = f"/api/v2/dags/{task.dag_id}/dagRuns/{task.run_id}/taskInstances/{task.task_id}/logs/{task.attempt}"
        headers = {"Accept": "application/json"}
        answer = self._ask("GET", url, params={"map_index": task.map_index}, headers=headers)
        if not answer.is_success:
            return [f"(the log could not be read: {answer.status_code})"]
        told = [text for entry in answer.json()["content"] if (text := _log_text(entry))]
        return _without_groups(told)[-lines:]

    def _get(self, url: str, **params: Any) -> Any:
        answer = self._ask("GET", url, params=params)
        answer.raise_for_status()
        return answer.json()

    def _ask(self, method: str, url: str, **told: Any) -> httpx.Response:
        """One answer, whatever it says.

        Raises:
            SourceUnavailable: where none comes, however often it is asked.
        """
        try:
            answer: httpx.Response = self._again(self._http.request, method, url, **told)
        except httpx.TransportError as error:
            raise SourceUnavailable(
                f"Airflow does not answer any longer at {self._airflow.address} ({type(error).__name__}). "
                f"Its log says why: {self._airflow.log}. Run again: what was done is not done twice."
            ) from error
        return answer


def _without_groups(lines: list[str]) -> list[str]:
    """The lines that are not folded away: Airflow groups what it says about itself before and after a task."""
    kept, depth = [], 0
    for line in lines:
        opens, closes = line.startswith("::group::"), line.startswith("::endgroup::")
        depth = max(0, depth + opens - closes)
        if not (depth or closes):
            kept.append(line)
    return kept


def _log_text(entry: Any) -> str:
    """One line of a structured log, with the message of its exception where there is one."""
    if isinstance(entry, str):
        return entry
    details = [f"{error.get('exc_type')}: {error.get('exc_value')}" for error in entry.get("error_detail") or []]
    return " ".join([str(entry.get("event", "")), *details]).strip()
