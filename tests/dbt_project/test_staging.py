"""Staging models list the canonical columns, and a second source is an addition."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from config.schema.canonical import ENTITIES
from tests.house.manifest import read_manifest
from warehouse.dbt import DBT_PROJECT, staged_sources

_IMPORTS = re.compile(r"final as \(\s*select\s(.*?)\sfrom", re.DOTALL)
_OF_THE_ROW = ["custom", "date_precision", "row_id", "batch_id", "file_name", "row_number", "loaded_at"]
_MORE = ["loaded_known_at", "is_deleted"]


def columns(model: Path) -> list[str]:
    """The names of the columns that a staging model hands on, in order."""
    selected = _IMPORTS.search(model.read_text(encoding="utf-8"))
    assert selected is not None, model
    return [column.split()[-1].rpartition(".")[2] for column in selected.group(1).split(",")]


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: entity.name)
def test_every_source_hands_on_the_canonical_columns_in_order(entity: Any) -> None:
    modified = [] if "modified_at" in entity.column_names else ["modified_at"]
    models = sorted((DBT_PROJECT / "models" / "staging").rglob(f"stg_*__{entity.name}.sql"))
    assert models != []
    for model in models:
        assert columns(model) == [*entity.column_names, *modified, *_OF_THE_ROW, *_MORE]


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: entity.name)
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
    assert staged_sources(project)["leads"] == ["files", "other"]
    assert staged_sources(project)["notes"] == ["files"]
    (tmp_path / "scratch").mkdir()
    manifest = read_manifest(tmp_path, tmp_path / "scratch")
    reads = manifest["nodes"]["model.sales_insights.hist_leads"]["depends_on"]["nodes"]
    assert reads == ["model.sales_insights.stg_files__leads", "model.sales_insights.stg_other__leads"]
