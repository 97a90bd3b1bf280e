"""From a reading to sealed packages: the parties first, then the activities, whose package moves the cursor."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb

from config.errors import ContractBroken
from config.schema.mapping import Mapping as Mapped
from extract.batch import Batch, Link, batch_id, stream_hash
from extract.mapping.convert import Origin, convert
from extract.mapping.expressions import declare, quoted
from extract.mapping.parquet import Opened
from extract.packages import KEYS, QUARANTINE, Packages, now
from extract.report import FileRows, reasons
from extract.sources.exchange import settle
from extract.sources.exchange.reading import Told
from extract.sources.exchange.readings import COLUMNS

SOURCE: Final = "exchange"
ACTIVITIES: Final = Mapped(entity="activities", columns={name: name for name in COLUMNS if name != "conversation"})
PARTIES: Final = Mapped(
    entity="activity_parties",
    columns={name: name for name in ("activity_id", "party_id", "party_entity", "role", "email")},
)
_READING: Final = "1"
"""Raise it when a message or an event comes to be read differently: everything is then read anew."""
_MEMORY: Final = "1GB"


def fingerprint(told: Mapping[str, Any]) -> str:
    """The same as long as a mailbox would be read the same: 16 hexadecimal digits."""
    text = json.dumps({**told, "reading": _READING}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass
class Sealer:
    """Seals the streams of one fetch, one after the other, and remembers which mailbox holds what."""

    packages: Packages
    day: date
    settings: str
    read: list[FileRows] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    streams_met: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._chains = self.packages.chains()
        self._connection = duckdb.connect(":memory:")
        self._connection.execute(f"set memory_limit = '{_MEMORY}'")
        declare(self._connection, ".", "UTC")
        settle.begin(self._connection)
        for (entity, file), chain in sorted(self._chains.items()):
            if entity == ACTIVITIES.entity:
                settle.recall(self._connection, file, [link.keys for link in chain])

    def close(self) -> None:
        """Let go of what is known."""
        self._connection.close()

    @property
    def streams(self) -> list[str]:
        """The streams that are known, in order."""
        return sorted(file for entity, file in self._chains if entity == ACTIVITIES.entity)

    def cursor(self, file: str) -> dict[str, Any] | None:
        """Where the reading of a stream goes on."""
        last = self._last(ACTIVITIES, file)
        return last.cursor if last else None

    def places(self, file: str) -> list[str]:
        """The folders of a stream that hold something."""
        found = self._connection.execute("select distinct place from holders where file = ? order by 1", [file])
        return [place for (place,) in found.fetchall()]

    def seal(self, file: str, readings: Path, told: Told) -> None:
        """Package what is news in a reading.

        Raises:
            ContractBroken: where rows were lost or counted twice on the way.
        """
        self.streams_met.add(file)
        before = self.cursor(file) or {}
        cursor = {**told.cursor, "settings": self.settings, "number": int(before.get("number", 0)) + 1}
        stands = _without_links(cursor) == _without_links(before)
        if not (stands and told.is_nothing):
            settle.settle(self._connection, file, readings, told)
        if stands and (told.is_nothing or not self._is_news(file)):
            self.unchanged.append(file)
            return
        self._drop_sealed(file, cursor)
        if self._count("party_news"):
            settle.party_rows(self._connection)
            self._package(PARTIES, file, cursor, settle.keys_of_parties())
        settle.source_rows(self._connection)
        self._package(ACTIVITIES, file, cursor, settle.keys_of_items())
        settle.remember(self._connection, file)

    def _is_news(self, file: str) -> bool:
        known = f"select key, hash from holders where file = {quoted(file)}"
        fresh = self._count(f"(from fresh where (key, hash) not in ({known}))")
        return bool(fresh or self._count("lost") or self._count("broken"))

    def _drop_sealed(self, file: str, cursor: Mapping[str, Any]) -> None:
        """Parties are sealed first: where that was the end of an earlier fetch, they are there already."""
        last = self._last(PARTIES, file)
        if last and last.cursor["number"] >= cursor["number"]:
            settle.drop_sealed_parties(self._connection, last.keys)

    def _last(self, mapping: Mapped, file: str) -> Link | None:
        chain = self._chains.get((mapping.entity, file))
        return chain[-1] if chain else None

    def _package(self, mapping: Mapped, file: str, cursor: Mapping[str, Any], keys: str) -> None:
        last = self._last(mapping, file)
        batch = self._batch(mapping, file, cursor, last.batch if last else None)
        with self.packages.writing(f"sealing-{mapping.entity}") as folder:
            self._connection.execute(
                f"copy ({keys}) to {quoted(str(folder / KEYS))} (format parquet, compression zstd)"
            )
            names = COLUMNS if mapping is ACTIVITIES else tuple(mapping.columns.values())
            opened = Opened(names, numeric=frozenset(), has_deleted=True)
            origin = Origin(SOURCE, file, batch.batch_id, self.day.isoformat())
            read, good, aside = convert(self._connection, mapping, opened, origin, folder)
            if read != good + aside:
                raise ContractBroken(
                    f"{file} ({mapping.entity}): {read} rows were read, but {good} are good and {aside} set aside. "
                    "That must never happen: report it as an error of the product."
                )
            found = reasons(self._connection, f"read_parquet({quoted(str(folder / QUARANTINE))})") if aside else ()
            batch = replace(batch, rows_read=read, rows_loaded=good, rows_quarantined=aside)
            self.packages.seal_stream(folder, batch, cursor, last.batch if last else None)
        if read:
            self.read.append(FileRows(SOURCE, mapping.entity, file, read, good, aside, found))
        elif mapping is ACTIVITIES:
            self.unchanged.append(file)

    def _batch(self, mapping: Mapped, file: str, cursor: Mapping[str, Any], last: Batch | None) -> Batch:
        content, mapped = stream_hash(last, cursor), fingerprint(mapping.model_dump(mode="json"))
        return Batch(
            batch_id=batch_id(SOURCE, mapping.entity, file, content, mapped),
            source=SOURCE,
            entity=mapping.entity,
            file=file,
            file_hash=content,
            content_hash=content,
            mapping_hash=mapped,
            rows_read=0,
            rows_loaded=0,
            rows_quarantined=0,
            as_of_date=self.day,
            fetched_at=now(),
        )

    def _count(self, relation: str) -> int:
        row = self._connection.execute(f"select count(*) from {relation}").fetchone()
        return int(row[0]) if row else 0


def _without_links(cursor: Mapping[str, Any]) -> dict[str, Any]:
    """What of a cursor must be kept where nothing else is news: all but the links, whose older state does as well."""
    told = {name: value for name, value in cursor.items() if name not in {"link", "folders_link", "number"}}
    if "folders" in told:
        told["folders"] = {name: folder["since"] for name, folder in told["folders"].items()}
    return told
