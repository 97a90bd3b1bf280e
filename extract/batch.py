"""A batch: one reading of one file, or of one stream of a live source, and what makes its identity."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Batch:
    """One reading of one file or stream: the columns of raw.batches that are known before it is loaded."""

    batch_id: str
    source: str
    entity: str
    file: str  # its name; of a live source the name of the stream, e.g. lead
    file_hash: str  # SHA-256 of the file; of a stream the same as content_hash
    content_hash: str  # tells one state from the next: see content_hash() and stream_hash()
    mapping_hash: str
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    as_of_date: date
    fetched_at: datetime


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


def stream_hash(earlier: Batch | None, cursor: Mapping[str, Any]) -> str:
    """What tells one state of a stream from the next: the state it goes on from, and how far it has come."""
    told = json.dumps(cursor, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{earlier.content_hash if earlier else ''}{told}".encode()).hexdigest()


@dataclass(frozen=True)
class Link:
    """A batch of a stream in its place: the batch it goes on from, how far it came, and where its keys are."""

    batch: Batch
    after: str | None
    cursor: dict[str, Any]
    keys: Path


def unbroken(links: Sequence[Link]) -> list[Link]:
    """The links of one stream from its first batch up to the first gap."""
    following = {link.after: link for link in links}  # of several that go on from one batch the last counts
    chain: list[Link] = []
    while (link := following.pop(chain[-1].batch.batch_id if chain else None, None)) is not None:
        chain.append(link)
    return chain


def batch_told(told: dict[str, Any]) -> Batch:
    """A batch as a manifest tells it."""
    dated = {
        "as_of_date": date.fromisoformat(told["as_of_date"]),
        "fetched_at": datetime.fromisoformat(told["fetched_at"]),
    }
    return Batch(**(told | dated))
