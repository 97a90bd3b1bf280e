"""An emulated service in a process of its own, and a workspace that reads it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.bench.measure import KIB_PER_MB, Measured

PROJECT: Final = Path(__file__).resolve().parents[2]
VERB: Final = "from cli.main import main; main()"
_PREPARE: Final = (
    "from config.workspace import Workspace; from models_ml.registry import prepare; prepare(Workspace.open())"
)
REGISTRY: Final = [sys.executable, "-c", _PREPARE]
"""The command that makes the registry, which happens once in an organisation's life."""
SECRET_ENV: Final = "BENCH_DATAVERSE"
_SECRET: Final = "emulated-secret"  # the emulator's own


@dataclass
class Served:
    """A service that listens. ``measured`` is what its process cost, once it has ended."""

    process: subprocess.Popen[str]
    told: Mapping[str, Any]
    measured: list[Measured] = field(default_factory=list)

    def say(self, line: str) -> None:
        """Tell the process something, and wait until it has answered with a line."""
        if self.process.stdin and self.process.stdout:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            self.process.stdout.readline()


@contextmanager
def served(step: str, module: str, arguments: Sequence[str]) -> Iterator[Served]:
    """Run ``python -m module --serve``, which writes its address as JSON first and ends with its standard input."""
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--serve", *arguments],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    service = Served(process, json.loads(process.stdout.readline()) if process.stdout else {})
    try:
        yield service
    finally:
        if process.stdin:
            process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / KIB_PER_MB
        service.measured.append(Measured(step, process.returncode, time.monotonic() - begun, cpu, peak))


def tell(told: Mapping[str, Any]) -> None:
    """What a serving process writes first."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def settings(tables: Sequence[Mapping[str, Any]], told: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What ``sources/dataverse.yml`` says, of an emulated organisation where one is told."""
    terms = {"accepted_by": "the benchmark", "accepted_on": "2026-06-30"}
    found: dict[str, Any] = {"enabled": True, "terms": terms, "tables": list(tables)}
    if told:
        found |= {"url": told["url"], "authority": told["url"], "ca_file": told["ca_file"]}
        found |= {"tenant_id": "7e4a0000-0000-4000-8000-000000000001", "client_secret_env": SECRET_ENV}
        found |= {"client_id": "a9900000-0000-4000-8000-000000000001"}
    return found


def emptied(folder: Path) -> Path:
    """The folder, with nothing in it but a place for the configuration."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "config" / "sources").mkdir(parents=True)
    return folder


def configure(folder: Path, dataverse: Mapping[str, Any]) -> None:
    """Write the configuration of the source into a workspace."""
    # JSON is YAML.
    (folder / "config" / "sources" / "dataverse.yml").write_text(json.dumps(dataverse), encoding="utf-8")


def verb(*words: str) -> list[str]:
    """The command of a verb of the command line."""
    return [sys.executable, "-c", VERB, *words]


def environment(folder: Path) -> dict[str, str]:
    """Of a workspace in the folder."""
    own = {"SALES_INSIGHTS_CONFIG": str(folder / "config"), "SALES_INSIGHTS_DATA": str(folder / "data")}
    quiet = {"DO_NOT_TRACK": "true", "DBT_SEND_ANONYMOUS_USAGE_STATS": "False", "GX_ANALYTICS_ENABLED": "false"}
    return dict(os.environ) | quiet | own | {SECRET_ENV: _SECRET, "PYTHONPATH": str(PROJECT)}


def place(name: str) -> Path:
    """The folder of a benchmark in the data folder."""
    return Path(os.environ.get("SALES_INSIGHTS_DATA") or PROJECT / "data").resolve() / "bench" / name
