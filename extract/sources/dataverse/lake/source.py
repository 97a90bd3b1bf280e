"""A lake as the ``dataverse`` source sees it: table by table, what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.schema.sources.dataverse import Table
from extract.settle import Stream
from extract.sources.dataverse.lake.delta import Delta, open_delta, read_delta
from extract.sources.dataverse.lake.files import Files
from extract.sources.dataverse.lake.labels import read_labels
from extract.sources.dataverse.lake.layout import Lake
from extract.sources.dataverse.lake.plan import plan_lake
from extract.sources.dataverse.lake.read import read_lake
from extract.stream import Reading, Streams, mapping_hash


@dataclass(frozen=True)
class Found:
    """A table that is in the lake; without a reading nothing of it has changed."""

    stream: Stream | None = None
    reading: Reading | None = None


class LakeSource:
    """Reads tables of one lake."""

    def __init__(self, folder: str, time_zone: str, streams: Streams) -> None:
        self._files, self._time_zone, self._streams = Files(folder), time_zone, streams
        self._lake = Lake(self._files)

    def read(self, table: Table, folder: Path) -> Found | None:
        """What has changed of a table; None where the lake does not have it.

        Args:
            table: its mapping.
            folder: where the spool goes.

        Raises:
            Unmapped: where the mapping names a column that is not there.
            ContractBroken: where the lake cannot be read as its model.json, or the log of a Delta table, says.
            SourceUnavailable: where it does not answer.
        """
        known = self._streams.known_of(table.entity, table.table)
        cursor = known[-1].cursor if known else {}
        delta = open_delta(self._files, table.table)
        if delta:
            return self._read_delta(delta, table, cursor, folder)
        is_same = cursor.get("mapping") == mapping_hash(table, self._time_zone)
        after = str(cursor.get("folder", "")) if is_same else ""
        found = self._lake.table(table.table, after)
        if found is None:
            return None
        if not found.pieces:
            return Found()
        labels = read_labels(self._files, table.table, max(piece.folder for piece in found.pieces))
        made = plan_lake(table, found, labels, self._time_zone)
        return Found(made.stream, read_lake(self._files, made, found, cursor, folder))

    def _read_delta(self, delta: Delta, table: Table, cursor: Mapping[str, Any], folder: Path) -> Found:
        newest = self._lake.folders[-1] if self._lake.folders else ""
        labels = read_labels(self._files, table.table, newest)
        made = plan_lake(table, delta.described, labels, self._time_zone)
        return Found(made.stream, read_delta(delta, made, cursor, folder))
