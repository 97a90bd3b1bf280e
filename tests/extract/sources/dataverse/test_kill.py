"""A fetch that is killed at any moment: the next one brings what an undisturbed one would have brought."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from extract.sources.dataverse.emulator import Store
from tests.conftest import PROJECT
from tests.extract.sources.dataverse.conftest import Serve
from tests.extract.sources.dataverse.organisation import SECRET, SECRET_ENV, Organisation, key, organisation

KILLS, FIRST = 6, "2026-06-30"


def tables(served: Organisation, name: str) -> list[tuple[Any, ...]]:
    return served.latest("* exclude (_row_id, _batch_id, _row_number, _loaded_at, place)", name=name)


def started(served: Organisation, name: str, day: str) -> subprocess.Popen[bytes]:
    """Fetch in a process of its own."""
    workspace = served.workspace(name)
    environment = {
        "SALES_INSIGHTS_CONFIG": str(served.folder / "config"),
        "SALES_INSIGHTS_DATA": str(workspace.data.root),
        SECRET_ENV: SECRET,
    }
    command = [sys.executable, "-c", "from cli.main import main; main()", "fetch", "dataverse", "--as-of", day]
    return subprocess.Popen(command, cwd=PROJECT, env=os.environ | environment, stdout=-3, stderr=-3)


def changed(store: Store) -> None:
    for number in range(1, 400, 3):
        store.update("lead", key(number), {"subject": f"Changed {number}"})
    for number in range(2, 100, 7):
        store.delete("lead", key(number))


@pytest.mark.timeout(280)
def test_killed_in_the_middle_of_a_fetch(serve: Serve) -> None:
    served = serve(organisation(400))
    moments = random.Random(3)
    killed = 0
    for day in (FIRST, "2026-07-01"):
        begun = time.monotonic()
        served.a_day(day, "undisturbed")
        assert started(served, "measured", day).wait() == 0
        seconds = time.monotonic() - begun
        for _ in range(KILLS // 2):
            process = started(served, "disturbed", day)
            time.sleep(moments.uniform(0.3, 0.8) * seconds)
            killed += process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
        served.a_day(day, "disturbed")
        assert tables(served, "disturbed") == tables(served, "undisturbed")
        if day == FIRST:
            changed(served.store)
    assert killed > 0, "the fetches ended before they could be killed: nothing was tested"
    count = "select count(*) from raw.dataverse__leads"
    assert served.rows(count, "disturbed") == served.rows(count, "undisturbed")
