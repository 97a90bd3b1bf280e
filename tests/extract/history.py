"""The history alone, for tests that compare it: in one call of dbt, and without the tests of each table.

These would take longer than the tables; the journeys of whole days run them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from config.workspace import Workspace
from warehouse import dbt
from warehouse.connection import open_warehouse
from warehouse.day import day_loaded

LAYERS: Final = ("path:models/staging", "path:models/history")


def build_history(workspace: Workspace, models: Sequence[str] = LAYERS) -> None:
    """Build staging and history, or only some models of them, as of the day that was loaded last."""
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace)
        staged = dbt.staged_sources(sources=dbt._sources_in_use(connection, workspace))
    idle = [f"stg_{source}__{entity}" for entity, source in dbt._staging_models() if source not in staged[entity]]
    left_out = ["--exclude", *idle] if idle else []
    nodes = dbt._run(workspace, day, staged, ["run", "--select", *models, *left_out])
    assert nodes
    assert [node for node in nodes if node.failed] == []
