"""An activity export as a spool, with the columns that the mapping wants."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

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


def stream_of(seats: Mapping[str, str]) -> Stream:
    """The one stream of the source; other seats make everything news."""
    told = json.dumps([mapping_hash(_MAPPING, "UTC"), dict(seats)], sort_keys=True)
    return Stream("activities", _MAPPING, hashlib.sha256(told.encode()).hexdigest()[:16], "activityId")


def is_activities(path: Path) -> bool:
    """Whether a file is an activity export; exports of seats and of outcomes have other columns."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return {*NEEDED} <= {name.strip() for name in next(csv.reader(file), [])}


def spool_activities(paths: Iterable[Path], seats: Mapping[str, str], spool: Spool) -> tuple[Counter[str], set[str]]:
    """Write the activities of all files; the types left behind with their counts, and seats that are no user's.

    Raises:
        ContractBroken: where a file is no activity export.
    """
    ignored: Counter[str] = Counter()
    unknown: set[str] = set()
    for path in paths:
        if not is_activities(path):
            raise ContractBroken(f"{path.name}: an activity export has the columns {', '.join(NEEDED)}.")
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = _kept(csv.DictReader(file), ignored)
            while page := list(islice(rows, _PAGE)):
                unknown |= {row["seatId"] for row in page if row["seatId"] not in seats}
                spool.add([_item(row, seats) for row in page])
    return ignored, unknown


def _kept(rows: Iterable[dict[str | None, str | None]], ignored: Counter[str]) -> Iterator[dict[str, str]]:
    for row in rows:
        told = {(name or "").strip(): value or "" for name, value in row.items() if name}
        if told["activityType"] in KEPT:
            yield told
        else:
            ignored[told["activityType"] or "(none)"] += 1


def _item(row: dict[str, str], seats: Mapping[str, str]) -> dict[str, str | None]:
    return {
        "activityId": row["activityId"] or None,
        "direction": KEPT[row["activityType"]],
        "user": seats.get(row["seatId"]),
        "createdAt": _instant(row["createdAt"]),
        "activityType": row["activityType"],
        "seatId": row["seatId"],
        "memberIdentityKey": row.get("memberIdentityKey"),
    }


def _instant(text: str) -> str:
    """ISO 8601 of an instant as LinkedIn writes it, UTC; anything else as it is, for quarantine."""
    try:
        return datetime.strptime(text.removesuffix(" UTC"), _WRITTEN).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return text
