"""A day's changes from the emulated organisation to history: ``python -m tests.bench.daily --rows 20000``.

The demo organisation, with as many further tables of activities as make twenty-five, is read, loaded and built once.
Then rows of all tables are changed, and the way of the changes is measured: fetch, load, check, staging, history.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.bench.figures import figures
from tests.bench.live import emptied, environment, place, served, settings, tell, verb
from tests.bench.measure import Measured, measure, table

if TYPE_CHECKING:
    from extract.sources.dataverse.emulator import Store, Table

ROWS: Final = {"tiny": 1_000, "small": 20_000, "large": 20_000}
"""Changed rows beside a size of the demo organisation."""
TABLES: Final = 25
_DAY: Final = date(2026, 6, 30)
_ROWS_OF_MORE: Final = 2_000
_VERBS: Final = ("fetch dataverse", "load", "check raw", "build staging", "build history")


def mappings() -> list[dict[str, Any]]:
    """The shipped mappings, and further tables of activities up to twenty-five."""
    from config.load import load_config

    shipped = load_config().sources["dataverse"].model_dump(mode="json", exclude_unset=True)["tables"]
    task = next(one for one in shipped if one["table"] == "task")
    return [*shipped, *(task | {"table": f"bw_task{number:02d}"} for number in range(TABLES - len(shipped)))]


def serve(folder: Path) -> None:
    """Serve the organisation and write the configuration that reads it.

    For each line of standard input, a number of rows, that many are changed.
    """
    from extract.demo.serve import write_overlay
    from extract.sources.dataverse.emulator import Emulated, dataverse_app
    from extract.sources.dataverse.emulator.demo import DemoOrganisation

    tables = mappings()
    store = DemoOrganisation("small", _DAY).store
    for number, one in enumerate(one for one in tables if one["table"].startswith("bw_task")):
        _add(store, one["table"], number)
    with Emulated(dataverse_app(store)) as service:
        told = {"url": service.url, "ca_file": str(service.ca_file)}
        write_overlay(folder, _DAY, {"dataverse": settings(tables, told)})
        tell(told)
        for line in sys.stdin:
            store.clock.put_forward(timedelta(days=1))
            tell({"changed": _change(store, [one["table"] for one in tables], int(line))})


def _add(store: Store, name: str, number: int) -> None:
    """One more table of tasks, with keys of its own."""
    task = store.tables["task"]
    store.add_table(replace(task, name=name, set_name=f"{name}s", code=11_000 + number, custom=True))
    own = '"@row", "@version", "@deleted", "@repeat"'
    key = f"'e{number:02d}' || substr(activityid, 4) as activityid"
    query = f"select * exclude ({own}) replace ({key}) from {store.place('task')} limit {_ROWS_OF_MORE}"
    store.fill(name, store.cursor().execute(query).to_arrow_table())


def _change(store: Store, names: Sequence[str], rows: int) -> int:
    """Change a text of that many rows, the same number in each table that has so many."""
    sizes = {name: store.number(f"select count(*) from {store.place(name)}") for name in names}
    changed = 0
    for number, name in enumerate(sorted(names, key=lambda name: sizes[name])):
        share = min(sizes[name], (rows - changed) // (len(names) - number))
        changed += _change_one(store, store.tables[name], share)
    return changed


def _change_one(store: Store, table: Table, rows: int) -> int:
    text = next((column.name for column in table.columns if column.kind in {"string", "memo"}), None)
    if text is None or not rows:
        return 0
    is_dated = any(column.name == "modifiedon" for column in table.columns)
    stamp = f", timestamp '{store.clock.now():%Y-%m-%d %H:%M:%S}' as modifiedon" if is_dated else ""
    query = f"""
        select "{table.key}", concat("{text}", ' again') as "{text}"{stamp}
        from {store.place(table.name)} order by "@row" desc limit {rows}
    """
    store.upsert(table.name, store.cursor().execute(query).to_arrow_table())
    return rows


def run(root: Path, rows: int) -> tuple[list[Measured], dict[str, int | None]]:
    """Build an organisation once, change rows of it, and measure what the changes take.

    Returns:
        What was measured, and step to rows.
    """
    folder = emptied(root / "daily")
    with served("daily emulator", "tests.bench.daily", ["--config", str(folder / "config")]) as service:
        done = _day(folder, "before", _DAY)
        if not any(one.exit_status for one in done):
            service.say(str(rows))
            done += _day(folder, "daily", _DAY + timedelta(days=1))
    return done + service.measured, {"daily fetch": rows, "daily load": rows}


def _day(folder: Path, name: str, day: date) -> list[Measured]:
    """The steps of a day; ends early after one that fails."""
    done: list[Measured] = []
    for words in _VERBS:
        step = f"{name} {words.removesuffix(' dataverse')}"
        command = verb(*words.split(), "--as-of", day.isoformat())
        done.append(measure(step, command, environment(folder), folder / f"{step.replace(' ', '_')}.log"))
        if done[-1].exit_status:
            break
    return done


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 where a step failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.daily", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS["small"], help="to change")
    parser.add_argument("--serve", action="store_true", help="only serve the organisation")
    parser.add_argument("--config", type=Path, help="where its configuration goes")
    parsed = parser.parse_args(arguments)
    if parsed.serve:
        serve(parsed.config)
        return 0
    done, counted = run(place("live"), parsed.rows)
    sys.stdout.write("\n".join([table(done, counted, {}), "", *figures(done, counted)]) + "\n")
    return int(any(one.exit_status for one in done))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
