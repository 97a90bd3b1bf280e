"""New leads from the emulated organisation to published scores: ``python -m tests.bench.arrivals --rows 200000``.

The demo organisation, with as many further closed leads as are asked for, has its day: read, built, a model trained,
all scored and published. Then leads come, and their way to the readers is measured, a hundred at a time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bench.figures import figures
from tests.bench.live import emptied, environment, place, served, settings, tell, verb
from tests.bench.measure import Measured, measure, table

if TYPE_CHECKING:
    from extract.sources.dataverse.emulator import Store

ROWS: Final = {"tiny": 0, "small": 0, "large": 200_000}
"""Further closed leads beside a size of the demo organisation."""
ARRIVALS: Final = 100
_DAY: Final = date(2026, 6, 30)
_TIMES: Final = 3
_LEARN: Final = ("train", "validate", "promote")
_VERBS: Final = (
    *("fetch dataverse", "load", "check raw", "build staging", "build history", "build intermediate"),
    *("build features", "check features", *(f"{verb} lead" for verb in (*_LEARN, "apply", "explain"))),
    *("check scores", "build marts", "publish"),
)


def serve(folder: Path, closed: int) -> None:
    """Serve the organisation and write the configuration that reads it.

    For each line of standard input, a number of leads, that many come.
    """
    from extract.demo.serve import write_overlay
    from extract.sources.dataverse.emulator import Emulated, dataverse_app
    from extract.sources.dataverse.emulator.demo import DemoOrganisation

    store = DemoOrganisation("small", _DAY).store
    if closed:
        _copy(store, closed, "statecode <> 0", "createdon")
    with Emulated(dataverse_app(store)) as service:
        told = {"url": service.url, "ca_file": str(service.ca_file)}
        sources = settings([], told)
        del sources["tables"]
        write_overlay(folder, _DAY, {"dataverse": sources})
        tell(told)
        for line in sys.stdin:
            _copy(store, int(line), "statecode = 0", f"timestamp '{store.clock.now():%Y-%m-%d %H:%M:%S}'")
            tell({"came": int(line)})


def _copy(store: Store, number: int, which: str, created: str) -> None:
    """Add so many leads, copies of those that are there under keys of their own."""
    there = store.number(f"select count(*) from {store.place('lead')}")
    own = '"@row", "@version", "@deleted", "@repeat"'
    changed = f"format('1eadc0de-0000-4000-8000-{{:012d}}', {there} + n) as leadid, {created} as createdon"
    query = f"""
        select * exclude (n) replace ({changed})
        from (
            select one.* exclude ({own}), row_number() over (order by copy, one.leadid) as n
            from (select * from {store.place("lead")} where {which}) as one,
                range({number} // (select count(*) from {store.place("lead")} where {which}) + 1) as copies(copy)
        )
        where n <= {number}
    """
    store.fill("lead", store.cursor().execute(query).to_arrow_table())


def run(root: Path, rows: int) -> tuple[list[Measured], dict[str, int | None]]:
    """Let an organisation have its day once, then let leads come, and measure what they take.

    Returns:
        What was measured, and step to rows.
    """
    folder = emptied(root / "arrivals")
    arguments = ["--config", str(folder / "config"), "--rows", str(rows)]
    with served("arrivals emulator", "tests.bench.arrivals", arguments) as service:
        done = _day(folder)
        counted: dict[str, int | None] = {}
        for number in range(1, _TIMES + 1):
            if any(one.exit_status for one in done):
                break
            service.say(str(ARRIVALS))
            step = f"arrivals {number}"
            done.append(measure(step, verb("score-arrivals"), environment(folder), folder / f"arrivals_{number}.log"))
            counted[step] = ARRIVALS
    return done + service.measured, counted


def _day(folder: Path) -> list[Measured]:
    """The steps of a day; ends early after one that fails."""
    done: list[Measured] = []
    for words in _VERBS:
        step = f"before {words.removesuffix(' dataverse').removesuffix(' lead')}"
        done.append(measure(step, verb(*words.split()), environment(folder), folder / f"{step.replace(' ', '_')}.log"))
        if done[-1].exit_status:
            break
    return done


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 where a step failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.arrivals", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS["small"], help="further closed leads")
    parser.add_argument("--serve", action="store_true", help="only serve the organisation")
    parser.add_argument("--config", type=Path, help="where its configuration goes")
    parsed = parser.parse_args(arguments)
    if parsed.serve:
        serve(parsed.config, parsed.rows)
        return 0
    done, counted = run(place("live"), parsed.rows)
    sys.stdout.write("\n".join([table(done, counted, {}), "", *figures(done, counted)]) + "\n")
    return int(any(one.exit_status for one in done))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
