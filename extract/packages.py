"""What ``fetch`` hands to ``load``: folders that are complete or not there at all.

    packages/<source>/<number>-<batch_id>/    one reading of a file or a stream: manifest.json, rows.parquet,
                                              quarantine.parquet; of a stream also keys.parquet
    packages/<source>/<number>-fetch/         the end of a fetch: manifest.json with the files seen and the problems met
    packages/<source>/loaded/<batch_id>.json  what is in the warehouse already; raw.batches is the truth
    packages/<source>/loaded/<batch_id>.keys.parquet    the keys of a stream's batch that is in the warehouse

A package is written under a temporary name, flushed to disk and renamed: a process killed at any point leaves either
the whole of it or a temporary folder that the next fetch sweeps away. Numbers are the order of loading.

A stream (a table or folder of a live source) goes on from a cursor. The cursor is in the manifest of the package it was
won with, so both are there or neither, and each manifest names the batch it goes on from. What is known of a stream is
the unbroken chain from its first batch: where a batch is missing, because a warehouse was restored from an older copy,
the cursor falls back to the one before the gap, and what came after it is read again.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Literal

from config.errors import SourceBusy
from extract.batch import Batch, Link, batch_told, unbroken

MANIFEST: Final = "manifest.json"
ROWS: Final = "rows.parquet"
QUARANTINE: Final = "quarantine.parquet"
KEYS: Final = "keys.parquet"
_LEDGER: Final = "loaded"
_TEMPORARY: Final = ".writing-"
_FETCH: Final = "fetch"


@dataclass(frozen=True)
class Problem:
    """Why a whole file or stream was not read. ``kind`` tells who acts.

    missing, unavailable: nobody yet. empty, unreadable: whoever exports. mapping: whoever maps. refused: who grants.
    """

    kind: Literal["missing", "empty", "unreadable", "mapping", "unavailable", "refused"]
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


class Packages:
    """The packages of one source.

    Args:
        folder: where they lie.
        entities: what a fetch is restricted to; None: it is for all that the source has.
    """

    def __init__(self, folder: Path, entities: Collection[str] | None = None) -> None:
        self._folder, self._entities = folder, entities

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder for one fetch, and sweep away what a killed one left behind.

        Raises:
            SourceBusy: where another fetch of this source is running.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SourceBusy(
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
        loaded = [batch_told(entry["batch"]) for entry in sorted(told, key=lambda entry: int(entry["batch_number"]))]
        return loaded + waiting

    def chains(self) -> dict[tuple[str, str], list[Link]]:
        """Entity and stream to its batches that are known without a gap, in order; the last tells where to go on."""
        by_stream: dict[tuple[str, str], list[Link]] = {}
        for link in self._links():
            by_stream.setdefault((link.batch.entity, link.batch.file), []).append(link)
        return {stream: unbroken(links) for stream, links in by_stream.items()}

    def cursor(self, entity: str, file: str) -> dict[str, Any] | None:
        """How far a stream is known; None where it has never been read. For many streams at once see ``chains``."""
        chain = self.chains().get((entity, file))
        return chain[-1].cursor if chain else None

    def keys(self, entity: str, file: str) -> list[Path]:
        """The keys of all that is known of a stream, a file per batch, in order: the last word on a key counts."""
        return [link.keys for link in self.chains().get((entity, file), [])]

    def _links(self) -> list[Link]:
        """All batches of streams: loaded ones in the order of loading, then those that wait."""
        ledger = self._folder / _LEDGER
        told = [json.loads(path.read_text(encoding="utf-8")) for path in ledger.glob("*.json")]
        loaded = sorted((entry for entry in told if "cursor" in entry), key=lambda entry: int(entry["batch_number"]))
        links = [_link(entry, ledger / f"{entry['batch']['batch_id']}.{KEYS}") for entry in loaded]
        waiting = [package for package in self.pending() if "cursor" in package.manifest]
        return links + [_link(package.manifest, package.folder / KEYS) for package in waiting]

    @contextmanager
    def writing(self, name: str = "") -> Iterator[Path]:
        """A temporary folder to make a package in; it is gone after the block unless it was sealed.

        Args:
            name: tells folders apart that are open at the same time.
        """
        folder = self._folder / f"{_TEMPORARY}{os.getpid()}{name and '-' + name}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def seal_batch(self, folder: Path, batch: Batch) -> None:
        """Turn a temporary folder into a package."""
        self._seal(folder, batch.batch_id, {"batch": asdict(batch)})

    def seal_stream(self, folder: Path, batch: Batch, cursor: Mapping[str, Any], after: Batch | None) -> None:
        """Turn a temporary folder, with keys.parquet in it, into a package; from now on its cursor counts.

        Args:
            folder: as ``writing`` gave it.
            batch: its ``content_hash`` is the ``stream_hash`` of the two below.
            cursor: where the next reading goes on.
            after: the batch this one goes on from; None where the stream was never read.
        """
        manifest = {"batch": asdict(batch), "cursor": dict(cursor), "after": after.batch_id if after else None}
        self._seal(folder, batch.batch_id, manifest)

    def seal_fetch(self, as_of: date, files: list[tuple[str, str]], problems: list[Problem]) -> None:
        """Write the end of a fetch: which files of which entities were there, and which could not be read."""
        with self.writing() as folder:
            content = {
                "as_of_date": as_of,
                "fetched_at": now(),
                "entities": None if self._entities is None else sorted(self._entities),
                "files": [{"entity": entity, "file": file} for entity, file in files],
                "problems": [asdict(problem) for problem in problems],
            }
            self._seal(folder, _FETCH, content)

    def done(self, package: Package, batch_number: int | None) -> None:
        """Remember that a package is in the warehouse, then remove it; a kill between the two is harmless."""
        if package.batch:
            ledger = self._folder / _LEDGER
            ledger.mkdir(exist_ok=True)
            self._keep_keys(package, ledger / f"{package.batch.batch_id}.{KEYS}")
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
            path.with_suffix(f".{KEYS}").unlink(missing_ok=True)
        return [path.stem for path in gone]

    def _keep_keys(self, package: Package, kept: Path) -> None:
        keys = package.folder / KEYS
        if keys.is_file():
            temporary = kept.with_suffix(".writing")
            shutil.copyfile(keys, temporary)
            _flush(temporary)
            temporary.replace(kept)

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
    return Package(_number(folder), folder, batch_told(manifest["batch"]) if "batch" in manifest else None, manifest)


def _link(manifest: dict[str, Any], keys: Path) -> Link:
    return Link(batch_told(manifest["batch"]), manifest["after"], manifest["cursor"], keys)


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
