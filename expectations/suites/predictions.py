"""Predictions: the score of every open record on the day."""

from __future__ import annotations

from typing import Final

from config.schema.grades import Grades
from expectations.expectation import Expectation, between, filled, never, nothing_in, one_of, text, unique
from expectations.subject import Subject

LAYER: Final = "scores"
TABLE: Final = "scores.predictions"
KEY: Final = ("score_name", "record_id", "as_of_date")
OF_THE_DAY: Final = True
_AGAIN: Final = "Run 'sales-insights apply' again for the day; if it stays, the model or its application is at fault."


def expectations(subject: Subject) -> list[Expectation]:
    """Each open record has one probability, a score and a grade that follow from it, by a model that is known."""
    return [
        *(
            filled(column, "table", _AGAIN)
            for column in (*KEY, "model_name", "method", "probability", "score", "grade")
        ),
        unique(*KEY, advice=_AGAIN),
        between("probability", 0, 1, "table", _AGAIN),
        between("score", 0, 100, "table", _AGAIN),
        _grade_of_score(subject),
        never(
            "score is the probability in per cent",
            ("score", "probability"),
            "abs(score - 100 * probability) > 1",
            reason="'score ' || score || ' beside probability ' || probability",
            severity="warning",
            advice=_AGAIN,
        ),
        one_of("method", ("model", "base rate"), "table", _AGAIN),
        one_of("trend", ("Improving", "Steady", "Declining", "Not enough info"), "table", _AGAIN),
        between("percentile", 0, 100, "table", _AGAIN),
        never(
            "what a model scored names a trained version, and a base rate none",
            ("model_id", "method"),
            "case when method = 'model' then coalesce((score_name, model_id) not in "
            "(select (score_name, model_id) from scores.models), true) else model_id is not null end",
            reason="method || ' with version ' || coalesce(model_id, 'none') || ', which is not in scores.models'",
            severity="table",
            advice=_AGAIN,
        ),
        *(
            expectation
            for name in subject.workspace.config.scores
            if f"features.feat_{name}" in subject.tables
            for expectation in (_open_record(name), _scored(name))
        ),
    ]


def _grade_of_score(subject: Subject) -> Expectation:
    """By the ranges in the YAML; where these are derived, by those that are kept for the day and the model."""
    grade = " ".join(
        f"when score_name = {text(name)} then case when score >= {grades.A} then 'A' "
        f"when score >= {grades.B} then 'B' when score >= {grades.C} then 'C' else 'D' end"
        for name, score in subject.workspace.config.scores.items()
        if isinstance(grades := score.grades, Grades)
    )
    kept = (
        "(select (r.score_name, r.model_id, r.as_of_date, r.grade, score) from scores.grade_ranges r, "
        "unnest(range(r.minimum, r.maximum + 1)) as scores(score))"
    )
    fits_kept = f"(score_name, model_id, as_of_date, grade, score) in {kept}"
    fits = f"(case {grade} else null end)" if grade else "null"
    return never(
        "grade is the one that config/scores/ gives to the score",
        ("grade", "score"),
        f"case when {fits} is null then not coalesce({fits_kept}, false) else grade is distinct from {fits} end",
        reason="'grade ' || grade || ' for score ' || score",
        severity="table",
        advice=_AGAIN,
    )


def _open_record(name: str) -> Expectation:
    return never(
        f"every {name} scored is open on the day",
        ("record_id",),
        f"score_name = {text(name)} and record_id not in (select record_id from features.feat_{name} where is_current)",
        reason=f"'{name} ' || record_id || ' is not open on the day'",
        severity="table",
        advice=_AGAIN,
    )


def _scored(name: str) -> Expectation:
    return nothing_in(
        f"open {name} records are scored, since a model is in use",
        f"select model_id from scores.models where score_name = {text(name)} and status = 'champion' "
        f"and exists (select 1 from features.feat_{name} where is_current and concat_ws(':', record_id, as_of_date) "
        f"not in (select row_id from quarantine.rows where table_name = 'features.feat_{name}')) "
        f"and not exists (select 1 from {{rows}} where score_name = {text(name)})",
        "table",
        f"Run 'sales-insights apply {name}' for the day and read what it says.",
    )
