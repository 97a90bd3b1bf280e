"""Publishing, with readers that read meanwhile and a publisher that is killed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest

from config.errors import ContractBroken
from config.workspace import PROJECT, Workspace
from tests.conftest import MakeWorkspace
from tests.warehouse.conftest import DAY, WriteMarts, write_marts_of
from warehouse.connection import open_warehouse
from warehouse.publish import publish


def _run_number(file: Path) -> tuple[int, ...]:
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute(
            "select run_number from lead_scores union select run_number from score_runs"
        ).fetchall()
    return tuple(number for (number,) in rows)


def _current(workspace: Workspace) -> Path:
    return (workspace.data.published / "current").resolve()


def test_a_run_holds_every_mart_as_database_and_parquet(workspace: Workspace, write_marts: WriteMarts) -> None:
    write_marts()
    report = publish(workspace)
    folder = workspace.data.published / report.run_id
    assert report.folder == folder == _current(workspace)
    assert sorted(path.name for path in folder.iterdir()) == [
        "lead_scores.parquet",
        "manifest.json",
        "sales_insights.duckdb",
        "score_runs.parquet",
    ]
    with duckdb.connect(str(folder / "sales_insights.duckdb"), read_only=True) as connection:
        kinds = connection.execute("select column_type from (describe lead_scores)").fetchall()
        assert kinds == [("VARCHAR",), ("INTEGER",), ("DATE",), ("DECIMAL(18,2)",)]
        difference = connection.execute(f"from lead_scores except all from '{folder}/lead_scores.parquet'").fetchall()
        assert difference == []
    assert report.lines()[0].startswith(
        f"published {report.run_id} as of 2026-06-30: 2 tables, 11 rows; 0 checks passed"
    )


def test_readers_with_an_older_duckdb_can_open_a_run(workspace: Workspace, write_marts: WriteMarts) -> None:
    write_marts()
    publish(workspace)
    with duckdb.connect(str(_current(workspace) / "sales_insights.duckdb"), read_only=True) as connection:
        found = connection.execute("select tags['storage_version'] from duckdb_databases() where not internal")
        assert found.fetchall() == [("v1.0.0+",)]


def test_the_manifest_tells_what_it_is(workspace: Workspace, write_marts: WriteMarts) -> None:
    write_marts()
    with open_warehouse(workspace) as connection:
        connection.execute(
            "insert into quality.check_results by name select unnest([date '2026-06-30', date '2026-06-30', "
            "date '2026-06-29']) as as_of_date, 'raw' as layer, 'raw.files__leads' as table_name, "
            "unnest(['kept', 'broken', 'old']) as expectation, 'row' as severity, "
            "unnest([true, false, false]) as success, "
            "unnest([0, 7, 9]) as rows_failed"
        )
        connection.execute(
            "insert into scores.models by name select 'lead' as score_name, 'Leads' as model_name, "
            "unnest(['m1', 'm2']) as model_id, "
            "date '2026-06-01' as as_of_date, 'OK to publish' as verdict, 0.62 as auc, "
            "unnest(['champion', 'previous']) as status"
        )
    report = publish(workspace)
    manifest = json.loads((report.folder / "manifest.json").read_text())
    parquet = (report.folder / "lead_scores.parquet").read_bytes()
    assert manifest["tables"]["lead_scores"] == {
        "rows": 10,
        "file": "lead_scores.parquet",
        "sha256": hashlib.sha256(parquet).hexdigest(),
    }
    assert {name: manifest[name] for name in ("run_id", "as_of_date", "organisation", "currency")} == {
        "run_id": report.run_id,
        "as_of_date": "2026-06-30",
        "organisation": "Brightwater Instruments",
        "currency": "EUR",
    }
    lead = manifest["scores"]["lead"]
    assert lead["grades"] == {"A": 60, "B": 40, "C": 20}
    assert [(model["name"], model["filter"], model["horizon_days"]) for model in lead["models"]] == [
        ("LeadScoring", None, 60)
    ]
    broken = {"layer": "raw", "table": "raw.files__leads", "expectation": "broken", "rows_failed": 7}
    assert manifest["checks"] == {"passed": 1, "failed": 1, "failures": [broken]}
    model = {"score_name": "lead", "model_name": "Leads", "model_id": "m1", "trained_as_of_date": "2026-06-01"}
    assert manifest["models_in_use"] == [model | {"verdict": "OK to publish", "auc": 0.62}]


def test_both_pointers_name_the_newest_run(workspace: Workspace, write_marts: WriteMarts) -> None:
    write_marts(1)
    first = publish(workspace)
    write_marts(2)
    second = publish(workspace)  # within the same second: it has a name of its own all the same
    assert first.run_id != second.run_id
    assert os.readlink(workspace.data.published / "current") == second.run_id  # noqa: PTH115 - relative, as it is written
    named = json.loads((workspace.data.published / "current.json").read_text())
    assert named == {"run_id": second.run_id, "folder": second.run_id}
    assert _run_number(first.folder / "sales_insights.duckdb") == (1,)
    assert _run_number(_current(workspace) / "sales_insights.duckdb") == (2,)


def test_old_runs_go_and_the_newest_stay(make_workspace: MakeWorkspace) -> None:
    schedule = (
        (PROJECT / "config" / "schedule.yml").read_text().replace("keep_published_runs: 7", "keep_published_runs: 2")
    )
    workspace = make_workspace({"schedule.yml": schedule})
    runs = []
    for number in range(12):
        write_marts_of(workspace, number)
        runs.append(publish(workspace).run_id)
    kept = sorted(path.name for path in workspace.data.published.iterdir())
    assert kept == sorted([*runs[-2:], "current", "current.json"])
    assert _run_number(_current(workspace) / "sales_insights.duckdb") == (11,)


def test_of_earlier_days_the_last_run_stays(workspace: Workspace, write_marts: WriteMarts) -> None:
    earlier = [f"202606{day}T{hour}0000Z" for day in range(10, 20) for hour in (10, 11, 12)]
    for name in earlier:
        (workspace.data.published / name).mkdir(parents=True)
        (workspace.data.published / name / "manifest.json").touch()
    write_marts()
    removed = publish(workspace).removed
    last = [f"202606{day}T120000Z" for day in range(14, 20)]  # with today the seven newest days
    assert set(earlier) - set(removed) == {*last, *earlier[-6:]}


def test_the_current_run_is_never_removed(workspace: Workspace, write_marts: WriteMarts) -> None:
    """A machine whose clock was ahead: later runs have earlier names."""
    published = workspace.data.published
    for number in range(9):
        (published / f"2099010{number}T000000Z").mkdir(parents=True)
        (published / f"2099010{number}T000000Z" / "manifest.json").touch()
    write_marts()
    report = publish(workspace)
    assert _current(workspace) == report.folder
    assert report.folder.is_dir()


def test_marts_of_another_day_are_not_published(workspace: Workspace, write_marts: WriteMarts) -> None:
    write_marts(1)
    before = publish(workspace)
    with pytest.raises(ContractBroken, match="the marts were built for 2026-06-30, and 2026-07-01 is to be published"):
        publish(workspace, as_of=date(2026, 7, 1))
    assert _current(workspace) == before.folder


def test_marts_that_were_never_built_are_not_published(workspace: Workspace) -> None:
    with open_warehouse(workspace) as connection:
        connection.execute("insert into ops.days values (?, now()::timestamp)", [DAY])
    with pytest.raises(ContractBroken, match="have not been built yet"):
        publish(workspace)
    assert list(workspace.data.published.iterdir()) == []


def test_marts_built_with_errors_are_not_published(workspace: Workspace, write_marts: WriteMarts) -> None:
    write_marts()
    with open_warehouse(workspace) as connection:
        connection.execute("update ops.build_results set status = 'error'")
    with pytest.raises(ContractBroken, match="were built with errors"):
        publish(workspace)


def test_a_check_that_forbids_a_table_forbids_to_publish(workspace: Workspace, write_marts: WriteMarts) -> None:
    write_marts()
    with open_warehouse(workspace) as connection:
        connection.execute(
            "insert into quality.check_results by name select date '2026-06-30' as as_of_date, 'scores' as layer, "
            "'scores.predictions' as table_name, 'probability lies between 0 and 1' as expectation, false as success, "
            "3 as rows_failed, 'table' as severity"
        )
    with pytest.raises(ContractBroken, match=r"scores\.predictions: probability lies between 0 and 1 \(3\)") as error:
        publish(workspace)
    assert "sales-insights check scores" in str(error.value)
    assert not (workspace.data.published / "current").exists()


_READER = """
    import sys, duckdb
    from pathlib import Path
    published, seen = Path(sys.argv[1]), set()
    print("ready", flush=True)
    while not (published.parent / "stop").exists():
        file = (published / "current").resolve() / "sales_insights.duckdb"
        with duckdb.connect(str(file), read_only=True) as connection:
            found = {row[0] for table in ("lead_scores", "score_runs")
                     for row in connection.execute(f"select distinct run_number from {table}").fetchall()}
        assert len(found) == 1, f"a mixture: {found}"
        seen |= found
    print(sorted(seen))
"""


def test_a_reader_sees_every_run_whole(workspace: Workspace, write_marts: WriteMarts) -> None:
    write_marts(0)
    publish(workspace)
    command = [sys.executable, "-c", textwrap.dedent(_READER), str(workspace.data.published)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        for number in range(1, 11):
            write_marts(number, rows=5_000)
            publish(workspace)
        (workspace.data.root / "stop").touch()
        said, errors = reader.communicate(timeout=60)
    assert errors == ""
    assert reader.returncode == 0
    assert len(json.loads(said)) >= 3  # it did read while runs came


_PUBLISHER = """
    import os
    from config.workspace import Workspace
    from warehouse.publish import publish
    publish(Workspace.open())
"""


@pytest.mark.parametrize("moment", [".*Z*", ".*/sales_insights.duckdb", ".*/lead_scores.parquet", ".*/manifest.json"])
def test_killed_in_the_middle_the_old_run_stays(workspace: Workspace, write_marts: WriteMarts, moment: str) -> None:
    write_marts(1)
    before = publish(workspace).folder
    write_marts(2, rows=300_000)
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "SALES_INSIGHTS_DATA": str(workspace.data.root)}
    command = [sys.executable, "-c", textwrap.dedent(_PUBLISHER)]
    with subprocess.Popen(command, env=environment, cwd=PROJECT) as publisher:
        while not list(workspace.data.published.glob(moment)) and publisher.poll() is None:
            time.sleep(0.0005)
        publisher.send_signal(signal.SIGKILL)
    if _current(workspace) == before:  # else it came to its end before it was killed
        assert publisher.returncode == -signal.SIGKILL
        assert _run_number(before / "sales_insights.duckdb") == (1,)
    else:
        assert moment == ".*/manifest.json"
    _next_publish_is_clean(workspace)


def test_leftovers_of_every_kind_are_cleaned(workspace: Workspace, write_marts: WriteMarts) -> None:
    write_marts(1)
    before, published = publish(workspace).folder, workspace.data.published
    write_marts(2)
    publish(workspace)
    (published / "current").unlink()  # killed after the run had its name, before the pointer moved
    (published / "current").symlink_to(before.name)
    (published / ".current").symlink_to("nowhere")
    (published / ".current.json").write_text("{")
    (published / ".20260101T000000Z").mkdir()
    (published / ".20260101T000000Z" / "lead_scores.parquet").touch()
    _next_publish_is_clean(workspace)


def _next_publish_is_clean(workspace: Workspace) -> None:
    report = publish(workspace)
    assert list(workspace.data.published.glob(".*")) == []
    assert _current(workspace) == report.folder
    assert json.loads((workspace.data.published / "current.json").read_text())["run_id"] == report.run_id
    assert _run_number(report.folder / "sales_insights.duckdb") == (2,)
