"""What was read of a mailbox, row by row into a Parquet file, so that memory does not grow with the mailbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.parquet

from extract.sources.exchange.canonical import Activity

COLUMNS: Final = (
    "activity_id",
    "type",
    "direction",
    "status",
    "subject",
    "occurred_at",
    "duration_minutes",
    "created_at",
    "conversation",
)
"""The columns of an activity."""
_SCHEMA: Final = pa.schema(
    [
        ("seq", pa.int64()),
        ("round", pa.int64()),
        ("item", pa.string()),
        ("place", pa.string()),
        ("removed", pa.bool_()),
        ("modified", pa.string()),
        ("moment", pa.string()),
        ("hash", pa.string()),
        ("parties", pa.string()),
        ("broken", pa.string()),
        ("text", pa.string()),
        *((name, pa.string()) for name in COLUMNS),
    ]
)
_GROUP: Final = 5_000


@dataclass(frozen=True)
class Place:
    """Where an item was found: the folder, and in which round of this fetch."""

    folder: str
    round: int


class Readings:
    """Writes a file of readings."""

    def __init__(self, path: Path) -> None:
        self._writer = pa.parquet.ParquetWriter(path, _SCHEMA, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._flush()
        self._writer.close()

    def found(self, place: Place, item: Mapping[str, Any], activity: Activity, at: str) -> None:
        """An activity; ``at``: the instant by which a full reading tells whether it should have come."""
        self._add(
            place,
            str(item["id"]),
            removed=False,
            modified=str(item.get("lastModifiedDateTime") or ""),
            moment=at,
            hash=activity.fingerprint,
            parties=json.dumps(activity.parties, ensure_ascii=False),
            **activity.columns,
        )

    def gone(self, place: Place, item: str) -> None:
        """An item that is no longer there, or no longer any activity."""
        self._add(place, item, removed=True)

    def malformed(self, place: Place, item: Any, why: str) -> None:
        """An item that is not what it should be, as it came."""
        key = item.get("id") if isinstance(item, dict) else None
        told = json.dumps(item, ensure_ascii=False, sort_keys=True)
        self._add(place, str(key or ""), removed=False, broken=why, text=told)

    def _add(self, place: Place, item: str, **columns: Any) -> None:
        self.rows += 1
        self._rows.append({"seq": self.rows, "round": place.round, "item": item, "place": place.folder} | columns)
        if len(self._rows) >= _GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, _SCHEMA))
            self._rows.clear()
