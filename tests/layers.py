"""Tables alone, for tests that look into them: in one call of dbt, and without the tests of each table.

These would take longer than the tables; the journeys of whole days run them.
"""

from __future__ import annotations

from datetime import date

from config.workspace import Workspace
from warehouse import dbt
from warehouse.connection import open_warehouse
from warehouse.day import day_loaded
from warehouse.variables import sources_in_use, staged_sources, without_idle


def build_tables(workspace: Workspace, *selected: str, as_of: date | None = None) -> None:
    """Build the tables of some layers, or models by dbt's selectors, as of a day.

    Args:
        workspace: whose.
        selected: layers, or selectors such as ``+hist_leads``.
        as_of: the day; None: the one that was loaded last.
    """
    models = [f"path:models/{each}" if each in dbt.LAYERS else each for each in selected]
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        staged = staged_sources(sources=sources_in_use(connection, workspace))
    nodes = dbt._run(workspace, day, staged, ["run", "--select", *models, *without_idle(staged)])
    assert nodes
    assert [node for node in nodes if node.failed] == []
