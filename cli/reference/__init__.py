"""``sales-insights reference``: the pages under ``docs/reference/``, made from the code so that they cannot lie."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cli.reference.config import config_page
from cli.reference.dags import dags_page
from cli.reference.tables import tables_page
from config.workspace import PROJECT

FOLDER: Final = PROJECT / "docs" / "reference"


def pages() -> dict[str, str]:
    """Name of the file to its content, as it should be now."""
    return {"dags.md": dags_page(PROJECT), "config.md": config_page(), "tables.md": tables_page(PROJECT)}


def write_reference(folder: Path = FOLDER) -> list[Path]:
    """Write every page; returns those that were not current."""
    folder.mkdir(parents=True, exist_ok=True)
    stale = []
    for name, content in pages().items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")
            stale.append(path)
    return stale
