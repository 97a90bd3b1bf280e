"""Training on many leads and scoring many: ``python -m tests.bench.scoring --rows 200000``.

An export of closed leads with sixty attributes goes the whole way: read, built, trained, measured, put to use. Then
five times as many open leads are added to the features and scored; a tenth of them is explained before, and once more
on the next day, when nothing has changed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from tests.bench.figures import figures
from tests.bench.live import REGISTRY, emptied, environment, place, verb
from tests.bench.measure import Measured, measure, table

ROWS: Final = {"tiny": 5_000, "small": 200_000, "large": 200_000}
"""Closed leads beside a size of the demo organisation."""
OPEN_TIMES: Final = 5
"""Open leads to a closed one."""
_DAY: Final = date(2026, 6, 30)
_NEXT: Final = _DAY + timedelta(days=1)
_TEXTS, _NUMBERS = 30, 30
_BEFORE: Final = ("fetch files", "load", "build staging", "build history")
_BUILT: Final = ("build intermediate", "build features")
_TRAINED: Final = "train, validate, promote"
_TRAIN: Final = """
from cli.main import app
for verb in ("train", "validate", "promote"):
    app((verb, "lead"), standalone_mode=False)
"""
"""In one process, as the orchestrator's workers have the libraries already."""
_WRITE: Final = "import sys; from tests.bench.scoring import write; write(sys.argv[1], int(sys.argv[2]))"
_OPEN: Final = "import sys; from tests.bench.scoring import add_open; add_open(int(sys.argv[1]), sys.argv[2])"


def write(folder: str, rows: int) -> None:
    """Write the configuration, and an export of closed leads of two years; four columns tell of the outcome."""
    import duckdb

    root = Path(folder)
    texts = ", ".join(f"'v' || (hash(n, {number}) % {3 + 2 * number}) as text_{number}" for number in range(_TEXTS))
    numbers = ", ".join(
        f"round(power(hash(n, {100 + number}) % 100000 / 1000.0, 1.3), 2) as number_{number}"
        for number in range(_NUMBERS)
    )
    query = f"""
        with leads as (
            select
                'L' || lpad(n::varchar, 8, '0') as lead_id,
                timestamp '{_DAY}' - interval 1 minute * (60 * 24 * 729 - (n * 60 * 24 * 700 // {rows})) as created_at,
                {texts}, {numbers}
            from range({rows}) leads (n)
        ),
        told as (
            select *, 1 / (1 + exp(1.2 - hash(lead_id, 1) % 100 / 50.0
                - (text_0 = 'v1')::int * 1.5 - (text_2 = 'v3')::int - number_0 / 200 + number_1 / 300)) as probability
            from leads
        )
        select
            * exclude (probability),
            case when hash(lead_id, 2) % 10000 < 10000 * probability then 'qualified' else 'disqualified' end as status,
            created_at + interval 1 hour * (24 + hash(lead_id, 3) % (24 * 25)) as closed_at
        from told
    """
    (root / "input").mkdir(parents=True)
    duckdb.sql(f"copy ({query}) to '{root / 'input' / 'leads.csv'}' (header)")
    columns = {name: name for name in ("lead_id", "created_at", "closed_at", "status")}
    tables = [{"entity": "leads", "files": "leads.csv", "columns": columns}]
    for name, told in (
        ("organisation", {"name": "Benchmark", "currency": "EUR", "as_of": _DAY.isoformat()}),
        ("sources/files", {"enabled": True, "tables": tables}),
    ):
        # JSON is YAML.
        (root / "config" / f"{name}.yml").write_text(json.dumps(told), encoding="utf-8")


def add_open(leads: int, day: str) -> None:
    """Let so many leads be open on a day: rows of their own in the features, with attributes of closed ones."""
    from config.workspace import Workspace
    from warehouse.connection import open_warehouse, transaction

    with open_warehouse(Workspace.open()) as connection, transaction(connection):
        connection.execute("delete from features.feat_lead where is_current")
        connection.execute(
            """
            insert into features.feat_lead by name
            with
                shown as (
                    select *, row_number() over (order by record_id, as_of_date) - 1 as n from features.feat_lead
                ),
                open_ones as (select range as n, range % (select count(*) from shown) as like_n from range($leads))
            select shown.* exclude (n) replace (
                'O' || lpad(open_ones.n::varchar, 8, '0') as record_id, $day::date as as_of_date, true as is_current
            )
            from open_ones join shown on shown.n = like_n
            order by open_ones.n
            """,
            {"leads": leads, "day": day},
        )
        connection.execute(
            "insert or replace into ops.days values ($day::date, $day::timestamp + interval 1 day)", {"day": day}
        )


def run(root: Path, rows: int) -> tuple[list[Measured], dict[str, int | None]]:
    """Train on that many closed leads, score five times as many open ones.

    Returns:
        What was measured, and step to rows.
    """
    folder = emptied(root / "scoring")
    asked, told = OPEN_TIMES * rows, OPEN_TIMES * rows // 10
    python = [sys.executable, "-c"]
    steps: list[tuple[str, list[str]]] = [
        ("write", [*python, _WRITE, str(folder), str(rows)]),
        ("registry", REGISTRY),
        *((words, verb(*words.split())) for words in (*_BEFORE, *_BUILT)),
        (_TRAINED, [*python, _TRAIN]),
        ("open a tenth", [*python, _OPEN, str(told), _DAY.isoformat()]),
        ("apply a tenth", verb("apply", "lead")),
        ("explain", verb("explain", "lead")),
        ("open the same", [*python, _OPEN, str(told), _NEXT.isoformat()]),
        ("apply the same", verb("apply", "lead")),
        ("explain the same", verb("explain", "lead")),
        ("open all", [*python, _OPEN, str(asked), _NEXT.isoformat()]),
        ("apply", verb("apply", "lead")),
    ]
    counted: dict[str, int | None] = {f"scoring {words}": rows for words in ("write", *_BEFORE, *_BUILT, _TRAINED)}
    counted |= {
        f"scoring {words}": told for words in ("apply a tenth", "explain", "apply the same", "explain the same")
    }
    return _measured(folder, steps), counted | {"scoring apply": asked}


def _measured(folder: Path, steps: Sequence[tuple[str, list[str]]]) -> list[Measured]:
    """The steps in order; ends early after one that fails."""
    done: list[Measured] = []
    known = environment(folder) | {"SALES_INSIGHTS_INPUT": str(folder / "input")}
    for words, command in steps:
        log = folder / f"{words.replace(' ', '_')}.log"
        done.append(measure(f"scoring {words}", command, known, log))
        if done[-1].exit_status:
            sys.stderr.write(f"{words} failed; what it said is in {log}\n")
            break
    return done


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 where a step failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scoring", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS["small"], help="closed leads to learn from")
    done, counted = run(place("live"), parser.parse_args(arguments).rows)
    sys.stdout.write("\n".join([table(done, counted, {}), "", *figures(done, counted)]) + "\n")
    return int(any(one.exit_status for one in done))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
