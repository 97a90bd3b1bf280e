"""Why a score moved: changed values by name, parts that add up, a new model said to be one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from models_ml.scoring.movement import Told, moved, told_of

BEFORE = {"calls_7_days": ("0", -2.0), "stage": ("Qualify", 1.0), "industry": ("Finance", 3.0)}


def told(day: str, parts: Mapping[str, tuple[str | None, float]], model: str = "m1", base: float = 38.0) -> Told | None:
    rows = [("r1", day, model, base, name, value, points) for name, (value, points) in parts.items()]
    return told_of(rows).get("r1")


def parts_of(text: str) -> float:
    return sum(float(part) for part in re.findall(r"\(([+-]?\d+\.\d)\)", text))


def test_changed_values_are_named_with_their_points() -> None:
    now = {"calls_7_days": ("3", 3.0), "stage": ("Propose", 4.1), "industry": ("Finance", 2.9)}
    text = moved(told("2026-06-29", BEFORE), told("2026-06-30", now))
    parts = "Calls in the last 7 days 0 -> 3 (+5.0), Stage Qualify -> Propose (+3.1), all else (-0.1)"
    assert text == f"Up 8 since 2026-06-29: {parts}"
    assert round(parts_of(text), 1) == 8


def test_the_smaller_changes_are_summed_up() -> None:
    now = {"calls_7_days": ("3", -7.0), "stage": ("Propose", -1.0), "industry": ("Metal", 2.0)}
    text = moved(told("2026-06-29", BEFORE), told("2026-06-30", now), most=1)
    assert text == "Down 8 since 2026-06-29: Calls in the last 7 days 0 -> 3 (-5.0), all else (-3.0)"


def test_values_without_points_before_or_now() -> None:
    now = {"calls_7_days": ("0", -2.0), "industry": (None, 2.0), "notes": ("2", 4.0)}
    text = moved(told("2026-06-29", BEFORE), told("2026-06-30", now))
    expected = "Notes now 2 (+4.0), Industry Finance -> not filled (-1.0), Stage no longer Qualify (-1.0)"
    assert text == f"Up 2 since 2026-06-29: {expected}"


def test_a_new_model_is_named() -> None:
    now = BEFORE | {"stage": ("Propose", 5.0)}
    text = moved(told("2026-06-29", BEFORE), told("2026-06-30", now, "m2", base=36.0))
    assert text == (
        "Up 2 since 2026-06-29 by a new model (m1 -> m2): Stage Qualify -> Propose (+4.0), "
        "the new model and all else (-2.0)"
    )


def test_nothing_changed() -> None:
    assert moved(told("2026-06-29", BEFORE), told("2026-06-30", BEFORE)) == "Unchanged since 2026-06-29"


def test_where_one_day_has_no_reasons_nothing_is_said() -> None:
    assert moved(told("2026-06-29", {}), told("2026-06-30", BEFORE)) == ""
