"""``missing``: what is not in today's data, and since when. Read from the warehouse, after the load."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import duckdb

from config.workspace import Workspace
from extract.packages import now
from warehouse.connection import open_warehouse, transaction

log: Final = logging.getLogger(__name__)
_ALL: Final = "all of it"
_PROBLEMS: Final = """
    select problem.source, problem.file, problem.message,
        max_by(read.as_of_date, read.fetched_at), max(read.fetched_at)
    from ops.source_problems as problem
    left join ops.last_read as read on read.source = problem.source and (
        problem.file = '' or read.entity = problem.entity and (read.file = problem.file or read.file glob problem.file)
    )
    where problem.as_of_date = ? and problem.source = any(?)
    group by all
"""
_NOT_FETCHED: Final = """
    select source, '', 'No fetch of it was loaded for this day. Run ''sales-insights fetch ' || source
            || ''', then ''sales-insights load''; where Airflow runs it, see the logs of its lane.',
        max_by(read.as_of_date, read.fetched_at), max(read.fetched_at)
    from (select unnest(?::varchar[]) as source) left join ops.last_read as read using (source)
    group by all
    having coalesce(max_by(read.as_of_date, read.fetched_at) <> ?, true)
        and source not in (select source from ops.source_problems where as_of_date = ?)
"""


@dataclass(frozen=True)
class Gap:
    """A file, table or mailbox that is not in a day's data, or all of a source.

    Attributes:
        source: e.g. dataverse.
        what: as ``raw.batches`` calls it; of a file that is not there the pattern.
        because: why, ending with what to do.
        read_for: the as-of day of the last fetch in which it was read; None: never.
        read_at: when that was (UTC, wall clock).
    """

    source: str
    what: str
    because: str
    read_for: date | None
    read_at: datetime | None

    @property
    def since(self) -> str:
        """When it was read last, in words."""
        if self.read_for is None or self.read_at is None:
            return "never read"
        return f"last read for {self.read_for}, at {self.read_at:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True)
class MissingReport:
    """What is missing from one day's data."""

    as_of: date
    sources: tuple[str, ...]
    gaps: tuple[Gap, ...]

    def lines(self) -> list[str]:
        """The sum, and a line for each gap: since when and why."""
        if not self.gaps:
            return [f"{self.as_of}: nothing is missing. Read: {', '.join(self.sources) or 'no source is switched on'}."]
        of = ", ".join(sorted({gap.source for gap in self.gaps}))
        first = f"{self.as_of}: {len(self.gaps)} missing from today's data, of {of}. What was read before stays in use."
        return [first, *(f"{gap.source}, {gap.what}: {gap.since}. {gap.because}" for gap in self.gaps)]


def missing(
    workspace: Workspace, failed: Mapping[str, str] | None = None, *, as_of: date | str | None = None
) -> MissingReport:
    """Say what of the sources that are switched on is not in a day's data, and since when.

    Args:
        workspace: the organisation.
        failed: sources of which nothing could be read today, with why; ``ops.source_problems`` remembers them.
        as_of: the day.

    Raises:
        WarehouseBusy: where another process has the warehouse open.
    """
    day = workspace.day(as_of)
    enabled = tuple(name for name, source in workspace.config.sources.items() if source.enabled)
    with open_warehouse(workspace) as connection:
        with transaction(connection):
            for source, why in (failed or {}).items():
                _remember(connection, day, source, why)
        report = MissingReport(day, enabled, gaps(connection, enabled, day))
    if report.gaps:
        log.warning(report.lines()[0])
    return report


def gaps(connection: duckdb.DuckDBPyConnection, sources: Iterable[str], day: date) -> tuple[Gap, ...]:
    """What of these sources is not in a day's data, by source; all of a source before its parts."""
    names = list(sources)
    found = connection.execute(_PROBLEMS, [day, names]).fetchall()
    found += connection.execute(_NOT_FETCHED, [names, day, day]).fetchall()
    return tuple(
        Gap(source, file or _ALL, because, read_for, read_at)
        for source, file, because, read_for, read_at in sorted(found, key=lambda row: row[:3])
    )


def _remember(connection: duckdb.DuckDBPyConnection, day: date, source: str, why: str) -> None:
    """Nothing of a source could be read; the end of its next fetch on that day takes the place of this."""
    key = [day, source]
    connection.execute("delete from ops.source_problems where as_of_date = ? and source = ? and file = ''", key)
    connection.execute(
        "insert into ops.source_problems by name select ? as as_of_date, ? as source, '' as entity, '' as file, "
        "'unavailable' as kind, ? as message, ?::timestamp as fetched_at",
        [*key, why, now()],
    )
