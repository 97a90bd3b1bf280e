"""Reading a large Dataverse table from the emulator: ``python -m tests.bench.dataverse --rows 1000000``.

The emulator is a process of its own on the same machine, so the rows a second are those of both together; the memory is
that of the reader alone.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.measure import Measured, measure, table

PROJECT = Path(__file__).resolve().parents[2]
_VERB = "from cli.main import main; main()"
_SECRET = "emulated-secret"  # the emulator's own
_COLUMNS = {"lead_id": "leadid", "topic": "subject", "status": "statecode", "owner_id": "ownerid"}
_COLUMNS |= {"first_name": "firstname", "last_name": "lastname", "email": "emailaddress1", "city": "address1_city"}
_COLUMNS |= {"estimated_amount": "estimatedamount", "created_at": "createdon", "modified_at": "modifiedon"}


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
        sys.stdout.write(json.dumps({"url": service.url, "ca_file": str(service.ca_file)}) + "\n")
        sys.stdout.flush()
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


def run(folder: Path, rows: int) -> list[Measured]:
    """Fetch that many rows into an empty workspace, and once more when nothing has changed."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "config" / "sources").mkdir(parents=True)
    command = [sys.executable, "-m", "tests.bench.dataverse", "--serve", "--rows", str(rows)]
    server = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        told = json.loads(server.stdout.readline()) if server.stdout else {}
        settings = {
            "enabled": True,
            "url": told["url"],
            "authority": told["url"],
            "ca_file": told["ca_file"],
            "tenant_id": "7e4a0000-0000-4000-8000-000000000001",
            "client_id": "a9900000-0000-4000-8000-000000000001",
            "client_secret_env": "BENCH_DATAVERSE",
            "terms": {"accepted_by": "the benchmark", "accepted_on": "2026-06-30"},
            "tables": [
                {
                    "table": "lead",
                    "entity": "leads",
                    "custom_columns": True,
                    "columns": _COLUMNS,
                    "values": {"status": {"0": "open", "1": "qualified", "2": "disqualified"}},
                }
            ],
        }
        # JSON is YAML.
        (folder / "config" / "sources" / "dataverse.yml").write_text(json.dumps(settings), encoding="utf-8")
        fetch = [sys.executable, "-c", _VERB, "fetch", "dataverse"]
        return [
            measure(step, fetch, _environment(folder), folder / f"{step}.log")
            for step in ("dataverse full", "dataverse unchanged")
        ]
    finally:
        server.communicate()


def _environment(folder: Path) -> dict[str, str]:
    own = {"SALES_INSIGHTS_CONFIG": str(folder / "config"), "SALES_INSIGHTS_DATA": str(folder / "data")}
    return dict(os.environ) | own | {"BENCH_DATAVERSE": _SECRET, "PYTHONPATH": str(PROJECT)}


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 where a step failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.dataverse", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--serve", action="store_true", help="only serve the rows")
    parsed = parser.parse_args(arguments)
    if parsed.serve:
        serve(parsed.rows)
        return 0
    folder = Path(os.environ.get("SALES_INSIGHTS_DATA") or PROJECT / "data").resolve() / "bench" / "dataverse"
    measured = run(folder, parsed.rows)
    sys.stdout.write(table(measured, {"dataverse full": parsed.rows}, {}) + "\n")
    return int(any(one.exit_status for one in measured))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
