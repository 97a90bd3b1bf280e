"""The layers are built by dbt in this process; what is wrong is told by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from config.errors import ConfigError, ContractBroken
from config.load import DEFAULTS
from config.workspace import DataFolder, Workspace
from tests.conftest import MakeWorkspace
from warehouse import dbt
from warehouse.connection import open_warehouse
from warehouse.variables import DBT_PROJECT

DAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all, so that dbt takes its project apart only once."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def empty(workspace: Workspace, folder: Path) -> Workspace:
    """A warehouse without a table."""
    shared = replace(workspace, data=DataFolder(folder))
    shared.data.warehouse.unlink(missing_ok=True)
    return shared


def test_an_empty_warehouse_builds_and_what_dbt_has_parsed_holds(empty: Workspace) -> None:
    for layer in dbt.LAYERS:
        report = dbt.build(empty, layer, as_of=DAY)
        assert report.lines()[0].startswith(f"{layer}: ")
        assert {node.status for node in report.nodes} == {"success", "pass"}
        if layer == "staging":
            nodes = {node.node for node in report.nodes}
            assert "stg_files__leads" in nodes
            assert not any("dataverse" in node for node in nodes), "it is off, and never delivered"
    with open_warehouse(empty) as connection:
        recorded = connection.execute("select distinct layer, as_of_date from ops.build_results").fetchall()
        schemas = connection.execute("select distinct schema_name from information_schema.schemata").fetchall()
    assert sorted(recorded) == sorted((layer, DAY) for layer in dbt.LAYERS)
    assert {(layer,) for layer in dbt.LAYERS} <= set(schemas)
    parsed = [empty.data.dbt / target / "partial_parse.msgpack" for target in ("target", dbt.ARRIVALS)]
    before = [path.stat().st_mtime_ns for path in parsed]
    dbt.build(empty, "staging", as_of=DAY + timedelta(days=1))
    dbt.build_some(empty, "marts", ["score_runs"], as_of=DAY + timedelta(days=1), target=dbt.ARRIVALS)
    assert [path.stat().st_mtime_ns for path in parsed] == before


@pytest.fixture(scope="module")
def unit_tests(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Unit test of the SQL to its status."""
    workspace = Workspace.open({"SALES_INSIGHTS_DATA": str(tmp_path_factory.mktemp("unit"))})
    nodes = dbt.unit_test(workspace)
    assert not workspace.data.warehouse.exists()
    return {node.node: node.status for node in nodes}


def test_the_rows_of_the_future_stay_invisible_in_every_unit_test(unit_tests: dict[str, str]) -> None:
    assert sum(status == "pass" for status in unit_tests.values()) >= 15


@pytest.mark.fact("1c.target-custom")
def test_a_column_of_the_organisation_may_say_how_a_record_ended(unit_tests: dict[str, str]) -> None:
    for kind in ("lead", "opportunity"):
        assert unit_tests[f"{kind}_outcomes_by_a_column_of_the_organisation"] == "pass"


@pytest.mark.fact("1b.trained-on-closed")
def test_a_lead_that_is_open_after_its_horizon_counts_as_negative(unit_tests: dict[str, str]) -> None:
    rows = (DBT_PROJECT / "models" / "features" / "label_lead.yml").read_text(encoding="utf-8")
    assert "{record_id: still open, label: false, label_known_on: 2026-03-02" in rows
    assert unit_tests["lead_outcomes_after_the_horizon_or_the_day_are_not_labels"] == "pass"


def test_a_layer_that_does_not_exist(workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match="there is no layer 'mart'; write one of: staging, history"):
        dbt.build(workspace, "mart", as_of=DAY)


def test_nothing_loaded_yet(workspace: Workspace) -> None:
    with pytest.raises(ContractBroken, match="nothing has been loaded yet"):
        dbt.build(workspace, "staging")


def test_a_table_that_is_missing_is_named(empty: Workspace) -> None:
    with pytest.raises(ContractBroken, match=r"(?s)hist_leads .error.: .*stg_files__leads.*build this layer again"):
        dbt.build(empty, "history", as_of=DAY)
    with open_warehouse(empty) as connection:
        counted = connection.execute("select count(*) from ops.build_results where status = 'error'").fetchone()
    assert counted is not None
    assert counted[0] >= 1


def test_a_source_that_delivered_and_was_switched_off_stays(empty: Workspace, make_workspace: MakeWorkspace) -> None:
    off = (DEFAULTS / "sources" / "files.yml").read_text().replace("tables:", "enabled: false\ntables:", 1)
    workspace = replace(make_workspace({"sources/files.yml": off}), data=empty.data)
    with open_warehouse(workspace) as connection:
        connection.execute("insert into ops.days values (?, ?)", [DAY, DAY])
        connection.execute("insert into raw.batches by name select 'b' as batch_id, 'files' as source")
    assert "stg_files__leads" in {node.node for node in dbt.build(workspace, "staging", as_of=DAY).nodes}
