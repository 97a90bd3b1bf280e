"""A reader as a BI tool would be: one connection held open, and a fresh one at every turn, until interrupted.

``python -m tests.journeys.reader <published folder>`` prints the days it saw as ``held <day>`` and ``fresh <day>``,
each once, and ends with 1 and a sentence when it sees an error or tables of two different runs.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import duckdb

_DAYS = " union ".join(
    f"select distinct as_of_date from {mart}"
    for mart in ("lead_scores", "opportunity_scores", "score_runs", "revenue_forecasts")
)


def main(published: Path) -> None:
    """Read until SIGINT; once more after it, so that what was published last is seen."""
    stopping: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: stopping.append(number))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not (published / "current").exists():
        if stopping:
            return
        time.sleep(0.02)
    said: set[str] = set()
    with _open(published) as held:
        while True:
            last = bool(stopping)
            _say(said, "held", _day(held))
            with _open(published) as fresh:
                _say(said, "fresh", _day(fresh))
            if last:
                return
            time.sleep(0.02)


def _open(published: Path) -> duckdb.DuckDBPyConnection:
    """The pointer resolved once, as docs/published.md asks for."""
    return duckdb.connect(str((published / "current").resolve() / "sales_insights.duckdb"), read_only=True)


def _day(connection: duckdb.DuckDBPyConnection) -> str:
    days = [str(day) for (day,) in connection.execute(_DAYS).fetchall()]
    if len(days) != 1:
        sys.exit(f"a mixture of runs: {days}")
    return days[0]


def _say(said: set[str], kind: str, day: str) -> None:
    line = f"{kind} {day}"
    if line not in said:
        said.add(line)
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
