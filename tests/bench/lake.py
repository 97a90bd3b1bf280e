"""Reading a large table that Synapse Link wrote: ``python -m tests.bench.lake --rows 10000000``."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.bench.dataverse import LEAD
from tests.bench.figures import figures
from tests.bench.live import configure, emptied, environment, place, settings, verb
from tests.bench.measure import Measured, measure, table

ROWS: Final = {"tiny": 10_000, "small": 10_000_000, "large": 10_000_000}
"""Rows of the lake beside a size of the demo organisation."""
_WRITE = "import sys; from tests.bench.lake import write; write(sys.argv[1], int(sys.argv[2]))"
_TEXTS = ("subject", "firstname", "lastname", "emailaddress1", "address1_city")
_YEARS = 5


def write(folder: str, rows: int) -> None:
    """Write leads of five years as appended CSV, some of them changed, one in a thousand of them deleted."""
    import duckdb

    from extract.sources.dataverse.emulator import Column, Option, Table
    from extract.sources.dataverse.emulator.lake import entity, lake_columns, write_labels, write_model
    from extract.sources.dataverse.emulator.render import quoted

    states = tuple(Option(number, label) for number, label in enumerate(("Open", "Qualified", "Disqualified")))
    columns = (
        Column("leadid", "key"),
        *(Column(name, "string") for name in _TEXTS),
        Column("statecode", "state", states),
        Column("estimatedamount", "money"),
        Column("ownerid", "lookup", targets=("systemuser",)),
        Column("createdon", "datetime"),
        Column("modifiedon", "datetime"),
        *(Column(f"bw_text{number}", "string", custom=True) for number in range(2)),
        *(Column(f"bw_choice{number}", "picklist", states, custom=True) for number in range(2)),
    )
    lead, place = Table("lead", "leads", "leadid", columns, "subject"), Path(folder)
    listed = lake_columns(lead, has_deleted=True)
    (place / "lead").mkdir(parents=True)
    chosen = ", ".join(f"{expression} as {quoted(name)}" for name, _, expression in listed)
    paths = [place / "lead" / f"{2021 + year}.csv" for year in range(_YEARS)]
    for year, path in enumerate(paths):
        of_year = _leads(rows // _YEARS * year, rows // _YEARS * (year + 1))
        query = f"select {chosen} from ({of_year})"
        duckdb.sql(f"copy ({query}) to '{path}' (format csv, header false, force_quote *)")
    write_labels(place, lead)
    write_model(place, [entity("lead", [(name, kind) for name, kind, _ in listed], paths)])


def _leads(first: int, last: int) -> str:
    """Ninety-five leads in a hundred, four of them a second time, and now and then a deletion."""
    return f"""
        select
            format('00000000-0000-4000-8000-{{:012d}}', case when n % 100 >= 95 then n - 50 else n end) as leadid,
            'Topic of lead ' || n as subject, 'First' || n % 977 as firstname, 'Last' || n % 7919 as lastname,
            'mail' || n || '@a.example' as emailaddress1, 'City ' || n % 400 as address1_city,
            n % 3 as statecode, n % 100000 * 1.25 as estimatedamount,
            format('00000000-0000-4000-9000-{{:012d}}', n % 500) as ownerid, 'systemuser' as "ownerid@type",
            timestamp '2021-01-01' + to_seconds(n * 15) as createdon,
            timestamp '2021-06-01' + to_seconds(n * 15) as modifiedon,
            {", ".join(f"'Some text {i} of ' || n % 1009 as bw_text{i}" for i in range(2))},
            {", ".join(f"n % 3 as bw_choice{i}" for i in range(2))},
            n + 1000000 as "@version", n % 1000 = 999 as "@deleted"
        from range({first}, {last}) numbers(n)
    """


def run(root: Path, rows: int) -> tuple[list[Measured], dict[str, int | None]]:
    """Write a lake of that many rows, fetch it into an empty workspace, and once more when nothing has changed.

    Returns:
        What was measured, and step to rows.
    """
    folder = emptied(root / "lake")
    configure(folder, settings([LEAD]) | {"synapse_link": {"folder": str(folder / "lake")}})
    fetch = verb("fetch", "dataverse")
    steps = [
        ("lake write", [sys.executable, "-c", _WRITE, str(folder / "lake"), str(rows)]),
        ("lake fetch", fetch),
        ("lake unchanged", fetch),
    ]
    done = [measure(step, command, environment(folder), folder / f"{step}.log") for step, command in steps]
    shutil.rmtree(folder / "lake", ignore_errors=True)
    shutil.rmtree(folder / "data", ignore_errors=True)
    return done, {"lake write": rows, "lake fetch": rows}


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 where a step failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lake", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS["small"])
    done, counted = run(place("live"), parser.parse_args(arguments).rows)
    sys.stdout.write("\n".join([table(done, counted, {}), "", *figures(done, counted)]) + "\n")
    return int(any(one.exit_status for one in done))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
