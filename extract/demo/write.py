"""Writing the demo's export: the files that the CRM would hand out at the end of a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from config.errors import ConfigError
from config.load import DEFAULTS
from extract.demo import around_deals, deals, stream, tables
from extract.demo.calendar import END, EXPORTED_ON, START
from extract.demo.story import SEED, Story, tell

_TABLES: Final[Mapping[str, Callable[[Story, np.datetime64], pa.Table]]] = {
    "leads": deals.leads,
    "opportunities": deals.opportunities,
    "accounts": tables.accounts,
    "contacts": tables.contacts,
    "users": tables.users,
    "teams": tables.teams,
    "products": tables.products,
    "quotas": tables.quotas,
    "opportunity_closes": around_deals.closes,
    "opportunity_products": around_deals.lines,
    "positions": tables.positions,
    "process_stages": around_deals.stages,
    "posts": around_deals.posts,
    "connections": around_deals.connections,
}
_BIG: Final = ("activities", "activity_parties")
_OVERLAY: Final = Path("config") / "sources" / "files.yml"


@dataclass(frozen=True)
class DemoReport:
    """What was written: file name to number of rows, duplicates included."""

    folder: Path
    size: str
    as_of: date
    rows: Mapping[str, int]

    def lines(self) -> list[str]:
        """What a person should read; the first line is the sum of it."""
        total = sum(self.rows.values())
        head = f"Demo organisation, size {self.size}, at the end of {self.as_of}: {total:,} rows in {self.folder}"
        return [head, *(f"  {name}: {count:,} rows" for name, count in self.rows.items())]


def write_demo(folder: Path, size: str = "small", as_of: date | None = None, seed: int = SEED) -> DemoReport:
    """Write the export of the demo organisation as it was at the end of a day.

    The same arguments write the same bytes. Exports of one seed on different days tell the same story: a later one
    shows what an earlier one did, and what has happened since. Each file is written aside and renamed when complete.

    Args:
        folder: where the files go; made if it does not exist. Size large also writes ``config/sources/files.yml``
            there, the mapping for its Parquet files.
        size: tiny, small or large.
        as_of: the day; None for 2026-06-30.
        seed: which organisation.

    Raises:
        ConfigError: where there is no such size, or the story does not reach that day.
    """
    day = EXPORTED_ON if as_of is None else np.datetime64(as_of, "D")
    if not START <= day <= END:
        raise ConfigError(f"the demo's story runs from {START} to {END}, not to {day}; choose a day between the two.")
    rows = write_story(folder, tell(size, seed), day)
    return DemoReport(folder, size, day.astype(object), rows)


def write_story(folder: Path, story: Story, day: np.datetime64) -> dict[str, int]:
    """Write a story's export as it was at the end of a day.

    Returns:
        File name to number of rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = {}
    for name, table_of in _TABLES.items():
        with _Writer(folder / f"{name}.csv") as writer:
            writer.write(table_of(story, day))
        rows[writer.path.name] = writer.rows
    rows |= _write_big(folder, story, day)
    _write_overlay(folder, story.size.big)
    return rows


def _write_big(folder: Path, story: Story, day: np.datetime64) -> dict[str, int]:
    """Activities, parties and notes, month by month."""
    ending, other = ("parquet", "csv") if story.size.big else ("csv", "parquet")
    with ExitStack() as stack:
        activities, parties = (stack.enter_context(_Writer(folder / f"{name}.{ending}")) for name in _BIG)
        notes = stack.enter_context(_Writer(folder / "notes.csv"))
        for month in stream.months(story, day):
            activities.write(month.activities)
            parties.write(month.parties)
            notes.write(month.notes)
    for name in _BIG:
        (folder / f"{name}.{other}").unlink(missing_ok=True)
    return {writer.path.name: writer.rows for writer in (activities, parties, notes)}


def _write_overlay(folder: Path, big: bool) -> None:
    """The mapping of size large: the shipped one, with the big tables as Parquet."""
    path = folder / _OVERLAY
    if not big:
        path.unlink(missing_ok=True)
        return
    text = (DEFAULTS / "sources" / "files.yml").read_text(encoding="utf-8")
    for name in _BIG:
        text = text.replace(f"files: {name}.csv", f"files: {name}.parquet\n    format: parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


class _Writer:
    """One file, CSV or Parquet by its ending: written aside, renamed at the end if nothing was raised."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._aside = path.with_name(f".{path.name}.part")
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def write(self, table: pa.Table) -> None:
        """Append a table; the first one decides the columns."""
        if self._writer is None:
            if self.path.suffix == ".parquet":
                self._writer = pa.parquet.ParquetWriter(self._aside, table.schema, compression="zstd")
            else:
                self._writer = pa.csv.CSVWriter(self._aside, table.schema)
        self._writer.write_table(table)
        self.rows += table.num_rows

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()
        if kind is None:
            self._aside.replace(self.path)
