"""What ``fetch`` hands to ``load``: folders that are complete or not there at all.

    packages/<source>/<number>-<batch_id>/    one file: manifest.json, rows.parquet, quarantine.parquet
    packages/<source>/<number>-fetch/         the end of a fetch: manifest.json with the files seen and the problems met
    packages/<source>/loaded/<batch_id>.json  what is in the warehouse already; raw.batches is the truth

A package is written under a temporary name, flushed to disk and renamed: a process killed at any point leaves either
the whole of it or a temporary folder that the next fetch sweeps away. Numbers are the order of loading.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Literal

from config.errors import SourceUnavailable

MANIFEST: Final = "manifest.json"
ROWS: Final = "rows.parquet"
QUARANTINE: Final = "quarantine.parquet"
_LEDGER: Final = "loaded"
_TEMPORARY: Final = ".writing-"
_FETCH: Final = "fetch"


@dataclass(frozen=True)
class Batch:
    """One reading of one file: the columns of raw.batches that are known before it is loaded."""

    batch_id: str
    source: str
    entity: str
    file: str
    file_hash: str  # SHA-256 of the file
    content_hash: str  # the same, unless the file went back to what it held before: see content_hash()
    mapping_hash: str
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    as_of_date: date
    fetched_at: datetime


@dataclass(frozen=True)
class Problem:
    """Why a whole file was not read. ``kind`` tells who acts: nobody yet, whoever exports, or whoever maps."""

    kind: Literal["missing", "empty", "unreadable", "mapping"]
    entity: str
    file: str
    message: str
    column_name: str | None = None
    line_number: int | None = None


@dataclass(frozen=True)
class Package:
    """A folder that waits to be loaded: a batch, or (batch is None) the end of a fetch."""

    number: int
    folder: Path
    batch: Batch | None
    manifest: dict[str, Any]


def batch_id(source: str, entity: str, file: str, content_hash: str, mapping_hash: str) -> str:
    """The same file, content and mapping always have the same id: 16 hexadecimal digits."""
    return hashlib.sha256(f"{source}\n{entity}\n{file}\n{content_hash}\n{mapping_hash}".encode()).hexdigest()[:16]


def content_hash(file_hash: str, earlier: list[Batch]) -> str:
    """What tells one state of a file from the next, given its earlier batches in order.

    It is the hash of the file, but for a file that went back to what it held before (a user moved to another manager
    and back again): that is a new state, not the old one read anew, and its hash is made of both.
    """
    if earlier and earlier[-1].file_hash == file_hash:
        return earlier[-1].content_hash
    if any(batch.file_hash == file_hash for batch in earlier):
        return hashlib.sha256(f"{file_hash}{earlier[-1].content_hash}".encode()).hexdigest()
    return file_hash


class Packages:
    """The packages of one source."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder for one fetch, and sweep away what a killed one left behind.

        Raises:
            SourceUnavailable: where another fetch of this source is running.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SourceUnavailable(
                    f"{self._folder}: another fetch of this source is running. Wait until it is done."
                ) from error
            for left in self._folder.glob(f"{_TEMPORARY}*"):
                shutil.rmtree(left, ignore_errors=True)
            yield

    def pending(self) -> list[Package]:
        """What waits to be loaded, in order."""
        folders = [path for path in self._folder.glob("[0-9]*-*") if (path / MANIFEST).is_file()]
        return [_opened(path) for path in sorted(folders, key=_number)]

    def known(self) -> list[Batch]:
        """Batches that need not be fetched, in the order of loading: loaded ones, then those that wait."""
        waiting = [package.batch for package in self.pending() if package.batch]
        told = [json.loads(path.read_text(encoding="utf-8")) for path in (self._folder / _LEDGER).glob("*.json")]
        loaded = [_batch(entry["batch"]) for entry in sorted(told, key=lambda entry: int(entry["batch_number"]))]
        return loaded + waiting

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """A temporary folder to make a package in; it is gone after the block unless it was sealed."""
        folder = self._folder / f"{_TEMPORARY}{os.getpid()}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def seal_batch(self, folder: Path, batch: Batch) -> None:
        """Turn a temporary folder into a package."""
        self._seal(folder, batch.batch_id, {"batch": asdict(batch)})

    def seal_fetch(self, as_of: date, files: list[tuple[str, str]], problems: list[Problem]) -> None:
        """Write the end of a fetch: which files of which entities were there, and which could not be read."""
        with self.writing() as folder:
            content = {
                "as_of_date": as_of,
                "fetched_at": now(),
                "files": [{"entity": entity, "file": file} for entity, file in files],
                "problems": [asdict(problem) for problem in problems],
            }
            self._seal(folder, _FETCH, content)

    def done(self, package: Package, batch_number: int | None) -> None:
        """Remember that a package is in the warehouse, then remove it; a kill between the two is harmless."""
        if package.batch:
            ledger = self._folder / _LEDGER
            ledger.mkdir(exist_ok=True)
            entry = ledger / f"{package.batch.batch_id}.json"
            temporary = entry.with_suffix(".writing")
            temporary.write_text(json.dumps(package.manifest | {"batch_number": batch_number}), encoding="utf-8")
            temporary.replace(entry)
        discarded = self._folder / f"{_TEMPORARY}{package.folder.name}"
        package.folder.rename(discarded)
        shutil.rmtree(discarded, ignore_errors=True)

    def forget(self, loaded: set[str]) -> list[str]:
        """Strike from the ledger what is not in the warehouse (any more), so that it is fetched again; returns it."""
        entries = sorted((self._folder / _LEDGER).glob("*.json"))
        gone = [path for path in entries if path.stem not in loaded]
        for path in gone:
            path.unlink()
        return [path.stem for path in gone]

    def _seal(self, folder: Path, name: str, manifest: dict[str, Any]) -> None:
        text = json.dumps(manifest, default=_as_json, ensure_ascii=False, indent=2)
        (folder / MANIFEST).write_text(text, encoding="utf-8")
        for path in (*folder.iterdir(), folder):
            _flush(path)
        folder.rename(self._folder / f"{self._next_number():08d}-{name}")
        _flush(self._folder)

    def _next_number(self) -> int:
        return max((_number(path) for path in self._folder.glob("[0-9]*-*")), default=0) + 1


def now() -> datetime:
    """The wall clock in UTC, for book-keeping columns only."""
    return datetime.now(UTC).replace(tzinfo=None)


def _number(path: Path) -> int:
    return int(path.name.split("-", 1)[0])


def _opened(folder: Path) -> Package:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return Package(_number(folder), folder, _batch(manifest["batch"]) if "batch" in manifest else None, manifest)


def _batch(told: dict[str, Any]) -> Batch:
    dated = {
        "as_of_date": date.fromisoformat(told["as_of_date"]),
        "fetched_at": datetime.fromisoformat(told["fetched_at"]),
    }
    return Batch(**(told | dated))


def _as_json(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a manifest")


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
