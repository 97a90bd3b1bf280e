"""What the SQL layers are told."""

from __future__ import annotations

from config.workspace import Workspace
from warehouse.variables import staged_sources, variables


def test_the_configuration_reaches_the_sql(workspace: Workspace) -> None:
    passed = variables(workspace, {"leads": ["files"]})
    assert passed["lead_models"] == [{"name": "LeadScoring", "horizon_days": 60, "target": None}]
    assert passed["opportunity_snapshot_ages_days"] == list(workspace.config.scores["opportunity"].snapshot_ages_days)
    assert passed["staged"]["leads"] == ["files"]


def test_an_entity_that_no_source_in_use_delivers_keeps_its_table() -> None:
    staged = staged_sources(sources={"exchange"})
    assert staged["activities"] == ["exchange"]
    assert "files" in staged["leads"]
