"""A warehouse that stays open in this process: a verb that opens it again need not read its hundred tables anew.

For tests of what verbs compute. Where another process or dbt opens the warehouse, it must not be kept open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import duckdb

from config.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeWorkspace


@contextmanager
def kept_open(workspace: Workspace) -> Iterator[Workspace]:
    """The workspace, whose warehouse stays open as long as the ``with`` block lasts."""
    workspace.data.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(workspace.data.warehouse)):
        yield workspace


@contextmanager
def keeping_open(make: MakeWorkspace) -> Iterator[MakeWorkspace]:
    """Makes the same workspaces, and keeps their warehouses open as long as the ``with`` block lasts."""
    with ExitStack() as stack:

        def made(config: Mapping[str, str] | None = None, inputs: Mapping[str, str | bytes] | None = None) -> Workspace:
            return stack.enter_context(kept_open(make(config, inputs)))

        yield made
