"""A workspace in a temporary folder, with an organisation's own files and mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from config.load import load_config
from config.workspace import DataFolder, Workspace
from tests.extract.organisations import LEADS, Organised


@pytest.fixture
def organised(tmp_path: Path) -> Organised:
    """Write a configuration and return its workspace; may be called again to change the mapping or the day."""

    def write(*tables: dict[str, Any], as_of: str = "2026-06-30", time_zone: str = "UTC") -> Workspace:
        folder = tmp_path / "config"
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        organisation = {"name": "Test", "currency": "EUR", "as_of": as_of, "time_zone": time_zone}
        (folder / "organisation.yml").write_text(yaml.safe_dump(organisation))
        mapping = {"tables": list(tables) or [LEADS]}
        (folder / "sources" / "files.yml").write_text(
            yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        (tmp_path / "input").mkdir(exist_ok=True)
        return Workspace(load_config(folder), DataFolder(tmp_path / "data"), tmp_path / "input")

    return write
