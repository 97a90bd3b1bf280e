"""Fetching the ``dataverse`` source: each table's changes, several tables at once, a package for each."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final, Literal

from config.errors import ConfigError, ContractBroken, SalesInsightsError, SourceRefused, SourceUnavailable
from config.schema.sources.dataverse import Settings, Table
from config.workspace import Workspace
from extract.fetch import Fetched
from extract.http import Http, Missing, Refused, Rejected, Unauthorised
from extract.limiter import Limiter
from extract.packages import Packages, Problem
from extract.report import FileRows
from extract.settle import Stream
from extract.sources.dataverse import audit
from extract.sources.dataverse.auth import ClientCredentials, NoToken
from extract.sources.dataverse.lake.source import LakeSource
from extract.sources.dataverse.metadata import Definition
from extract.sources.dataverse.plan import Plan, Unmapped, missing_table, plan
from extract.sources.dataverse.read import EXPIRED_CODES, Reader
from extract.sources.dataverse.service import Service, service_of
from extract.stream import Reading, Streams

log: Final = logging.getLogger(__name__)
SOURCE: Final = "dataverse"
Kind = Literal["missing", "unreadable", "unavailable", "refused"]


def fetch(workspace: Workspace, day: date, packages: Packages) -> Fetched:
    """Package what has changed in each table; see ``extract.fetch.fetch``."""
    settings: Settings = workspace.config.sources[SOURCE]
    if not settings.enabled:
        return Fetched((), (), ())
    if settings.terms:
        log.info("read as accepted by %s on %s", settings.terms.accepted_by, settings.terms.accepted_on)
    run = _Run(settings, day, workspace.config.organisation.time_zone, packages)
    run.take_lake()
    if run.served and settings.url:
        try:
            with client(settings) as http:
                run.take_served(http)
        except (ConfigError, SourceRefused, SourceUnavailable) as error:
            if not (run.read or run.unchanged):
                raise
            run.lack_served(error)
    return run.sealed()


@contextmanager
def client(
    settings: Settings, environment: Mapping[str, str] = os.environ, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Http]:
    """A client of the service, with a token of its own; ``sleep``: how to wait between two tries."""
    ca_file = Path(settings.ca_file) if settings.ca_file else None
    limiter = Limiter(settings.concurrency)
    with (
        closing(NoToken() if settings.auth == "none" else ClientCredentials(settings, environment, sleep)) as token,
        Http(token, limiter, ca_file=ca_file, expired_codes=EXPIRED_CODES, sleep=sleep) as http,
    ):
        yield http


@dataclass(frozen=True)
class _Downloaded:
    """What came of one table: a reading of its stream, a problem, or a reading that lacks something.

    Only a name where nothing has changed, and nothing at all of an optional table that is not there.
    """

    stream: Stream | None = None
    reading: Reading | None = None
    problem: Problem | None = None


@dataclass
class _Run:
    """One fetch: what it goes by, and what it has found so far."""

    settings: Settings
    day: date
    time_zone: str
    packages: Packages
    read: list[FileRows] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    definitions: dict[str, Definition] = field(default_factory=dict)
    is_audited: bool = False
    served: list[Table] = field(init=False)
    streams: Streams = field(init=False)

    def __post_init__(self) -> None:
        self.served = list(self.settings.tables)
        self.streams = Streams(SOURCE, self.day, self.time_zone, self.packages)

    def take_lake(self) -> None:
        """Read the tables that are in the lake, one after the other; those that are not stay in ``served``."""
        if self.settings.synapse_link is None:
            return
        source = LakeSource(self.settings.synapse_link.folder, self.time_zone, self.streams)
        self.served = []
        for table in self.settings.tables:
            with self.packages.writing("lake") as folder:
                self._take_from(source, table, folder)

    def _take_from(self, source: LakeSource, table: Table, folder: Path) -> None:
        try:
            found = source.read(table, folder / "staging")
        except Unmapped as error:
            self.problems.append(error.problem)
            return
        except ContractBroken as error:
            self.problems.append(Problem("unreadable", table.entity, table.table, str(error)))
            return
        except SourceUnavailable as error:
            if not (self.read or self.unchanged):
                raise  # the whole lake, as it seems
            self.problems.append(Problem("unavailable", table.entity, table.table, str(error)))
            return
        if found is None and self.settings.url:
            self.served.append(table)
        elif found is None:
            told = f"{table.table} ({table.entity}): it is not in the lake, and there is no url to read it from."
            self.problems.append(Problem("missing", table.entity, table.table, told))
        elif found.reading is None:
            self.unchanged.append(table.table)
        else:
            self._seal(folder, _Downloaded(found.stream, found.reading))

    def take_served(self, http: Http) -> None:
        """Download tables side by side, and seal them one by one in the order of the configuration."""
        service = service_of(http, self.settings)
        try:
            self.definitions = service.definitions()
        except (Missing, Rejected) as error:
            told = f"{error} Is url in sources/dataverse.yml the address of a Dynamics 365 organisation?"
            raise SourceRefused(told) from error
        self.is_audited = self._reads_audit(http)
        with ExitStack() as folders, ThreadPoolExecutor(self.settings.concurrency) as pool:
            waiting = []
            for number, table in enumerate(self.served):
                folder = folders.enter_context(self.packages.writing(str(number)))
                waiting.append((folder, pool.submit(self._download, http, service, table, folder)))
            for folder, coming in waiting:
                self._seal(folder, coming.result())

    def lack_served(self, error: SalesInsightsError) -> None:
        """The service gives nothing, but what is in the lake has been read: each of the others is a problem."""
        kind: Kind = "unavailable" if isinstance(error, SourceUnavailable) else "refused"
        known = {*self.unchanged, *(rows.file for rows in self.read), *(problem.file for problem in self.problems)}
        for table in self.served:
            if table.table not in known and not table.optional:
                told = f"{table.table} ({table.entity}): {error}"
                self.problems.append(Problem(kind, table.entity, table.table, told))

    def sealed(self) -> Fetched:
        """Seal the end of the fetch."""
        present = [(table.entity, table.table) for table in self.settings.tables]
        self.packages.seal_fetch(self.day, present, self.problems)
        return Fetched(tuple(self.read), tuple(self.unchanged), tuple(self.problems))

    def _download(self, http: Http, service: Service, table: Table, folder: Path) -> _Downloaded:
        try:
            return self._read(http, service, table, folder)
        except Unmapped as error:
            return _Downloaded(problem=error.problem)
        except (Refused, Missing, Rejected, SourceUnavailable) as error:
            return _Downloaded(problem=_problem(table, error, self.settings))

    def _read(self, http: Http, service: Service, table: Table, folder: Path) -> _Downloaded:
        definition = self.definitions.get(table.table)
        if definition is None and table.optional:
            return _Downloaded()
        if definition is None:
            return _Downloaded(problem=missing_table(table, self.definitions))
        labelled = table.custom_columns or any("@label" in reference for reference in table.references)
        columns = service.columns(table.table, labelled=labelled)
        made = plan(table, definition, columns, self.time_zone)
        known = self.streams.known(made.stream)
        cursor = known[-1].cursor if known else None
        reading = Reader(http, self.settings, self.day, service.root).read(made, cursor, folder / "staging")
        if cursor is None and self.is_audited and definition.is_audited and audit.dates_versions(made):
            return self._with_past(http, table, made, reading, folder / "staging")
        return _Downloaded(made.stream, reading)

    def _reads_audit(self, http: Http) -> bool:
        """Whether earlier versions are to be had; asked only where a table that is read has auditing on."""
        definitions = [self.definitions.get(table.table) for table in self.served]
        is_some_audited = any(definition and definition.is_audited for definition in definitions)
        return self.settings.history_from_audit and is_some_audited and audit.is_on(http, self.settings.url or "")

    def _with_past(self, http: Http, table: Table, made: Plan, reading: Reading, folder: Path) -> _Downloaded:
        """A first reading, with the earlier versions of its rows; where they cannot be had, without them."""
        try:
            past = audit.read_past(http, self.settings.url or "", made, reading.parts, folder / "audit")
        except (Refused, Missing, Rejected) as error:
            told = (
                f"{table.table} ({table.entity}): read without its earlier versions: {error} Give the application "
                "user's role the privilege View Audit Summary, or set history_from_audit: false."
            )
            return _Downloaded(made.stream, reading, Problem("refused", table.entity, table.table, told))
        return _Downloaded(made.stream, replace(reading, parts=[*reading.parts, *past]))

    def _seal(self, folder: Path, downloaded: _Downloaded) -> None:
        if downloaded.problem:
            self.problems.append(downloaded.problem)
        if downloaded.stream and downloaded.reading:
            rows = self.streams.seal(folder, downloaded.stream, downloaded.reading)
            if rows is None:
                self.unchanged.append(downloaded.stream.name)
            else:
                self.read.append(rows)
                log.info(rows.lines()[0])


def may_not_read(table: Table, settings: Settings) -> str:
    """What to do where a table is refused."""
    if settings.service == "odata":
        return f"Ask the owner of the service to let the application read {table.table}, or take it out."
    return f"Give the application user's role Read on {table.table} for the organisation."


def _problem(table: Table, error: Exception, settings: Settings) -> Problem:
    """What a table's trouble is called, and who puts it right."""
    kind: Kind = "unavailable"
    advice = ""
    match error:
        case Unauthorised() if settings.auth == "none":
            kind, advice = "refused", " It answers nobody without a token: set auth in sources/dataverse.yml."
        case Unauthorised():
            kind, advice = "refused", " Is the application a user of this organisation, and url the right one?"
        case Refused():
            kind, advice = "refused", f" {may_not_read(table, settings)}"
        case Missing():
            kind, advice = "missing", " Has the table been removed? Take it out of sources/dataverse.yml."
        case Rejected():
            kind, advice = "unreadable", " The other tables are read; it is tried again next time."
    return Problem(kind, table.entity, table.table, f"{table.table} ({table.entity}): {error}{advice}")
