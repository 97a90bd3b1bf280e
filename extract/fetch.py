"""``fetch``: read a source and leave packages for ``load``. It never opens the warehouse: sources run side by side."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final, Protocol

from config.errors import ConfigError, ContractBroken, SalesInsightsError, SourceRefused, SourceUnavailable
from config.workspace import Workspace
from extract.packages import Packages, Problem
from extract.report import FileRows, totals

log: Final = logging.getLogger(__name__)
SOURCES: Final = Path(__file__).parent / "sources"
ARRIVING: Final = frozenset({"leads", "contacts", "accounts"})
"""What is read within the day: leads, and the records of other entities that a lead belongs to."""


@dataclass(frozen=True)
class Fetched:
    """What a source found: files or streams read now, those without news, and those that could not be read.

    A stream is what a live source calls its own: a table, a folder of a mailbox.
    """

    read: tuple[FileRows, ...]
    unchanged: tuple[str, ...]
    problems: tuple[Problem, ...]


class Source(Protocol):
    """What ``extract/sources/<source>/fetch.py`` offers."""

    def fetch(self, workspace: Workspace, day: date, packages: Packages) -> Fetched:
        """Seal a package for whatever is new, then the end of the fetch. What cannot be read is a problem."""


@dataclass(frozen=True)
class FetchReport:
    """What one fetch of one source brought."""

    source: str
    as_of: date
    fetched: Fetched

    def lines(self) -> list[str]:
        """The sum, a paragraph per file or stream, and every problem."""
        read, good, aside = totals(self.fetched.read)
        problems = len(self.fetched.problems)
        first = (
            f"{self.source}, {self.as_of}: {len(self.fetched.read)} read, "
            f"{len(self.fetched.unchanged)} unchanged, {problems} problems: "
            f"{read:,} rows read = {good:,} to load + {aside:,} to quarantine."
        )
        told = [line for file in self.fetched.read for line in file.lines()]
        return [first, *told, *(f"not read: {problem.message}" for problem in self.fetched.problems)]


def sources_of_leads(workspace: Workspace) -> list[str]:
    """The sources that are switched on and deliver leads: those that new leads are looked for in."""
    return [
        name
        for name, settings in workspace.config.sources.items()
        if settings.enabled and any(table.entity == "leads" for table in getattr(settings, "tables", ()))
    ]


def fetch(
    workspace: Workspace,
    source: str,
    *,
    as_of: date | str | None = None,
    entities: Collection[str] | None = None,
) -> FetchReport:
    """Read what is new at a source and package it. Never opens the warehouse.

    One file or stream that cannot be read does not stop the day: it is a problem in the report, in the log as an
    error, and in ``ops.source_problems`` once loaded.

    Args:
        workspace: the organisation.
        source: a folder of ``extract/sources``, e.g. ``files``.
        as_of: the day the data speak of.
        entities: only what is mapped to these; None: everything. What is left out is read by the next whole fetch, from
            where the last one came to.

    Raises:
        ConfigError: where there is no such source.
        SourceBusy: where another fetch of it is running.
        SourceUnavailable: where nothing at all is there, or nothing answers; retried.
        SourceRefused: where nothing may be read.
        ContractBroken: where something is there, but nothing of it can be read.
    """
    day = workspace.day(as_of)
    reader = _source(workspace, source)
    packages = Packages(workspace.data.packages / source, entities)
    with packages.alone():
        fetched = reader.fetch(_restricted(workspace, source, entities), day, packages)
    report = FetchReport(source, day, fetched)
    for problem in fetched.problems:
        log.error("not read: %s", problem.message)
    if fetched.problems and not fetched.read and not fetched.unchanged:
        told = "\n".join(problem.message for problem in fetched.problems)
        raise _nothing(fetched.problems)(told)
    return report


def fetch_arrivals(workspace: Workspace, source: str, *, as_of: date | str | None = None) -> FetchReport:
    """``fetch``, of leads and what belongs to them alone: quick enough to be done every few minutes."""
    return fetch(workspace, source, as_of=as_of, entities=ARRIVING)


def _restricted(workspace: Workspace, source: str, entities: Collection[str] | None) -> Workspace:
    """The workspace as if the source had nothing but these entities: no source needs to know of restrictions."""
    if entities is None:
        return workspace
    settings = workspace.config.sources[source]
    some = settings.model_copy(update={"tables": tuple(one for one in settings.tables if one.entity in entities)})
    return replace(workspace, config=replace(workspace.config, sources={**workspace.config.sources, source: some}))


def _nothing(problems: tuple[Problem, ...]) -> type[SalesInsightsError]:
    """Who has to act where nothing at all could be read."""
    kinds = {problem.kind for problem in problems}
    if kinds == {"refused"}:
        return SourceRefused
    return SourceUnavailable if kinds <= {"missing", "unavailable"} else ContractBroken


def _source(workspace: Workspace, source: str) -> Source:
    known = sorted(path.parent.name for path in SOURCES.glob("*/fetch.py"))
    if source not in known or source not in workspace.config.sources:
        raise ConfigError(f"There is no source '{source}'. Sources that can be fetched: {', '.join(known)}.")
    module: Source = importlib.import_module(f"extract.sources.{source}.fetch")
    return module
