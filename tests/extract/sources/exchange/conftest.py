"""The emulated Graph, listening over TLS, and a workspace that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.extract.sources.exchange.brightwater import Brightwater, brightwater


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Brightwater]:
    """Ann and Ben sell; Eve is on the works council."""
    with brightwater(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brightwater]:
    """The same for all tests of a module, which fill it once and look at what was read."""
    with brightwater(tmp_path_factory.mktemp("shared")) as made:
        yield made
