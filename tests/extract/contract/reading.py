"""A source that is read day by day, and what is found of it in the warehouse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest
import yaml

from config.load import load_config
from config.schema.canonical import ENTITIES
from config.workspace import DataFolder, Workspace
from extract.fetch import FetchReport, fetch
from extract.load import load
from tests.extract.contract.adapter import Organisation, adapter
from tests.extract.organisations import rows

FIRST: Final = date(2026, 6, 30)
PAGE: Final = 5
BOOKKEEPING: Final = ("_row_id", "_batch_id", "_row_number", "_loaded_at")
"""Which reading a row came with, and where in it: that may differ where a reading was cut in two."""
_ABOUT: Final = {"name": "Test", "currency": "EUR", "as_of": FIRST.isoformat(), "time_zone": "UTC"}


@dataclass
class Sources:
    """Sources that are served, and workspaces that read them."""

    folder: Path
    served: Mapping[str, Organisation]
    page_size: int = PAGE

    def __post_init__(self) -> None:
        config = self.folder / "config"
        (config / "sources").mkdir(parents=True)
        (config / "organisation.yml").write_text(yaml.safe_dump(_ABOUT))
        for name, organisation in self.served.items():
            told = yaml.safe_dump(dict(organisation.settings(self.page_size)), sort_keys=False)
            (config / "sources" / f"{name}.yml").write_text(told)
        self._config = load_config(config)

    def workspace(self, name: str = "data") -> Workspace:
        """A workspace with a data folder of that name."""
        return Workspace(self._config, DataFolder(self.folder / name), self.folder / "input")

    def environment(self, name: str = "data") -> dict[str, str]:
        """The same workspace for another process, with the secrets."""
        folders = {"config": "config", "data": name, "input": "input"}
        told = {f"SALES_INSIGHTS_{what.upper()}": str(self.folder / where) for what, where in folders.items()}
        return told | {key: secret for one in self.served.values() for key, secret in one.secrets.items()}

    def rows(self, query: str, name: str = "data") -> list[tuple[Any, ...]]:
        """What a query finds in the warehouse."""
        return rows(self.workspace(name), query)

    def raw(self, name: str = "data", without: Iterable[str] = ()) -> dict[str, Counter[tuple[Any, ...]]]:
        """Every raw table of these sources with its rows, whichever reading they came with."""
        left_out = ", ".join((*BOOKKEEPING, *without))
        found = {}
        with duckdb.connect(str(self.workspace(name).data.warehouse), read_only=True) as connection:
            tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
            for (table,) in tables:
                if table.partition("__")[0] in self.served:
                    there = connection.execute(f"select * exclude ({left_out}) from raw.{table}").fetchall()
                    found[table] = Counter(there)
        return found


@dataclass
class Reading(Sources):
    """One source that is served."""

    source: str = ""

    @property
    def organisation(self) -> Organisation:
        """What is served."""
        return self.served[self.source]

    @property
    def table(self) -> str:
        """The raw table of its items."""
        return f"raw.{self.source}__{self.organisation.entity}"

    @property
    def key(self) -> str:
        """The first column of the key of its items."""
        return ENTITIES[self.organisation.entity].key[0]

    def fetch(self, day: int = 0, name: str = "data") -> FetchReport:
        """Fetch some days after the first."""
        return fetch(self.workspace(name), self.source, as_of=FIRST + timedelta(days=day))

    def load(self, day: int = 0, name: str = "data") -> None:
        """Load what was fetched."""
        load(self.workspace(name), as_of=FIRST + timedelta(days=day))

    def a_day(self, day: int = 0, name: str = "data") -> FetchReport:
        """Fetch and load."""
        report = self.fetch(day, name)
        self.load(day, name)
        return report


@contextmanager
def serving(source: str, folder: Path, page_size: int = PAGE) -> Iterator[Reading]:
    """One source over its tiny organisation, as long as the ``with`` block lasts. Nobody waits long."""
    with ExitStack() as stack:
        organisation = stack.enter_context(adapter(source).organisation(folder))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name in ("_FIRST_PAUSE", "_LONGEST_PAUSE"):
            patch.setattr(f"extract.http.{name}", 0.01)
        for name, secret in organisation.secrets.items():
            patch.setenv(name, secret)
        yield Reading(folder, {source: organisation}, page_size, source)
