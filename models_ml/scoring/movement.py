"""``moved``: why a record's score is another than it was, from the reasons of both days."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from models_ml.scoring import wording

_MOST: Final = 3
_Reasons = dict[str, tuple[str, int]]


def moved(previous: pd.DataFrame, current: pd.DataFrame, *, most: int = _MOST) -> str:
    """Why a score moved, as in "Up 8 since 2026-06-29: Notes 0 -> 3 (+5.0), Stage Qualify -> Propose (+3.0)".

    Attributes whose value changed are named with the change of their points, the largest first. All else is one part:
    values that stayed count differently beside others that changed, or by another model, which is then named. The parts
    add up to the difference of both scores.

    Args:
        previous: the rows of ``scores.reasons`` of the record on the earlier day.
        current: those of the later day.
        most: how many changed values are named one by one.

    Returns:
        One line; empty where of either day no reasons are known.
    """
    if previous.empty or current.empty:
        return ""
    before, now = _reasons(previous), _reasons(current)
    old, new = previous.iloc[0], current.iloc[0]
    change = _score(current) - _score(previous)
    changed = {name: _part(before.get(name), now.get(name)) for name in [*before, *(now.keys() - before.keys())]}
    named = sorted(
        ((name, values, tenths) for name, (values, tenths) in changed.items() if values and tenths),
        key=lambda part: (-abs(part[2]), part[0]),
    )[:most]
    parts = [f"{wording.attribute_words(name)} {values} ({_signed(tenths)})" for name, values, tenths in named]
    rest = change - sum(tenths for *_, tenths in named)
    is_new_model = old["model_id"] != new["model_id"]
    if rest or (is_new_model and not parts):
        parts.append(f"{'the new model and all else' if is_new_model else 'all else'} ({_signed(rest)})")
    model = f" by a new model ({old['model_id']} -> {new['model_id']})" if is_new_model else ""
    return f"{_direction(change)} since {_day(old)}{model}{': ' if parts else ''}{', '.join(parts)}"


def _reasons(rows: pd.DataFrame) -> _Reasons:
    """Attribute to its value and its tenths of points."""
    values = rows["value"].astype(object).where(rows["value"].notna(), wording.NOT_FILLED)
    tenths = (rows["points"].astype(float) * 10).round().astype(int)
    return dict(zip(rows["attribute"].astype(str), zip(values, tenths.tolist(), strict=True), strict=True))


def _score(rows: pd.DataFrame) -> int:
    """Ten times the score that reasons add up to."""
    return round(10 * (float(rows["base_points"].iloc[0]) + float(rows["points"].astype(float).sum())))


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


def _day(row: Any) -> str:
    return str(pd.Timestamp(row["as_of_date"]).date())
