"""A day of the demo organisation by hand, step by step, each measured in a process of its own."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.bench import daily, dataverse, lake, scoring
from tests.bench.figures import figures
from tests.bench.live import PROJECT, REGISTRY, verb
from tests.bench.measure import Measured, measure, table

GATE_SHUT = 3
_QUIET = {
    "DO_NOT_TRACK": "true",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PYTHONPATH": str(PROJECT),
}
_LAYERS = ("staging", "history", "intermediate", "features")
_SCORES = ("lead", "opportunity")


def steps(size: str) -> list[tuple[str, list[str]]]:
    """Name and command of every step of a day, in order."""
    verbs = ["fetch", "load", "check raw", *(f"build {layer}" for layer in _LAYERS), "check features"]
    verbs += [f"{word} {score}" for score in _SCORES for word in ("train", "validate", "promote", "apply")]
    verbs += ["check scores", "forecast", "check forecasts", "build marts", "publish"]
    return [
        ("demo", verb("demo", "--size", size)),
        ("registry", REGISTRY),
        *((words, verb(*words.split())) for words in verbs),
    ]


def run_day(folder: Path, size: str) -> list[Measured]:
    """Run all steps in an empty workspace; ends early after a step that fails. A shut gate is no failure."""
    logs = folder / "logs"
    logs.mkdir(parents=True)
    done: list[Measured] = []
    for step, command in steps(size):
        if step.startswith("promote ") and done[-1].exit_status == GATE_SHUT:
            continue
        log = logs / f"{step.replace(' ', '_')}.log"
        done.append(measure(step, command, _environment(folder), log))
        if done[-1].exit_status not in {0, GATE_SHUT}:
            sys.stderr.write(f"{step} failed; its last lines, of {log}:\n{_tail(log)}\n")
            break
    return done


def main(arguments: Sequence[str]) -> int:
    """Measure a day and print it beside the day measured before; 1 where a step failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--size", choices=("tiny", "small", "large"), default="small", help="of the demo organisation")
    size: str = parser.parse_args(arguments).size
    root = Path(os.environ.get("SALES_INSIGHTS_DATA") or PROJECT / "data").resolve() / "bench"
    folder, results = root / size, root / f"{size}.json"
    shutil.rmtree(folder, ignore_errors=True)
    before = json.loads(results.read_text()) if results.is_file() else []
    done = run_day(folder, size)
    rows = _rows(folder)
    for live in (dataverse, lake, daily, scoring):
        more, counted = live.run(root, live.ROWS[size])
        done, rows = done + more, rows | counted
    sys.stdout.write(table(done, rows, {one["step"]: one["seconds"] for one in before}) + "\n")
    sys.stdout.write("\n".join(["", *figures(done, rows)]) + "\n")
    failed = any(one.exit_status not in {0, GATE_SHUT} for one in done)
    if not failed:
        results.write_text(json.dumps([asdict(one) | {"rows": rows.get(one.step)} for one in done], indent=1))
    return int(failed)


def _environment(folder: Path) -> Mapping[str, str]:
    own = {"SALES_INSIGHTS_DATA": str(folder / "data"), "SALES_INSIGHTS_INPUT": str(folder / "data" / "demo")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SALES_INSIGHTS_")}
    return kept | _QUIET | own


def _rows(folder: Path) -> dict[str, int | None]:
    command = [sys.executable, "-m", "tests.bench.rows"]
    counted = subprocess.run(command, env=_environment(folder), cwd=PROJECT, capture_output=True, text=True, check=True)
    rows: dict[str, int | None] = json.loads(counted.stdout)
    return rows


def _tail(log: Path, lines: int = 20) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
