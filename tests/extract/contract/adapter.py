"""What a source has to bring so that the contract can be held against it, and how that is found.

Beside the tests of each source, in ``tests/extract/sources/<source>/contract.py``, are

    EXEMPT        property to the reason why it cannot apply to this source; mostly empty
    BUFFERS       constants, by their dotted names, that say how much is held at once, and a small value for each
    organisation  a context manager: a tiny organisation of that source behind its emulator, without items at first

Nothing lists the sources: each folder of ``extract/sources`` with a ``fetch.py`` is one.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, Protocol

from extract.demo.failures import Plan
from extract.fetch import SOURCES
from tests.conftest import PROJECT

PROPERTIES: Final = {
    "unique_keys": "No record is there twice, and none is missing, however the pages are cut.",
    "any_order": "The order in which a source tells its items changes nothing.",
    "troubles": "Throttling, faults, cut-off answers, and tokens and links that expire change nothing.",
    "safe_cursor": "The cursor moves only after the data is safe.",
    "twice": "The same batch twice changes nothing.",
    "unknown_column": "A column that nobody has heard of is kept.",
    "malformed": "A malformed item is set aside with its reason, and the others are read.",
    "secrets": "No secret and no token is in a log, an error or a file.",
    "flat_memory": "Memory does not grow with the rows.",
    "kills": "After kills at any moment the tables are those of an undisturbed run.",
}
ADAPTERS: Final = PROJECT / "tests" / "extract" / "sources"


class Organisation(Protocol):
    """A tiny organisation of one source, what can happen in it, and what can go wrong. Items are told by number.

    Attributes:
        entity: what its items become: they are rows of ``raw.<source>__<entity>``.
        secrets: environment variable to secret.
    """

    entity: str
    secrets: Mapping[str, str]

    def settings(self, page_size: int) -> Mapping[str, Any]:
        """``sources/<source>.yml`` that reads it, in pages of that many items where it can."""

    def add(self, numbers: Iterable[int], weight: int = 10) -> None:
        """New items, each with a text of that many characters."""

    def live_on(self, number: int) -> None:
        """A day of its life: this item is new, the one before changes, and the one before that goes if items can."""

    def add_unknown(self, number: int, column: str, value: str) -> None:
        """A new item with a value in a column that was never there before."""

    def add_malformed(self, number: int) -> str:
        """A new item that is not what it should be; words of the reason that has to be told."""

    def turn_round(self) -> None:
        """From now on items are told in another order."""

    def fail(self, plan: Plan) -> list[tuple[str, str]]:
        """From now on answers fail by plan; a list to which each failure is added as it happens, its kind last."""

    def expire(self) -> None:
        """Whatever can expire does so now: tokens, links, downloads."""

    def tokens(self) -> list[str]:
        """All tokens that were given out so far."""


class Adapter(Protocol):
    """The module ``tests/extract/sources/<source>/contract.py``."""

    EXEMPT: Mapping[str, str]
    BUFFERS: Mapping[str, int]

    def organisation(self, folder: Path) -> AbstractContextManager[Organisation]:
        """The organisation, served as long as the ``with`` block lasts; files may go into the folder."""


def sources(folder: Path = SOURCES) -> list[str]:
    """Every source that there is."""
    return sorted(path.parent.name for path in folder.glob("*/fetch.py"))


def adapted(source: str, adapters: Path = ADAPTERS) -> bool:
    """Whether a source has brought its adapter."""
    return (adapters / source / "contract.py").is_file()


def adapter(source: str) -> Adapter:
    """The adapter of a source that has one."""
    module: Any = importlib.import_module(f"tests.extract.sources.{source}.contract")
    return module  # type: ignore[no-any-return]


def held_to(name: str) -> list[str]:
    """The sources to which a property applies. Those without an adapter fail ``test_adapters.py``."""
    assert name in PROPERTIES
    return [source for source in sources() if adapted(source) and name not in adapter(source).EXEMPT]
