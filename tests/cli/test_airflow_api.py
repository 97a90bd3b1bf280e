"""What is read from Airflow's REST API, served by a small stand-in that answers as Airflow 3 does."""

from __future__ import annotations

import io
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from rich.console import Console
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from cli.airflow_api import AirflowApi, Run, Task
from cli.airflow_process import Airflow
from cli.day import Outcome
from cli.progress import progress
from config.errors import SourceUnavailable

RUN = Run("train_models", "r1", "running", "")
LOG: list[Any] = [
    {"event": "::group::Log message source details"},
    {"event": "/somewhere/attempt=1.log"},
    {"event": "::endgroup::"},
    {"event": "::group::Pre Execute"},
    {"event": "Filling up the DagBag"},
    {"event": "::endgroup::"},
    {"event": "lead: 12 rows read"},
    {"event": "The gate stays shut. lead: 12 closed records, 40 are needed.", "level": "warning"},
    {"event": "::group::Post Execute"},
    {"event": "Skipping task."},
    {"event": "::endgroup::"},
]
FAILED: list[Any] = [
    {"event": "Task failed", "error_detail": [{"exc_type": "ConfigError", "exc_value": "scores/lead.yml: no such key"}]}
]


def _task(_: Request) -> JSONResponse:
    told = {"task_id": "lead.train", "map_index": -1, "rendered_map_index": None, "try_number": 1, "duration": 2.0}
    return JSONResponse({"task_instances": [told | {"state": "skipped"}]})


def _log(request: Request) -> JSONResponse:
    return JSONResponse({"content": LOG if request.path_params["task"] == "lead.train" else FAILED})


class _Busy:
    """Answers as Airflow does on a machine that has too much to do: with an error, with half an answer, at last."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        if self.asked == 1:
            await Response("busy", 503)(scope, receive, send)
        elif self.asked == 2:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"99")]})
            await send({"type": "http.response.body", "body": b'{"import'})
        else:
            await JSONResponse({"import_errors": [], "asked": self.asked})(scope, receive, send)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[AirflowApi]:
    instances = "/api/v2/dags/{dag}/dagRuns/{run}/taskInstances"
    errors = Route("/api/v2/importErrors", _Busy())
    app = Starlette(routes=[Route(instances, _task), Route(instances + "/{task}/logs/{attempt}", _log), errors])
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            with subprocess.Popen(["true"]) as process:
                yield AirflowApi(Airflow(process, tmp_path, listening.getsockname()[1], "admin", "secret"))
        finally:
            server.should_exit = True
            thread.join()


def test_a_gate_that_stays_shut_says_why_and_airflow_says_nothing_of_itself(api: AirflowApi) -> None:
    (task,) = api.tasks(RUN)
    output = io.StringIO()
    with progress(Console(file=output, width=200), lambda _: [], api.log_tail) as show:
        show([task])
        show([task])
    first, *others = output.getvalue().splitlines()
    assert "train_models" in first
    assert "lead.train" in first
    assert "skipped" in first
    assert [line.strip() for line in others] == [
        "lead: 12 rows read",
        "The gate stays shut. lead: 12 closed records, 40 are needed.",
    ]
    assert Outcome([task]).succeeded


def test_airflow_is_asked_again_while_it_is_too_busy_to_answer(api: AirflowApi) -> None:
    assert api.import_errors() == []


def test_an_airflow_that_is_gone_is_told_with_its_log(tmp_path: Path) -> None:
    with socket.socket() as taken, subprocess.Popen(["true"]) as process:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        gone = AirflowApi(Airflow(process, tmp_path, taken.getsockname()[1], "admin", "secret"), patience_seconds=0)
        with pytest.raises(SourceUnavailable, match=r"ConnectError.*standalone\.log"):
            gone.import_errors()


def test_a_failure_shows_its_error(api: AirflowApi) -> None:
    task = Task("train_models", "r1", "lead.validate", -1, "", "failed", 1, 0.5)
    assert api.log_tail(task) == ["Task failed ConfigError: scores/lead.yml: no such key"]
    assert not Outcome([task]).succeeded
