"""What ``$skiptoken`` and ``$deltatoken`` hold: opaque to a client, the whole memory of the service."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from extract.sources.dataverse.emulator.errors import ServiceError, bad_query

_COOKIE: Final = re.compile(r'pagingcookie="([^"]+)"')
_STAMP: Final = "%m/%d/%Y %H:%M:%S"


@dataclass(frozen=True)
class Place:
    """Where a reader stands: after which row, row count (sorted reads), or version; and what its delta will begin at.

    ``since``: the version of the last delta, None for a full read. ``upto`` and ``at``: version and instant at the
    beginning of this read, which its delta link will carry; None where changes are not tracked.
    """

    page: int = 1
    after: int = 0
    since: int | None = None
    upto: int | None = None
    at: str | None = None
    deletes: bool = False


def skip_token(place: Place) -> str:
    """The place as the service writes it, ready for a query string."""
    told = base64.urlsafe_b64encode(json.dumps(asdict(place)).encode()).decode()
    tracking = place.upto is not None
    return quote(f'<cookie pagenumber="{place.page}" pagingcookie="{told}" istracking="{tracking}" />', safe="")


def place_of(token: str) -> Place:
    """The place that a skip token tells.

    Raises:
        ServiceError: where it is none of ours.
    """
    found = _COOKIE.search(token)
    try:
        return Place(**json.loads(base64.urlsafe_b64decode(found.group(1) if found else "")))
    except (binascii.Error, ValueError, TypeError) as error:
        raise ServiceError(400, "0x80040203", "Malformed XML in the Paging Cookie") from error


def delta_token(version: int, at: str) -> str:
    """A version and when it was given out, ready for a query string."""
    return quote(f"{version}!{at}", safe="")


def stamp(moment: datetime) -> str:
    """An instant as a delta token holds it."""
    return moment.strftime(_STAMP)


def delta_of(token: str) -> tuple[int, datetime]:
    """Version and instant of a delta token.

    Raises:
        ServiceError: where it is none.
    """
    version, _, at = token.partition("!")
    try:
        return int(version), datetime.strptime(at, _STAMP)
    except ValueError as error:
        raise bad_query(f"The delta token '{token}' is not valid.") from error
