"""What grades would mean is told before they are saved, from records that the model has not seen."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from config.schema.grades import DEFAULT, SHIPPED, Grades, GradesOrDefault
from config.workspace import Workspace
from models_ml.scoring.apply import apply
from models_ml.scoring.grade_preview import preview
from tests.models_ml.scoring.company import DAY, rows_of

RANGES = (
    "select grade, minimum, maximum, source, conversion, lift, share, held_out_records, overall_conversion "
    "from scores.grade_ranges where score_name = 'lead' order by grade"
)


def with_grades(workspace: Workspace, grades: GradesOrDefault) -> Workspace:
    """The same workspace with other grades in its settings."""
    lead = workspace.config.scores["lead"].model_copy(update={"grades": grades})
    return replace(workspace, config=replace(workspace.config, scores=MappingProxyType({"lead": lead})))


@pytest.fixture
def applied(trained: Workspace) -> Workspace:
    apply(trained, "lead")
    return trained


@pytest.mark.fact("1e.historical")
def test_the_figures_are_those_of_the_held_out_records(applied: Workspace) -> None:
    seen = preview(applied, "lead")
    ((records, rate),) = rows_of(applied, "select holdout_records, base_rate from scores.models")
    assert seen.measured.records == records
    assert seen.measured.rate == pytest.approx(rate, abs=1e-6)
    assert sum(figure.share or 0 for figure in seen.figures()) == pytest.approx(1)
    total = sum((figure.share or 0) * (figure.conversion or 0) for figure in seen.figures())
    assert total == pytest.approx(rate, abs=1e-6)
    assert (seen.chosen.grades, seen.chosen.source) == (SHIPPED, "configured")


def test_open_records_are_counted_by_the_grades_they_have_and_would_have(applied: Workspace) -> None:
    scores = [score for (score,) in rows_of(applied, "select score from scores.predictions")]
    seen = preview(applied, "lead")
    assert (seen.day, seen.would_change()) == (DAY, 0)
    assert seen.open_records() == dict(
        zip("ABCD", (sum(SHIPPED.of(score) == grade for score in scores) for grade in "ABCD"), strict=True)
    )
    other = preview(applied, "lead", Grades(A=70, B=40, C=20))
    assert other.would_change() == sum(60 <= score < 70 for score in scores) > 0
    assert preview(applied, "lead").would_change() == 0


def test_derived_ranges_are_applied_kept_and_shown(applied: Workspace) -> None:
    derived = with_grades(applied, DEFAULT)
    seen = preview(applied, "lead", DEFAULT)
    assert seen.chosen.source == "derived"
    assert seen.chosen.grades != SHIPPED
    apply(derived, "lead")
    kept = rows_of(applied, RANGES)
    assert [row[:4] for row in kept] == [
        (grade, low, high, "derived") for grade, (low, high) in seen.chosen.grades.ranges().items()
    ]
    assert [row[4] for row in kept] == [figure.conversion for figure in seen.figures()]
    wrong = rows_of(
        applied,
        "select record_id from scores.predictions p left join scores.grade_ranges r on p.model_id = r.model_id "
        "and p.as_of_date = r.as_of_date and p.score between r.minimum and r.maximum where p.grade <> r.grade "
        "or r.grade is null",
    )
    assert wrong == []
    assert preview(derived, "lead").would_change() == 0
    apply(applied, "lead")
    assert [row[:4] for row in rows_of(applied, RANGES)] == [
        (grade, low, high, "configured") for grade, (low, high) in SHIPPED.ranges().items()
    ]


def test_before_any_model_the_shipped_ranges_hold_and_nothing_is_known(company: Workspace) -> None:
    seen = preview(company, "lead", DEFAULT)
    assert (seen.model_id, seen.day, seen.chosen.grades, seen.chosen.source) == (None, None, SHIPPED, "shipped")
    assert {figure.conversion for figure in seen.figures()} == {None}
    assert seen.open_records() == dict.fromkeys("ABCD", 0)
    assert seen.would_change() == 0
