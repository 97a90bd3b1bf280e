"""Fetching the ``files`` source: find each table's files, read those that are new or changed, package them."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import duckdb

from config.errors import ContractBroken, SourceUnavailable
from config.schema.sources.files import Settings, Table
from config.workspace import Workspace
from extract.batch import Batch, batch_id, content_hash
from extract.fetch import Fetched
from extract.mapping.convert import Origin, convert
from extract.mapping.expressions import declare, quoted
from extract.packages import QUARANTINE, Packages, Problem, now
from extract.report import FileRows, reasons
from extract.sources.files import problems
from extract.sources.files.problems import Unreadable
from extract.sources.files.read import NoRows, open_rows
from extract.sources.files.text import Scan, Undecodable, scan

log: Final = logging.getLogger(__name__)
SOURCE: Final = "files"
_READING: Final = "1"
"""Raise it when the same mapping comes to read a file differently: every file is then read anew."""
_MEMORY: Final = "1GB"


def fetch(workspace: Workspace, day: date, packages: Packages) -> Fetched:
    """Package every file that is new, changed or mapped anew; see ``extract.fetch.fetch``."""
    settings: Settings = workspace.config.sources[SOURCE]
    if not settings.enabled:
        return Fetched((), (), ())
    folder = workspace.input_folder
    if not folder.is_dir():
        raise SourceUnavailable(
            f"{folder}: there is no such folder. Put the exported files there, or name theirs in SALES_INSIGHTS_INPUT."
        )
    run = _Run(day, workspace.config.organisation.time_zone, folder, packages, packages.known())
    there = sorted(path.name for path in folder.glob("*") if path.is_file())
    for table in settings.tables:
        files = sorted(path.relative_to(folder).as_posix() for path in folder.glob(table.files) if path.is_file())
        if not files:
            run.problems.append(problems.no_file(table, folder, there))
        for file in files:
            run.take(table, file)
    packages.seal_fetch(day, run.present, run.problems)
    return Fetched(tuple(run.read), tuple(run.unchanged), tuple(run.problems))


@dataclass
class _Run:
    """One fetch: what it goes by, and what it has found so far."""

    day: date
    time_zone: str
    folder: Path
    packages: Packages
    known: list[Batch]
    read: list[FileRows] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    present: list[tuple[str, str]] = field(default_factory=list)

    def take(self, table: Table, file: str) -> None:
        """Read one file, or note why it cannot be read."""
        if (table.entity, file) in self.present:
            told = f"another table of {table.entity} reads this file already. Give each its own 'files' pattern."
            self.problems.append(problems.of_file("mapping", table, file, told))
            return
        self.present.append((table.entity, file))
        try:
            self._take(table, file)
        except Unreadable as error:
            self.problems.append(error.problem)
        except NoRows as error:
            told = f"{error}. Export it again; if it is meant to be empty, nothing needs doing."
            self.problems.append(problems.of_file("empty", table, file, told))
        except Undecodable as error:
            self.problems.append(problems.not_in_encoding(table, file, error))
        except OSError as error:
            told = f"it was there and is no longer ({error.strerror}). It is read at the next fetch."
            self.problems.append(problems.of_file("unreadable", table, file, told))
        except duckdb.Error as error:
            self.problems.append(problems.not_a_format(table, file, error))

    def _take(self, table: Table, file: str) -> None:
        path = self.folder / file
        with self.packages.writing() as writing:
            staging = writing / "staging"
            staging.mkdir()
            text = _needs_copy(table) and staging / "text"
            before = path.stat()
            seen = scan(path, "" if table.format == "parquet" else table.encoding, text or None)
            if not seen.size:
                raise NoRows("it is empty")
            batch = self._batch(table, file, seen)
            if batch.batch_id in {known.batch_id for known in self.known}:
                self.unchanged.append(file)
                return
            batch, rows = self._convert(table, batch, text or path, writing, suspicious=seen.has_zero_bytes)
            after = path.stat()
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                told = "it changed while it was read. It is read at the next fetch."
                raise Unreadable(problems.of_file("unreadable", table, file, told))
            _empty(staging)
            self.packages.seal_batch(writing, batch)
            self.read.append(rows)
            log.info(rows.lines()[0])

    def _batch(self, table: Table, file: str, seen: Scan) -> Batch:
        """The batch that a file is, before its rows are counted."""
        earlier = [known for known in self.known if (known.entity, known.file) == (table.entity, file)]
        content, mapping = content_hash(seen.sha256, earlier), mapping_hash(table, self.time_zone)
        identity = batch_id(SOURCE, table.entity, file, content, mapping)
        return Batch(
            batch_id=identity,
            source=SOURCE,
            entity=table.entity,
            file=file,
            file_hash=seen.sha256,
            content_hash=content,
            mapping_hash=mapping,
            rows_read=0,
            rows_loaded=0,
            rows_quarantined=0,
            as_of_date=self.day,
            fetched_at=now(),
        )

    def _convert(
        self, table: Table, batch: Batch, path: Path, writing: Path, *, suspicious: bool
    ) -> tuple[Batch, FileRows]:
        staging = writing / "staging"
        with duckdb.connect(":memory:") as connection:
            connection.execute(f"set memory_limit = '{_MEMORY}'")
            connection.execute(f"set temp_directory = {quoted(str(staging / 'spill'))}")
            declare(connection, table.decimal_mark, self.time_zone)
            opened = open_rows(connection, table, path, staging, suspicious=suspicious)
            problem = problems.missing_columns(table, batch.file, opened.names)
            if problem:
                raise Unreadable(problem)
            origin = Origin(SOURCE, batch.file, batch.batch_id, self.day.isoformat())
            read, good, aside = convert(connection, table, opened, origin, writing)
            if read != good + aside:
                raise ContractBroken(
                    f"{batch.file} ({table.entity}): {read} rows were read, but {good} are good and {aside} set aside. "
                    "That must never happen: keep the file and report it as an error of the product."
                )
            counted = Batch(**(vars(batch) | {"rows_read": read, "rows_loaded": good, "rows_quarantined": aside}))
            told = reasons(connection, f"read_parquet({quoted(str(writing / QUARANTINE))})") if aside else ()
            return counted, FileRows(SOURCE, table.entity, batch.file, read, good, aside, told)


def mapping_hash(table: Table, time_zone: str) -> str:
    """The same as long as a file would be read the same: 16 hexadecimal digits."""
    told = table.model_dump(mode="json", exclude={"files"}) | {"time_zone": time_zone, "reading": _READING}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _needs_copy(table: Table) -> bool:
    """DuckDB reads UTF-8; a text in any other encoding is copied as UTF-8 first."""
    if table.format == "parquet" or table.encoding is None:
        return False
    return table.encoding.lower().replace("_", "-") not in {"utf-8", "utf8", "utf-8-sig", "ascii"}


def _empty(staging: Path) -> None:
    for path in sorted(staging.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    staging.rmdir()
