"""One file per table, found by looking: a new file here is a new suite.

Each file says which table it is about (``LAYER`` and ``TABLE``; for the layer raw the canonical entity, and the suite
holds for every source's table of it), which columns tell its rows apart (``KEY``; raw rows have a number of their own),
whether only the rows of the as-of day count (``OF_THE_DAY``), and what it promises (``expectations(subject)``).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from expectations.expectation import Expectation
    from expectations.subject import Subject


@dataclass(frozen=True)
class Suite:
    """What one table promises."""

    layer: str
    table: str
    key: tuple[str, ...]
    of_the_day: bool
    expectations: Callable[[Subject], list[Expectation]]


def suites(layer: str) -> list[Suite]:
    """The suites of a layer, in the order of their files' names."""
    modules = [importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    return [
        Suite(layer, module.TABLE, module.KEY, getattr(module, "OF_THE_DAY", False), module.expectations)
        for module in modules
        if layer == module.LAYER
    ]
