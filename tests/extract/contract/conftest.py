"""What properties share that are held against processes of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.extract.contract.runs import Runner


@pytest.fixture(scope="package")
def runner() -> Iterator[Runner]:
    """Starts verbs as processes."""
    with Runner() as started:
        yield started
