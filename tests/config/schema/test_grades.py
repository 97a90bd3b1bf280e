"""Grades cover all scores from 0 to 100, without hole or overlap, however they are written."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from config.errors import ConfigError
from config.load import load_config
from config.schema.grades import COLOURS, DEFAULT, Grades, GradesOrDefault
from tests.conftest import write_files

READ: TypeAdapter[Grades | str] = TypeAdapter(GradesOrDefault)


def told(folder: Path, grades: str) -> str:
    """What an administrator is told about grades written so."""
    write_files(folder, {"scores/lead.yml": f"horizon_days: 30\ngrades: {grades}\n"})
    with pytest.raises(ConfigError) as raised:
        load_config(folder)
    return str(raised.value).replace(f"{folder}/scores/lead.yml:2: ", "")


@pytest.mark.fact("1a.grades")
def test_every_score_has_one_grade_in_descending_order() -> None:
    grades = Grades(A=60, B=40, C=20)
    assert [grades.of(score) for score in (100, 60, 59, 40, 39, 20, 19, 0)] == list("AABBCCDD")
    assert "".join(sorted(grades.of(score) for score in range(101))) == "A" * 41 + "B" * 20 + "C" * 20 + "D" * 20


def test_the_ranges_are_those_of_the_grades() -> None:
    grades = Grades(A=98, B=97, C=1)
    assert grades.ranges() == {"A": (98, 100), "B": (97, 97), "C": (1, 96), "D": (0, 0)}
    for grade, (low, high) in grades.ranges().items():
        assert {grades.of(score) for score in range(low, high + 1)} == {grade}


@pytest.mark.fact("1e.minimum-moves-maximum", "1e.ends")
def test_a_minimum_moves_its_neighbours_maximum() -> None:
    """Facts 1e: A's minimum 51 makes B's maximum 50, and 70 makes it 69; the top is 100 and the bottom 0."""
    ranges = Grades(A=51, B=40, C=20).ranges()
    assert (ranges["A"], ranges["B"], ranges["D"]) == ((51, 100), (40, 50), (0, 19))
    assert Grades(A=70, B=40, C=20).ranges()["B"] == (40, 69)


@pytest.mark.fact("1a.grade-colours")
def test_colours_are_those_that_sellers_know() -> None:
    """Facts 1a: A green, B purple, C yellow, D red."""
    assert COLOURS == {"A": "green", "B": "purple", "C": "yellow", "D": "red"}


@pytest.mark.parametrize(
    "written",
    [
        {"A": 60, "B": 40, "C": 20},
        {"A": 60, "B": 40, "C": 20, "D": 0},
        {"A": [60, 100], "B": [40, 59], "C": [20, 39], "D": [0, 19]},
        {"D": {"from": 0, "to": 19}, "C": [20, 39], "B": {"from": 40, "to": 59}, "A": [60, 100]},
    ],
)
def test_minima_and_ranges_mean_the_same(written: dict[str, object]) -> None:
    assert READ.validate_python(written) == Grades(A=60, B=40, C=20)


def test_grades_may_be_left_to_the_data() -> None:
    assert READ.validate_python("default") == DEFAULT


@pytest.mark.parametrize("bounds", [(60, 60, 20), (40, 60, 20), (60, 20, 40), (60, 40, 40)])
def test_overlapping_minima_are_refused(bounds: tuple[int, int, int]) -> None:
    with pytest.raises(ValidationError, match="overlap or leave a gap"):
        Grades(**dict(zip("ABC", bounds, strict=True)))


@pytest.mark.fact("1e.ends")
@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "{A: [60, 100], B: [50, 59], C: [20, 40], D: [0, 19]}",
            "grades: there is a hole: no grade covers 41 to 49; let B begin at 41 or C end at 49.",
        ),
        (
            "{A: [60, 100], B: [40, 58], C: [20, 39], D: [0, 19]}",
            "grades: there is a hole: no grade covers 59; let A begin at 59 or B end at 59.",
        ),
        (
            "{A: [60, 100], B: [40, 59], C: [20, 45], D: [0, 19]}",
            "grades: B (40 to 59) and C (20 to 45) overlap; let B begin at 46 or C end at 39.",
        ),
        (
            "{A: [60, 100], B: [0, 59], C: [20, 39], D: [0, 19]}",
            "grades: B (0 to 59) and C (20 to 39) overlap; let B begin at 40.",
        ),
        (
            "{A: [60, 95], B: [40, 59], C: [20, 39], D: [5, 19]}",
            "grades: no grade covers 96 to 100; let A end at 100; no grade covers 0 to 4; let D begin at 0.",
        ),
        (
            "{A: [40, 59], B: [60, 100], C: [20, 39], D: [0, 19]}",
            "grades: B (60 to 100) lies above A (40 to 59), but A is the better grade; swap them.",
        ),
        (
            "{A: [100, 60], B: [40, 59], C: [20, 39], D: [0, 19]}",
            "grades: A goes from 100 to 60; write the lower score first: [60, 100].",
        ),
        (
            "{A: [60, 100], B: [40, 59], C: [20, 39]}",
            "grades: D has no range; write one for each of A, B, C and D, or minima alone.",
        ),
        (
            "{A: [60, 100], B: [40, 59], C: [20, 39], D: [0, 19], E: [0, 1]}",
            "grades: there is no grade E; the grades are A, B, C and D.",
        ),
        (
            "{A: [60, 100], B: 40, C: 20}",
            "grades: D has no range; write one for each of A, B, C and D, or minima alone.",
        ),
        (
            "{A: [60, 101], B: [40, 59], C: [20, 39], D: [0, 19]}",
            "grades: A: write two whole numbers from 0 to 100, the lowest and the highest score: [60, 100] or "
            "{from: 60, to: 100}, and so for every grade; it says [60, 101].",
        ),
        (
            "{A: 60, B: 40, C: 20, D: 5}",
            "grades: D begins at 0 and ends where C begins; leave it out instead of writing 5.",
        ),
        (
            "defualt",
            "grades: input should be 'default', but it says 'defualt'. Least score of each grade, or the range of each"
            "; 'default': ranges derived from the data.",
        ),
    ],
)
def test_a_mistake_is_told_once_and_with_its_cure(tmp_path: Path, written: str, message: str) -> None:
    assert told(tmp_path, written) == message
