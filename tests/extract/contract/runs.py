"""Verbs in processes that may be killed: ``python -m tests.extract.contract.runs`` starts one for each line it is told.

Such a process is a fork of one that has imported everything: a kill meets a verb and no import. The answers to a line
are the number of the process at once, and what became of it when it has ended.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from config.load import Config, load_config
from config.workspace import DataFolder, Workspace
from extract.certificates import trusted
from extract.fetch import SOURCES, fetch
from extract.load import load
from tests.conftest import PROJECT


@dataclass(frozen=True)
class Run:
    """One verb.

    Attributes:
        verb: ``load``, or ``fetch`` and the name of a source.
        environment: where configuration, data and input are, and the secrets.
        day: the as-of day.
        constants: private constants by their dotted names, and what they are in this process.
        peak: a file into which the highest memory of Python and Arrow goes, in bytes; None: it is not measured.
    """

    verb: str
    environment: Mapping[str, str]
    day: str
    constants: Mapping[str, float]
    peak: str | None = None


class Runner:
    """Starts verbs; use it as a context manager."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.extract.contract.runs"]
        self._server = subprocess.Popen(command, cwd=PROJECT, stdin=-1, stdout=-1, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.communicate()

    def start(self, run: Run) -> int:
        """Start a verb; the number of its process."""
        assert self._server.stdin
        self._server.stdin.write(json.dumps(vars(run)) + "\n")
        self._server.stdin.flush()
        return self._answer()

    def end(self) -> int:
        """Wait for the verb that was started; its exit status, negative for a signal."""
        return self._answer()

    def _answer(self) -> int:
        assert self._server.stdout
        return int(self._server.stdout.readline())


def _main() -> None:
    for path in sorted(SOURCES.glob("*/fetch.py")):
        importlib.import_module(f"extract.sources.{path.parent.name}.fetch")
    for line in sys.stdin:
        run = Run(**json.loads(line))
        _configured(run.environment["SALES_INSIGHTS_CONFIG"])
        process = os.fork()
        if not process:
            os._exit(_child(run))
        _tell(process)
        _tell(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


@cache
def _configured(folder: str) -> Config:
    """The configuration, and the certificates that it names: read once, before the fork."""
    config = load_config(Path(folder))
    for settings in config.sources.values():
        if getattr(settings, "ca_file", None):
            trusted(Path(settings.ca_file))
    return config


def _child(run: Run) -> int:
    os.environ.update(run.environment)
    for name, value in run.constants.items():
        module, _, constant = name.rpartition(".")
        setattr(importlib.import_module(module), constant, value)
    if run.peak is None:
        _do(run)
    else:
        Path(run.peak).write_text(str(_measured(run)))
    return 0


def _do(run: Run) -> Any:
    verb, _, source = run.verb.partition(" ")
    folders = {name: Path(run.environment[f"SALES_INSIGHTS_{name}"]) for name in ("DATA", "INPUT")}
    config = _configured(run.environment["SALES_INSIGHTS_CONFIG"])
    workspace = Workspace(config, DataFolder(folders["DATA"]), folders["INPUT"])
    return fetch(workspace, source, as_of=run.day) if verb == "fetch" else load(workspace, as_of=run.day)


def _measured(run: Run) -> int:
    tracemalloc.start()
    _do(run)
    return tracemalloc.get_traced_memory()[1] + int(pa.default_memory_pool().max_memory() or 0)


if __name__ == "__main__":
    _main()
