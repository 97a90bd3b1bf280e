"""``moved``: why a record's score is another than it was, from the reasons of both days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from models_ml.scoring import wording

_MOST: Final = 3


@dataclass(frozen=True)
class Told:
    """What was told of a record's score on a day: attribute to its value in words and its tenths of points."""

    day: date
    model_id: str
    tenths: int
    parts: dict[str, tuple[str, int]]


def told_of(rows: Iterable[tuple[Any, ...]]) -> dict[str, Told]:
    """Rows of ``scores.reasons`` by record.

    Args:
        rows: record_id, as_of_date, model_id, base_points, attribute, value, points; of one day per record.
    """
    found: dict[str, Told] = {}
    for record, day, model_id, base, attribute, value, points in rows:
        parts = found[record].parts if record in found else {}
        parts[attribute] = (wording.NOT_FILLED if value is None else value, round(10 * points))
        found[record] = Told(day, model_id, round(10 * base) + sum(tenths for _, tenths in parts.values()), parts)
    return found


def moved(previous: Told | None, current: Told | None, *, most: int = _MOST) -> str:
    """Why a score moved, as in "Up 8 since 2026-06-29: Notes 0 -> 3 (+5.0), Stage Qualify -> Propose (+3.0)".

    Attributes whose value changed are named with the change of their points, the largest first. All else is one part:
    values that stayed count differently beside others that changed, or by another model, which is then named. The parts
    add up to the difference of both scores.

    Args:
        previous: what was told on the earlier day.
        current: what is told on the later day.
        most: how many changed values are named one by one.

    Returns:
        One line; empty where of either day no reasons are known.
    """
    if previous is None or current is None:
        return ""
    before, now = previous.parts, current.parts
    change = current.tenths - previous.tenths
    changed = {name: _part(before.get(name), now.get(name)) for name in [*before, *(now.keys() - before.keys())]}
    named = sorted(
        ((name, values, tenths) for name, (values, tenths) in changed.items() if values and tenths),
        key=lambda part: (-abs(part[2]), part[0]),
    )[:most]
    parts = [f"{wording.attribute_words(name)} {values} ({_signed(tenths)})" for name, values, tenths in named]
    rest = change - sum(tenths for *_, tenths in named)
    is_new_model = previous.model_id != current.model_id
    if rest or (is_new_model and not parts):
        parts.append(f"{'the new model and all else' if is_new_model else 'all else'} ({_signed(rest)})")
    model = f" by a new model ({previous.model_id} -> {current.model_id})" if is_new_model else ""
    return f"{_direction(change)} since {previous.day}{model}{': ' if parts else ''}{', '.join(parts)}"


def _part(before: tuple[str, int] | None, now: tuple[str, int] | None) -> tuple[str, int]:
    """How a value changed, in words (empty where it did not), and its tenths of points.

    A value without points is not kept among the reasons, so what it was is not known.
    """
    if before is None or now is None:
        value, tenths = now or before or ("", 0)
        return (f"now {value}", tenths) if before is None else (f"no longer {value}", -tenths)
    return (f"{before[0]} -> {now[0]}" if before[0] != now[0] else "", now[1] - before[1])


def _direction(tenths: int) -> str:
    return f"{'Up' if tenths > 0 else 'Down'} {abs(tenths) / 10:g}" if tenths else "Unchanged"


def _signed(tenths: int) -> str:
    return f"{tenths / 10:+.1f}" if tenths else "0.0"
