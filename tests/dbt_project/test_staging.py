"""Staging models list the canonical columns, and a second source is an addition."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from config.schema.canonical import ENTITIES
from tests.house.manifest import read_manifest
from warehouse.variables import DBT_PROJECT, staged_sources

RAW_ONLY = {"connections", "positions", "posts", "process_stages"}
"""Entities of which nothing is computed: a model more is time in each day."""
STAGED = [entity for entity in ENTITIES.values() if entity.name not in RAW_ONLY]
_LISTED = re.compile(r'"(\w+)": ((?:"[^"]*"|\s|~)+),')


def columns() -> dict[str, list[str]]:
    """Entity to the names of the columns that its staging models hand on, before those of every row."""
    text = (DBT_PROJECT / "macros" / "staging.sql").read_text(encoding="utf-8")
    return {entity: " ".join(re.findall(r'"([^"]*)"', told)).split() for entity, told in _LISTED.findall(text)}


def test_the_canonical_columns_are_handed_on_in_order() -> None:
    assert columns() == {entity.name: list(entity.column_names) for entity in STAGED}


@pytest.mark.parametrize("entity", STAGED, ids=lambda entity: entity.name)
def test_every_source_hands_on_the_same(entity: Any) -> None:
    models = sorted((DBT_PROJECT / "models" / "staging").rglob(f"stg_*__{entity.name}.sql"))
    assert models != []
    for model in models:
        table = model.stem.removeprefix("stg_")
        told = f'with {{{{ staged_steps("{table}") }}}} select * from final'
        assert model.read_text(encoding="utf-8").split() == told.split()


@pytest.mark.parametrize("entity", STAGED, ids=lambda entity: entity.name)
def test_history_compares_all_columns_of_the_record(entity: Any) -> None:
    text = (DBT_PROJECT / "models" / "history" / f"hist_{entity.name}.sql").read_text(encoding="utf-8")
    assert {*entity.column_names, "modified_at"} <= set(re.findall(r'"(\w+)"', text))


def test_a_second_source_is_a_folder_of_staging_models_and_no_edit(tmp_path: Path) -> None:
    project = tmp_path / "dbt_project"
    shutil.copytree(DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    folder = project / "models" / "staging" / "other"
    folder.mkdir()
    text = (project / "models" / "staging" / "files" / "stg_files__leads.sql").read_text(encoding="utf-8")
    (folder / "stg_other__leads.sql").write_text(text.replace("files__leads", "other__leads"), encoding="utf-8")
    (folder / "other.yml").write_text(
        "sources:\n  - name: raw\n    tables: [{name: other__leads, description: One row per lead.}]\n",
        encoding="utf-8",
    )
    assert staged_sources(project)["leads"] == ["dataverse", "files", "other"]
    assert staged_sources(project)["notes"] == ["dataverse", "files"]
    (tmp_path / "scratch").mkdir()
    manifest = read_manifest(tmp_path, tmp_path / "scratch")
    reads = manifest["nodes"]["model.sales_insights.hist_leads"]["depends_on"]["nodes"]
    assert reads == [f"model.sales_insights.stg_{source}__leads" for source in ("dataverse", "files", "other")]
