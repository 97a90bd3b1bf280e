"""An activity export as a spool, with the columns that the mapping wants."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from config.errors import ContractBroken
from config.schema.mapping import Mapping as Mapped
from extract.settle import Stream
from extract.spool import Spool
from extract.stream import mapping_hash

KEPT: Final = {"INMAIL_SENT": "outgoing", "MESSAGE_SENT": "outgoing", "CONNECTION_MADE": None}
"""Types that are an activity with somebody, and who wrote."""
NEEDED: Final = ("activityId", "activityType", "createdAt", "seatId")
_WRITTEN: Final = "%m-%d-%Y %H:%M:%S"
_PAGE: Final = 5_000
_MAPPING: Final = Mapped(
    entity="activities",
    columns={
        "activity_id": "activityId",
        "direction": "direction",
        "owner_id": "user",
        "occurred_at": "createdAt",
        "created_at": "createdAt",
    },
    constants={"type": "linkedin", "status": "completed"},
    key_prefix="linkedin-",
)


def stream_of(types: Collection[str], seats: Mapping[str, str]) -> Stream:
    """The one stream of the source; other types and other seats make everything news."""
    told = json.dumps([mapping_hash(_MAPPING, "UTC"), sorted(types), dict(seats)], sort_keys=True)
    return Stream("activities", _MAPPING, hashlib.sha256(told.encode()).hexdigest()[:16], "activityId")


def is_activities(path: Path) -> bool:
    """Whether a file is an activity export; exports of seats and of outcomes have other columns."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return {*NEEDED} <= {name.strip() for name in next(csv.reader(file), [])}


def spool_activities(
    paths: Iterable[Path], types: Collection[str], seats: Mapping[str, str], spool: Spool
) -> tuple[Counter[str], set[str]]:
    """Write the activities of all files; the types left behind with their counts, and seats that are no user's.

    Args:
        paths: the exports.
        types: the types that are taken, of those in KEPT.
        seats: seatId to user_id.
        spool: where they go.

    Raises:
        ContractBroken: where a file is no activity export.
    """
    ignored: Counter[str] = Counter()
    unknown: set[str] = set()
    for path in paths:
        if not is_activities(path):
            raise ContractBroken(f"{path.name}: an activity export has the columns {', '.join(NEEDED)}.")
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = _kept(csv.DictReader(file), types, ignored, spool)
            while page := list(islice(rows, _PAGE)):
                unknown |= {row["seatId"] for row in page if row["seatId"] not in seats}
                spool.add([_item(row, seats) for row in page])
    return ignored, unknown


def _kept(
    rows: Iterable[dict[str | None, Any]], types: Collection[str], ignored: Counter[str], spool: Spool
) -> Iterator[dict[str, str]]:
    """The rows of activities that are taken. One with too few or too many fields is none: it is set aside."""
    for row in rows:
        if None in row or None in row.values():
            line = ",".join(str(value) for name, value in row.items() if name and value is not None)
            more = f"{line},{','.join(row[None])}" if None in row else line
            spool.add_broken(more, f"it has {'more' if None in row else 'fewer'} columns than the file's first line")
            continue
        told = {(name or "").strip(): value for name, value in row.items()}
        if told["activityType"] in types:
            yield told
        else:
            ignored[told["activityType"] or "(none)"] += 1


def _item(row: dict[str, str], seats: Mapping[str, str]) -> dict[str, str | None]:
    """The columns that the mapping wants, and all others as they are."""
    return row | {
        "activityId": row["activityId"] or None,
        "direction": KEPT[row["activityType"]],
        "user": seats.get(row["seatId"]),
        "createdAt": _instant(row["createdAt"]),
    }


def _instant(text: str) -> str:
    """ISO 8601 of an instant as LinkedIn writes it, UTC; anything else as it is, for quarantine."""
    try:
        return datetime.strptime(text.removesuffix(" UTC"), _WRITTEN).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return text
