"""Starting and, above all, ending Airflow's processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from cli.airflow_process import free_port, only_one, stop_all
from config.errors import SourceUnavailable
from config.workspace import Workspace

# A parent and a child that rename themselves, as Airflow's parts do, ignore SIGTERM, and leave their group.
_STUBBORN = """
import os, signal, subprocess, sys, time
from setproctitle import setproctitle
if len(sys.argv) == 1:
    child = subprocess.Popen([sys.executable, __file__, "child"], stdout=subprocess.PIPE)
    child.stdout.readline()
os.setpgrp()
signal.signal(signal.SIGTERM, signal.SIG_IGN)
setproctitle("airflow something -- with a rather long name " * 20)
print("up", flush=True)
time.sleep(600)
"""


def test_a_port_in_use_is_not_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(port) == port


def test_a_second_run_on_the_same_data_is_refused_and_told_who_holds_it(workspace: Workspace) -> None:
    with only_one(workspace), pytest.raises(SourceUnavailable, match=str(os.getpid())), only_one(workspace):
        pass
    with only_one(workspace):
        pass


def test_everything_that_works_for_the_home_is_ended_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.airflow_process._STOP_SECONDS", 1)
    script = tmp_path / "stubborn.py"
    script.write_text(_STUBBORN)
    mine, other = (_start(script, tmp_path / name) for name in ("mine", "other"))
    try:
        assert stop_all(tmp_path / "mine") >= 2
        assert not _alive(mine)
        assert other.poll() is None
    finally:
        stop_all(tmp_path / "other")
    assert not _alive(other)


def _start(script: Path, home: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"AIRFLOW_HOME": str(home), "SPT_NOENV": "1"}
    process = subprocess.Popen([sys.executable, str(script)], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def _alive(process: subprocess.Popen[str]) -> bool:
    process.poll()
    return bool(psutil.pid_exists(process.pid) and psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE)
