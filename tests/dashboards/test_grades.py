"""The grade editor's preview: facts 1e of the product that it replaces."""

from __future__ import annotations

import re

import httpx
import pytest

from models_ml.scoring.grades import HeldOut, derive, figures
from tests.dashboards.test_record import plain

HELD_OUT = HeldOut.of_counts([(score, 10.0, score / 10) for score in range(5, 96)])


def test_present_grades_have_conversion_lift_and_share(pages: httpx.Client) -> None:
    told = plain(pages.get("/grades/LeadScoring").text)
    best = figures(HELD_OUT, derive(HELD_OUT).grades)[0]
    assert best.conversion is not None
    assert "50.0 % of 910 held-out records" in told
    assert "A 60 to 100 77.5 % 1.55× 39.6 %" in told
    assert "What they mean now" in told


def test_other_minima_are_previewed_with_what_to_paste_and_to_run(pages: httpx.Client) -> None:
    told = plain(pages.get("/grades/LeadScoring?a=80&b=50&c=30").text)
    assert "A 80 to 100" in told
    assert "B 50 to 79" in told
    assert "grades: {A: 80, B: 50, C: 30}" in told
    assert "sales-insights grades save lead --a 80 --b 50 --c 30" in told
    assert re.search(r"\d+ of 120 open leads would change their grade", told)


def test_the_default_is_what_the_data_give(pages: httpx.Client) -> None:
    told = plain(pages.get("/grades/LeadScoring?default=1").text)
    derived = derive(HELD_OUT)
    assert derived.source == "derived"
    assert derived.because in told
    assert f"A {derived.grades.A} to 100" in told
    assert "grades: default" in told
    assert "--default" in told


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("a=40&b=50&c=30", "must begin above B (50)"),
        ("a=50&b=50&c=30", "the ranges would overlap or leave a gap"),
        ("a=101&b=50&c=30", "A: Input should be less than or equal to 100"),
        ("a=60&b=x&c=30", "B: Input should be a valid integer"),
        ("a=60&b=30&c=0", "C: Input should be greater than or equal to 1"),
    ],
)
def test_what_leaves_a_hole_or_overlaps_is_refused_with_the_reason(pages: httpx.Client, asked: str, words: str) -> None:
    answer = pages.get(f"/grades/LeadScoring?{asked}")
    assert answer.status_code == 422
    assert words in plain(answer.text)
    assert "To save them" not in answer.text


def test_without_a_model_nothing_is_known_and_it_is_said(pages: httpx.Client) -> None:
    assert "no model is in use" in plain(pages.get("/grades/OpportunityScoring").text)
