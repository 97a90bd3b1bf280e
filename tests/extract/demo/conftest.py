"""The demo's smallest export, written once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from extract.demo import write_demo


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Size tiny at the end of the default day."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, "tiny")
    return folder


@pytest.fixture(scope="session")
def small_export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Size small at the end of the default day."""
    folder = tmp_path_factory.mktemp("demo_small")
    write_demo(folder, "small")
    return folder
