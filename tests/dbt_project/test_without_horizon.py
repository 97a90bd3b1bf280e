"""Exports that do not say when a record was decided, or that have no dates at all."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest

from config.errors import ContractBroken
from config.workspace import Workspace
from tests.dbt_project.raw import insert, load, table, workspace_in
from tests.layers import build_tables
from warehouse import dbt
from warehouse.connection import open_warehouse

DAY: Final = date(2026, 6, 30)
SCORE: Final = "horizon_days: null\ngrades: {A: 60, B: 40, C: 20}\n"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = workspace_in(tmp_path_factory.mktemp("undated"), {"scores/lead.yml": SCORE, "scores/opportunity.yml": SCORE})
    statuses = ["qualified", "disqualified", "open"]
    leads = [{"lead_id": status, "status": status, "record_order": place} for place, status in enumerate(statuses)]
    dated = [
        {"opportunity_id": "same day", "status": "won", "created_at": "2026-01-05", "closed_at": "2026-01-05"},
        {"opportunity_id": "no date", "status": "lost", "created_at": "2026-01-05"},
        {"opportunity_id": "open", "status": "open", "created_at": "2026-01-05"},
    ]
    with open_warehouse(made) as connection:
        load(connection, "leads1", "leads", DAY, leads, precision="order")
        load(connection, "opportunities1", "opportunities", DAY, dated, precision="day")
    build_tables(made, "staging", "history", "intermediate", "features", as_of=DAY)
    return made


def features(workspace: Workspace, score: str) -> list[tuple[Any, ...]]:
    rows = table(
        workspace,
        f"select * from features.feat_{score} join features.label_{score} using (record_id, as_of_date) "
        "order by record_id, as_of_date",
    )
    names = ("record_id", "as_of_date", "is_current", "label", "label_known_on", "censored_because")
    return [tuple(row[name] for name in names) for row in rows]


def test_a_record_known_by_order_alone_is_looked_at_on_the_day(workspace: Workspace) -> None:
    assert features(workspace, "lead") == [
        ("disqualified", DAY, False, False, None, None),
        ("open", DAY, True, None, None, "not decided yet"),
        ("qualified", DAY, False, True, None, None),
    ]


def test_it_keeps_its_place_and_has_no_features_of_time(workspace: Workspace) -> None:
    rows = table(workspace, "select * from features.feat_lead order by record_order")
    assert [row["record_id"] for row in rows] == ["qualified", "disqualified", "open"]
    assert {(row["age_days"], row["activities"]) for row in rows} == {(None, None)}
    assert [row["is_hindsight"] for row in rows] == [True, True, False]


def test_without_a_horizon_every_record_is_looked_at_once_on_the_day_it_was_created(workspace: Workspace) -> None:
    created = date(2026, 1, 5)
    assert features(workspace, "opportunity") == [
        ("no date", created, False, False, None, None),
        ("open", created, False, None, None, "not decided yet"),
        ("open", DAY, True, None, None, "not decided yet"),
        ("same day", created, False, True, created, None),
    ]


def test_a_row_lost_between_file_and_warehouse_breaks_the_build(workspace: Workspace) -> None:
    with open_warehouse(workspace) as connection:
        lost = {"batch_id": "lost", "source": "files", "entity": "notes", "file": "notes.csv", "as_of_date": DAY}
        insert(connection, "raw.batches", lost | {"rows_read": 3, "rows_loaded": 1, "rows_quarantined": 1})
    with pytest.raises(ContractBroken, match=r"(?s)rows_read_are_loaded_or_quarantined.*Got 1 result"):
        dbt.build(workspace, "marts", as_of=DAY)
    results = table(workspace, "select node, status from ops.build_results where layer = 'marts' and status = 'fail'")
    assert results == [{"node": "rows_read_are_loaded_or_quarantined", "status": "fail"}]
