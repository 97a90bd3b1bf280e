"""Reading a large Dataverse table from the emulator: ``python -m tests.bench.dataverse --rows 1000000``.

The emulator is a process of its own on the same machine, so the rows a second are those of both together; the memory is
that of the reader alone.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.bench.figures import figures
from tests.bench.live import configure, emptied, environment, place, served, settings, tell, verb
from tests.bench.measure import Measured, measure, table

ROWS: Final = {"tiny": 10_000, "small": 1_000_000, "large": 1_000_000}
"""Rows beside a size of the demo organisation."""
_COLUMNS = {"lead_id": "leadid", "topic": "subject", "status": "statecode", "owner_id": "ownerid"}
_COLUMNS |= {"first_name": "firstname", "last_name": "lastname", "email": "emailaddress1", "city": "address1_city"}
_COLUMNS |= {"estimated_amount": "estimatedamount", "created_at": "createdon", "modified_at": "modifiedon"}
LEAD: Final = {
    "table": "lead",
    "entity": "leads",
    "custom_columns": True,
    "columns": _COLUMNS,
    "values": {"status": {"0": "open", "1": "qualified", "2": "disqualified"}},
}
"""The mapping of the large table."""


def serve(rows: int) -> None:
    """Serve leads until standard input ends; the address and the certificates are written to standard output first."""
    from extract.sources.dataverse.emulator import Column, Emulated, Option, Store, Table, dataverse_app

    states = tuple(Option(number, label) for number, label in enumerate(("Open", "Qualified", "Disqualified")))
    texts = ("subject", "firstname", "lastname", "emailaddress1", "address1_city")
    columns = (
        Column("leadid", "key"),
        *(Column(name, "string") for name in texts),
        Column("statecode", "state", states),
        Column("estimatedamount", "money"),
        Column("ownerid", "lookup", targets=("systemuser",)),
        Column("createdon", "datetime"),
        Column("modifiedon", "datetime"),
        *(Column(f"bw_text{number}", "string", custom=True) for number in range(5)),
        *(Column(f"bw_choice{number}", "picklist", states, custom=True) for number in range(3)),
    )
    store = Store([Table("lead", "leads", "leadid", columns, "subject")])
    store.fill("lead", _leads(rows))
    with Emulated(dataverse_app(store)) as service:
        tell({"url": service.url, "ca_file": str(service.ca_file)})
        sys.stdin.read()


def _leads(rows: int) -> object:
    import duckdb

    return duckdb.sql(
        f"""
        select
            format('00000000-0000-4000-8000-{{:012d}}', n) as leadid, 'Topic of lead ' || n as subject,
            'First' || n % 977 as firstname, 'Last' || n % 7919 as lastname,
            'mail' || n || '@a.example' as emailaddress1,
            'City ' || n % 400 as address1_city, n % 3 as statecode, n % 100000 * 1.25 as estimatedamount,
            format('00000000-0000-4000-9000-{{:012d}}', n % 500) as ownerid, 'systemuser' as "ownerid@type",
            'Seller' as "ownerid@name", timestamp '2024-01-01' + to_seconds(n * 60) as createdon,
            timestamp '2024-06-01' + to_seconds(n * 60) as modifiedon,
            {", ".join(f"'Some text {i} of ' || n % 1009 as bw_text{i}" for i in range(5))},
            {", ".join(f"n % 3 as bw_choice{i}" for i in range(3))}
        from range({rows}) numbers(n)
        """
    ).to_arrow_table()


def run(root: Path, rows: int) -> tuple[list[Measured], dict[str, int | None]]:
    """Fetch that many rows into an empty workspace, and once more when nothing has changed; then three times as many.

    Returns:
        What was measured, and step to rows.
    """
    done: list[Measured] = []
    counted: dict[str, int | None] = {}
    for name, count in (("dataverse", rows), ("dataverse x3", 3 * rows)):
        done += _fetched(emptied(root / name.replace(" ", "_")), name, count)
        counted |= {f"{name} full": count, f"{name} emulator": count}
    return done, counted


def _fetched(folder: Path, name: str, rows: int) -> list[Measured]:
    with served(f"{name} emulator", "tests.bench.dataverse", ["--rows", str(rows)]) as service:
        configure(folder, settings([LEAD], service.told))
        done = [
            measure(step, verb("fetch", "dataverse"), environment(folder), folder / f"{step}.log")
            for step in (f"{name} full", f"{name} unchanged")
        ]
    shutil.rmtree(folder / "data", ignore_errors=True)
    return done + service.measured


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 where a step failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.dataverse", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS["small"])
    parser.add_argument("--serve", action="store_true", help="only serve the rows")
    parsed = parser.parse_args(arguments)
    if parsed.serve:
        serve(parsed.rows)
        return 0
    done, counted = run(place("live"), parsed.rows)
    sys.stdout.write("\n".join([table(done, counted, {}), "", *figures(done, counted)]) + "\n")
    return int(any(one.exit_status for one in done))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
