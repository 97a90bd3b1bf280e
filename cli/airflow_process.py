"""Airflow on one machine: its settings, its start, and an end that leaves no process behind."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from config.errors import SalesInsightsError, SourceUnavailable
from config.workspace import PROJECT, Workspace

HOST: Final = "127.0.0.1"
TELEMETRY_OFF: Final = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
    "DO_NOT_TRACK": "true",
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
_PARALLEL_TASKS: Final = 4
_STOP_SECONDS: Final = 20


@dataclass(frozen=True)
class Airflow:
    """A running ``airflow standalone``: where it answers and how to sign in."""

    process: subprocess.Popen[bytes]
    home: Path
    port: int
    user: str
    password: str

    @property
    def address(self) -> str:
        """The address of its user interface."""
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """What its components print."""
        return self.home / "standalone.log"


@contextmanager
def only_one(workspace: Workspace) -> Iterator[None]:
    """Hold the data folder for this run.

    Raises:
        SourceUnavailable: where another run holds it.
    """
    workspace.data.root.mkdir(parents=True, exist_ok=True)
    path = workspace.data.root / "run.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise SourceUnavailable(
                f"{workspace.data.root}: a run is going on there already (process {lock.read().strip()}). End it with "
                "Ctrl-C, or choose another folder with SALES_INSIGHTS_DATA."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def standalone(workspace: Workspace) -> Iterator[Airflow]:
    """Start ``airflow standalone`` for a workspace; stop it, and all it started, at the end of the block."""
    home = workspace.data.airflow
    stop_all(home)
    home.mkdir(parents=True, exist_ok=True)
    password = _sign_in(home)
    port = free_port(8080)
    environment = os.environ | _environment(workspace, home, port)
    log = (home / "standalone.log").open("ab")
    process = subprocess.Popen(
        [str(home / "bin" / "airflow"), "standalone"],
        env=environment,
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    try:
        yield Airflow(process, home, port, "admin", password)
    finally:
        stop_all(home)
        process.wait()
        log.close()


def stop_all(home: Path) -> int:
    """End every process that works for this ``AIRFLOW_HOME``, also those a killed run left; returns how many."""
    mine = os.getpid()
    processes = [process for process in psutil.process_iter() if process.pid != mine and _works_for(process, home)]
    for process in processes:
        _signal(process, "terminate")
    _, alive = psutil.wait_procs(processes, _STOP_SECONDS)
    for process in alive:
        _signal(process, "kill")
    psutil.wait_procs(alive, _STOP_SECONDS)
    return len(processes)


def free_port(preferred: int) -> int:
    """The preferred port if it is free, else one that is."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SourceUnavailable("No free port on 127.0.0.1. Close some programs and try again.")


def await_health(airflow: Airflow, is_healthy: Callable[[], bool], seconds: int = 400) -> None:
    """Wait until Airflow answers.

    Raises:
        SalesInsightsError: where it ended or does not answer in time; the message names its log.
    """
    deadline = time.monotonic() + seconds
    while not is_healthy():
        if airflow.process.poll() is not None or time.monotonic() > deadline:
            raise SalesInsightsError(f"Airflow did not start. Its log says why: {airflow.log}")
        time.sleep(0.5)


def _works_for(process: psutil.Process, home: Path) -> bool:
    try:
        return bool(process.environ().get("AIRFLOW_HOME") == str(home))
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return False


def _signal(process: psutil.Process, name: str) -> None:
    try:
        getattr(process, name)()
    except psutil.NoSuchProcess:
        return


def _sign_in(home: Path) -> str:
    """Write the password file of Airflow's SimpleAuthManager and the keys its parts share, once."""
    passwords = home / "passwords.json"
    if not passwords.exists():
        _write_private(passwords, json.dumps({"admin": secrets.token_urlsafe(12)}))
    keys = home / "keys.json"
    if not keys.exists():
        _write_private(keys, json.dumps({name: secrets.token_hex(32) for name in ("api", "jwt")}))
    return str(json.loads(passwords.read_text())["admin"])


def _write_private(path: Path, text: str) -> None:
    temporary = path.with_suffix(".new")
    temporary.touch(mode=0o600)
    temporary.write_text(text)
    temporary.replace(path)


def _environment(workspace: Workspace, home: Path, port: int) -> dict[str, str]:
    """What Airflow's processes are told. Changing the port takes all three of its settings."""
    keys = json.loads((home / "keys.json").read_text())
    return TELEMETRY_OFF | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__API__BASE_URL": f"http://{HOST}:{port}",
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__SECRET_KEY": keys["api"],
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": keys["jwt"],
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
        "AIRFLOW__CORE__EXECUTOR": "dags.warm_executor.WarmExecutor",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": str(_PARALLEL_TASKS),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "PATH": f"{_commands(home)}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": str(PROJECT),
        "SALES_INSIGHTS_DATA": str(workspace.data.root),
        "SALES_INSIGHTS_INPUT": str(workspace.input_folder),
        # Airflow's parts rename themselves; without this they overwrite the environment they are recognised by.
        "SPT_NOENV": "1",
    }


def _commands(home: Path) -> Path:
    """A folder with an ``airflow`` that serves no logs on the network: its parts run here and read the files."""
    folder = home / "bin"
    folder.mkdir(exist_ok=True)
    script = folder / "airflow"
    real = shutil.which("airflow", path=str(Path(sys.executable).parent))
    if real is None:
        raise SalesInsightsError("The command 'airflow' is missing beside this Python. Run 'make' to install it.")
    script.write_text(
        f'#!/bin/sh\ncase "$1" in scheduler|triggerer) set -- "$@" --skip-serve-logs ;; esac\nexec "{real}" "$@"\n'
    )
    script.chmod(0o755)
    return folder
