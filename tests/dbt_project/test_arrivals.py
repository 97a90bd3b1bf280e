"""Leads that come within a day: their features are those that the whole day's build makes of them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import duckdb
import pytest

from config.errors import RequestRefused
from config.workspace import DataFolder, Workspace
from tests.dbt_project.conftest import SECOND, Organisation
from tests.dbt_project.raw import insert, load, table
from tests.layers import build_tables
from warehouse import arrivals
from warehouse.connection import open_warehouse

CAME: Final = ("came", "came earlier", "came undated")
ARRIVALS: Final[list[dict[str, Any]]] = [
    {"lead_id": "came", "owner_id": "sam", "status": "open", "created_at": "2026-06-25 09:00", "estimated_amount": 30},
    {"lead_id": "came earlier", "owner_id": "tom", "status": "open", "created_at": "2026-06-10 09:00", "source": "web"},
    {"lead_id": "came undated", "status": "open"},
    {
        "lead_id": "came decided",
        "owner_id": "sam",
        "status": "disqualified",
        "created_at": "2026-06-25 09:00",
        "closed_at": "2026-06-25 10:00",
    },
    # Known since the first day, and changed: the daily build takes it up.
    {"lead_id": "moved", "owner_id": "sam", "status": "open", "created_at": "2026-06-01 08:00", "estimated_amount": 99},
]
TABLES: Final = ("feat_lead", "label_lead")


def stored(workspace: Workspace, *records: str) -> dict[str, list[dict[str, Any]]]:
    named = f"where record_id in {(*records, '')}" if records else ""
    return {
        name: table(workspace, f"select * from features.{name} {named} order by record_id, as_of_date")
        for name in TABLES
    }


@pytest.fixture(scope="module")
def built(organisation: Organisation, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The organisation on its second day, in a warehouse of its own, as if all layers had been built by their verbs."""
    folder = tmp_path_factory.mktemp("arrivals")
    (folder / "warehouse").mkdir()
    workspace = replace(organisation.workspace, data=DataFolder(folder))
    shutil.copy(organisation.workspace.data.warehouse, workspace.data.warehouse)
    shutil.copytree(organisation.workspace.data.dbt / "target", workspace.data.dbt / "target")  # parsed already
    with open_warehouse(workspace) as connection:
        connection.execute("delete from ops.days where as_of_date <> ?", [SECOND])
        for layer in ("staging", "history", "intermediate", "features", "marts"):
            result = {"as_of_date": SECOND, "layer": layer, "node": "any", "status": "success"}
            insert(connection, "ops.build_results", result)
    return workspace


@pytest.mark.fact("1a.new-leads", "1a.realtime-process")
def test_arrivals_get_the_features_that_the_whole_day_gives_them(built: Workspace) -> None:
    before = stored(built)
    assert arrivals.waiting(built, SECOND) == 0
    with open_warehouse(built) as connection:
        load(connection, "leads3", "leads", SECOND, ARRIVALS, backfill=False)
    assert arrivals.waiting(built, SECOND) == 4, "the three, and one that turns out to be decided"
    assert arrivals.build_arrivals(built, as_of=SECOND).leads == len(CAME)
    came, after = stored(built, *CAME), stored(built)
    days = [(row["record_id"], str(row["as_of_date"])) for row in came["feat_lead"]]
    assert days == [
        ("came", "2026-06-25"),
        *(("came earlier", day) for day in ("2026-06-10", "2026-06-17", "2026-06-25")),
        ("came undated", "2026-06-25"),
    ]
    assert [row for row in after["feat_lead"] if row["record_id"] not in CAME] == before["feat_lead"]
    with open_warehouse(built) as connection:
        assert arrivals._add(connection, SECOND) == 0, "a repetition adds nothing"
    assert stored(built) == after
    assert arrivals.waiting(built, SECOND) == len(CAME), "until readers see them"
    assert arrivals.note_published(built, SECOND) == len(CAME)
    assert arrivals.waiting(built, SECOND) == 0
    build_tables(built, "history", "intermediate", "features", as_of=SECOND)
    assert stored(built, *CAME) == came, "recomputed later, the day says of them what was stored"
    assert stored(built) != after, "the changed lead waited for this"


def _without(workspace: Workspace, statement: str) -> str:
    with open_warehouse(workspace) as connection:
        connection.execute("begin")
        connection.execute(statement)
        because = arrivals._why_not(connection, SECOND)
        connection.execute("rollback")
    return because


def test_arrivals_wait_for_the_daily_run(built: Workspace) -> None:
    assert arrivals.standing(built, as_of=SECOND).because == ""
    tomorrow = SECOND.replace(day=SECOND.day + 1)
    assert "has not been loaded yet" in arrivals.standing(built, as_of=tomorrow).because
    with pytest.raises(RequestRefused, match="2026-06-26 has not been loaded yet"):
        arrivals.build_arrivals(built, as_of=tomorrow)
    waits: Mapping[str, str] = {
        "delete from ops.days": "has not been loaded yet",
        "update ops.build_results set as_of_date = date '2026-06-24' where layer = 'features'": "features is not built",
        "update ops.build_results set status = 'error' where layer = 'marts'": "marts is not built",
        "delete from scores.runs": "not scored yet",
    }
    for statement, because in waits.items():
        assert because in _without(built, statement)


def test_nothing_is_added_where_the_addition_ends_half_way(built: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_warehouse(built) as connection:
        connection.execute("create or replace table arrivals.feat_lead as from features.feat_lead limit 1")
        connection.execute(
            "update arrivals.feat_lead set record_id = 'half', as_of_date = ?, is_current = true", [SECOND]
        )
        connection.execute("drop table arrivals.label_lead")
    monkeypatch.setattr(arrivals, "build_some", lambda *_, **__: None)
    with pytest.raises(duckdb.CatalogException, match="label_lead does not exist"):
        arrivals.build_arrivals(built, as_of=SECOND)
    assert stored(built, "half") == {name: [] for name in TABLES}
    assert table(built, "select * from ops.arrivals where record_id = 'half'") == []
