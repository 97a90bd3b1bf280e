"""How values are written on the pages; the templates use these as filters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from models_ml.scoring.wording import attribute_words

NONE: Final = "–"
_NARROW: Final = "\N{NO-BREAK SPACE}"


def number(value: float | None, digits: int = 3) -> str:
    """A figure such as an AUC."""
    return NONE if value is None else f"{value:.{digits}f}"


def count(value: float | None) -> str:
    """A number of records; parts of a record are rounded away."""
    return NONE if value is None else f"{value:,.0f}"


def share(value: float | None, digits: int = 0) -> str:
    """A share (0-1) in per cent."""
    return NONE if value is None else f"{100 * value:.{digits}f}{_NARROW}%"


def points(value: Decimal | float | None) -> str:
    """Points of a score, with their sign."""
    return NONE if value is None else f"{value:+.1f}".replace("-", "−")


def times(value: float | None) -> str:
    """A lift."""
    return NONE if value is None else f"{value:.2f}×"


def day(value: date | None) -> str:
    """A day; of an instant its day."""
    return NONE if value is None else f"{value:%Y-%m-%d}"


def minute(value: Any) -> str:
    """An instant (UTC) to the minute."""
    return NONE if value is None else f"{value:%Y-%m-%d %H:%M} UTC"


def interval(row: dict[str, Any] | None) -> str:
    """The 95 % interval of a figure with ``low`` and ``high``; empty where it has none."""
    if row is None or row.get("low") is None or row.get("high") is None:
        return ""
    return f"{row['low']:.3f} to {row['high']:.3f}"


def text(value: Any) -> str:
    """Anything else; what is not filled as a dash."""
    return NONE if value is None or value == "" else str(value)


def in_path(value: str) -> str:
    """A text as one part of an address."""
    return quote(value, safe="")


FILTERS: Final[dict[str, Callable[..., str]]] = {
    "number": number,
    "count_": count,
    "share": share,
    "points": points,
    "times": times,
    "day": day,
    "minute": minute,
    "interval": interval,
    "text": text,
    "in_path": in_path,
    "words": attribute_words,
}
