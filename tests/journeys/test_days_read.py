"""Readers are never blocked and never see a mixture of two runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from config.workspace import Workspace
from extract.demo import write_demo
from tests.conftest import PROJECT
from tests.journeys.conftest import FIRST, Undisturbed

SECOND = FIRST + timedelta(days=1)


@pytest.mark.timeout(600)
def test_readers_in_a_loop_see_whole_runs_and_no_error_while_a_day_runs(undisturbed: Undisturbed) -> None:
    days = undisturbed.days
    workspace = Workspace.open(days.environment("undisturbed", "of_the_second"))
    write_demo(workspace.input_folder, "tiny", SECOND)
    reader = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.reader", str(workspace.data.published)],
        cwd=PROJECT,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert reader.stdout is not None
    ready = reader.stdout.readline()
    try:
        ended_well = days.start("undisturbed", "of_the_second", SECOND.isoformat()).ended_well()
    finally:
        reader.send_signal(signal.SIGINT)
        output, _ = reader.communicate(timeout=60)
    assert reader.returncode == 0, output
    assert ended_well, days.log("undisturbed")
    # What was held open stays what it was; whoever opens anew sees the new day as soon as it is published.
    seen = {line.strip() for line in (ready + output).splitlines()}
    assert seen == {"ready", f"held {FIRST}", f"fresh {FIRST}", f"fresh {SECOND}"}
