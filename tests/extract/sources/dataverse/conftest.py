"""A served organisation for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from extract.sources.dataverse.emulator import Store
from tests.extract.sources.dataverse.organisation import SECRET, SECRET_ENV, TABLES, Organisation, organisation, started

Serve = Callable[..., Organisation]


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Serve an organisation; with a plan its answers fail."""
    monkeypatch.setenv(SECRET_ENV, SECRET)
    with ExitStack() as stack:

        def start(store: Store | None = None, plan: Any = None, **limits: Any) -> Organisation:
            store = store or organisation()
            service, app, happened = started(store, plan, **limits)
            stack.enter_context(service)
            return Organisation(tmp_path, store, service, app, happened)

        yield start


@pytest.fixture
def served(serve: Serve) -> Organisation:
    """The small organisation, without failures."""
    return serve()


@pytest.fixture
def leads(served: Organisation) -> Organisation:
    """The same, of which only the leads are read."""
    served.tables = TABLES[:1]
    return served
