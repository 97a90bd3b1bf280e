"""What grades have meant for held-out records, and ranges derived from them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from config.schema.grades import SHIPPED, Grades
from models_ml.scoring.grades import HeldOut, choose, derive, figures, score_of

LEAST_SHARE = 0.05


def drawn(records: int, *, centre: float = -0.5, spread: float = 1.0, seed: int = 5) -> HeldOut:
    """Records whose outcomes come true as promised: log-odds are normal."""
    random = np.random.default_rng(seed)
    probabilities = expit(random.normal(centre, spread, records))
    return HeldOut(random.random(records) < probabilities, score_of(probabilities), np.ones(records))


@pytest.mark.fact("1a.score-range")
def test_a_score_is_the_per_cent_rounded_half_up() -> None:
    assert score_of(np.array([0.0, 0.004, 0.005, 0.125, 0.994, 0.995, 1.0])).tolist() == [0, 0, 1, 13, 99, 100, 100]


@pytest.mark.fact("1e.rate-lift-share", "1e.lift")
def test_conversion_lift_and_share_of_each_grade() -> None:
    """Facts 1e: lift is the grade's rate over the overall rate. Two snapshots of one record weigh one half each."""
    held_out = HeldOut(
        labels=np.array([True, True, True, False, False, False]),
        scores=np.array([90, 60, 59, 40, 40, 19]),
        weights=np.array([1, 1, 1, 0.5, 0.5, 1]),
    )
    found = {each.grade: each for each in figures(held_out, Grades(A=60, B=40, C=20))}
    assert (held_out.records, held_out.rate) == (5, 0.6)
    assert (found["A"].conversion, found["A"].share) == (1.0, 0.4)
    assert found["A"].lift == pytest.approx(1 / 0.6)
    assert (found["B"].conversion, found["B"].share) == (0.5, 0.4)
    assert (found["C"].conversion, found["C"].lift, found["C"].share) == (None, None, 0.0)
    assert (found["D"].conversion, found["D"].lift, found["D"].share) == (0.0, 0.0, 0.2)
    assert [(each.minimum, each.maximum) for each in found.values()] == [(60, 100), (40, 59), (20, 39), (0, 19)]


def test_counts_by_score_tell_all_that_grades_need_to_know() -> None:
    """What is published of the held-out records gives the ranges and the figures that the records themselves give."""
    held_out = drawn(3_000)
    again = HeldOut.of_counts(held_out.counts())
    assert derive(again) == derive(held_out)
    assert again.records == held_out.records
    for one, other in zip(figures(again, SHIPPED), figures(held_out, SHIPPED), strict=True):
        assert (one.conversion, one.lift, one.share) == pytest.approx((other.conversion, other.lift, other.share))


def test_without_a_model_nothing_is_known_of_the_grades() -> None:
    unknown = {(each.conversion, each.lift, each.share) for each in figures(HeldOut.nothing(), SHIPPED)}
    assert unknown == {(None, None, None)}


def test_a_grade_of_a_score_that_never_converts_has_no_lift() -> None:
    held_out = HeldOut(np.zeros(3, bool), np.array([80, 50, 10]), np.ones(3))
    assert {(each.conversion, each.lift) for each in figures(held_out, SHIPPED)} == {(0.0, None), (None, None)}


@pytest.mark.fact("1e.default-ranges")
@pytest.mark.parametrize("centre", [-2.5, -0.5, 1.5])
def test_derived_ranges_begin_at_twice_once_and_half_the_overall_odds(centre: float) -> None:
    held_out = drawn(200_000, centre=centre)
    odds = (held_out.rate or 0) / (1 - (held_out.rate or 0))
    chosen = derive(held_out)
    wanted = [100 * times * odds / (1 + times * odds) for times in (2, 1, 0.5)]
    assert chosen.source == "derived"
    assert pytest.approx(wanted, abs=2) == [chosen.grades.A, chosen.grades.B, chosen.grades.C]


@settings(max_examples=40, deadline=None)
@given(
    records=st.integers(0, 600),
    centre=st.floats(-3, 3),
    spread=st.floats(0, 2),
    seed=st.integers(0, 1000),
    is_random=st.booleans(),
)
def test_derived_ranges_are_always_valid_and_better_grades_convert_better(
    records: int, centre: float, spread: float, seed: int, is_random: bool
) -> None:
    held_out = drawn(records, centre=centre, spread=spread, seed=seed)
    if is_random:
        labels = np.random.default_rng(seed).permutation(held_out.labels)
        held_out = HeldOut(labels, held_out.scores, held_out.weights)
    chosen = derive(held_out)
    if chosen.source == "shipped":
        assert chosen.grades == SHIPPED
        assert chosen.because.startswith("Nothing could be derived: ")
        return
    found = figures(held_out, chosen.grades)
    conversions = [each.conversion for each in found]
    assert all(better is not None and worse is not None and better > worse for better, worse in pairwise(conversions))
    assert all((each.share or 0) >= LEAST_SHARE - 1e-9 for each in found)
    assert all(round((each.share or 0) * records) >= 10 for each in found)


@pytest.mark.parametrize(
    ("held_out", "because"),
    [
        (HeldOut.nothing(), "no model is in use"),
        (drawn(99), "only 99 records were held out, and 100 are needed"),
        (HeldOut(np.arange(500) < 9, np.arange(500) % 101, np.ones(500)), "came 9 times"),
        (HeldOut(np.arange(500) < 491, np.arange(500) % 101, np.ones(500)), "came 9 times"),
        (HeldOut(np.arange(500) % 2 == 0, np.full(500, 37), np.ones(500)), "do not fall into four groups"),
        (HeldOut(np.arange(500) < 250, np.arange(500) // 5, np.ones(500)), "do not fall into four groups"),
    ],
)
def test_the_shipped_ranges_hold_where_nothing_can_be_derived_and_it_is_said_why(
    held_out: HeldOut, because: str
) -> None:
    chosen = choose("default", held_out)
    assert (chosen.grades, chosen.source) == (SHIPPED, "shipped")
    assert because in chosen.because


def test_what_an_administrator_wrote_is_taken_as_it_is() -> None:
    chosen = choose(Grades(A=99, B=98, C=97), drawn(1000))
    assert (chosen.grades, chosen.source) == (Grades(A=99, B=98, C=97), "configured")
