"""Grades cover all scores from 0 to 100, without gap or overlap."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from config.schema.learning import Gate
from config.schema.scores import Grades


def test_every_score_has_one_grade_in_descending_order() -> None:
    grades = Grades(A=60, B=40, C=20)
    assert [grades.of(score) for score in (100, 60, 59, 40, 39, 20, 19, 0)] == list("AABBCCDD")
    assert "".join(sorted(grades.of(score) for score in range(101))) == "A" * 41 + "B" * 20 + "C" * 20 + "D" * 20


@pytest.mark.parametrize("bounds", [(60, 60, 20), (40, 60, 20), (60, 20, 40), (60, 40, 40)])
def test_overlapping_grades_are_refused(bounds: tuple[int, int, int]) -> None:
    with pytest.raises(ValidationError, match="overlap or leave a gap"):
        Grades(**dict(zip("ABC", bounds, strict=True)))


@pytest.mark.parametrize(("ok_from", "ready_from"), [(0.4, 0.65), (0.7, 0.65)])
def test_a_gate_without_order_is_refused(ok_from: float, ready_from: float) -> None:
    with pytest.raises(ValidationError, match="must lie between"):
        Gate(ok_from=ok_from, ready_from=ready_from)
