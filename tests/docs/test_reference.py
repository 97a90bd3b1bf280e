"""The generated pages are current: whoever changes a DAG, a key or a table runs ``sales-insights reference``."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.reference import FOLDER, pages, write_reference


@pytest.mark.parametrize("name", ["config.md", "dags.md", "tables.md"])
def test_the_page_is_current(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name], "run: sales-insights reference"


def test_there_is_no_other_page() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(pages())


def test_only_stale_pages_are_written(tmp_path: Path) -> None:
    assert {path.name for path in write_reference(tmp_path)} == set(pages())
    (tmp_path / "dags.md").write_text("old")
    assert [path.name for path in write_reference(tmp_path)] == ["dags.md"]
    assert write_reference(tmp_path) == []
