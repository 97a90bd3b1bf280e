"""From a spool to a sealed package: what is news is converted, and the cursor moves with it or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb

from config.errors import ContractBroken
from config.schema.mapping import Mapping as Mapped
from extract.batch import Batch, Link, batch_id, stream_hash
from extract.mapping.convert import Origin, convert
from extract.mapping.expressions import declare, quoted
from extract.packages import QUARANTINE, Packages, now
from extract.report import FileRows, reasons
from extract.settle import Stream, settle

_READING: Final = "1"
"""Raise it when the same mapping comes to read an item differently: everything is then news."""
_MEMORY: Final = "256MB"


@dataclass(frozen=True)
class Reading:
    """What one reading of a stream brought.

    Attributes:
        parts: the files of the spool.
        cursor: where the next reading goes on.
        is_complete: everything was read, so that what did not come is gone.
    """

    parts: Sequence[Path]
    cursor: Mapping[str, Any]
    is_complete: bool


def mapping_hash(mapping: Mapped, time_zone: str) -> str:
    """The same as long as an item would be read the same: 16 hexadecimal digits."""
    told = mapping.model_dump(mode="json") | {"time_zone": time_zone, "reading": _READING}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


class Streams:
    """Makes packages of the streams of one source and day."""

    def __init__(self, source: str, day: date, time_zone: str, packages: Packages) -> None:
        self._source, self._day, self._time_zone, self._packages = source, day, time_zone, packages
        self._chains = packages.chains()

    def known(self, stream: Stream) -> list[Link]:
        """What is known of a stream, as it was when this fetch began; the last link has the cursor."""
        return self.known_of(stream.mapping.entity, stream.name)

    def known_of(self, entity: str, name: str) -> list[Link]:
        """The same by the stream's entity and name."""
        return self._chains.get((entity, name), [])

    def seal(self, writing: Path, stream: Stream, reading: Reading) -> FileRows | None:
        """Make the package of a reading in its temporary folder; None where it brought no news.

        Raises:
            ContractBroken: where rows were lost or counted twice on the way.
        """
        known = self.known(stream)
        last = known[-1].batch if known else None
        batch = self._batch(stream, reading, last)
        staging = writing / "staging"
        staging.mkdir(exist_ok=True)
        with duckdb.connect(":memory:") as connection:
            connection.execute(f"set memory_limit = '{_MEMORY}'")
            connection.execute("set enable_external_file_cache = false")  # the spool is read once
            connection.execute("set preserve_insertion_order = false")
            connection.execute("set enable_progress_bar = false")
            connection.execute(f"set temp_directory = {quoted(str(staging / 'spill'))}")
            declare(connection, stream.mapping.decimal_mark, self._time_zone)
            keys = [link.keys for link in known]
            opened = settle(connection, stream, reading.parts, keys, writing, is_complete=reading.is_complete)
            origin = Origin(self._source, stream.name, batch.batch_id, self._day.isoformat())
            read, good, aside = convert(connection, stream.mapping, opened, origin, writing)
            told = reasons(connection, f"read_parquet({quoted(str(writing / QUARANTINE))})") if aside else ()
        if read != good + aside:
            raise ContractBroken(
                f"{stream.name} ({stream.mapping.entity}): {read} rows were read, but {good} are good and {aside} set "
                "aside. That must never happen: report it as an error of the product."
            )
        if last and not read and known[-1].cursor == dict(reading.cursor):
            return None
        shutil.rmtree(staging)
        batch = replace(batch, rows_read=read, rows_loaded=good, rows_quarantined=aside)
        self._packages.seal_stream(writing, batch, reading.cursor, last)
        rows = FileRows(self._source, batch.entity, batch.file, read, good, aside, told)
        return rows if read else None

    def _batch(self, stream: Stream, reading: Reading, last: Batch | None) -> Batch:
        content = stream_hash(last, reading.cursor)
        identity = batch_id(self._source, stream.mapping.entity, stream.name, content, stream.mapping_hash)
        return Batch(
            batch_id=identity,
            source=self._source,
            entity=stream.mapping.entity,
            file=stream.name,
            file_hash=content,
            content_hash=content,
            mapping_hash=stream.mapping_hash,
            rows_read=0,
            rows_loaded=0,
            rows_quarantined=0,
            as_of_date=self._day,
            fetched_at=now(),
        )
