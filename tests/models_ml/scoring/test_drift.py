"""Drift: real changes are found, chance is not taken for one, and too few records say nothing."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from config.schema.learning import Monitoring
from models_ml.scoring.drift import (
    DRIFTING,
    MODERATE,
    NOT_ENOUGH,
    STEADY,
    Finding,
    change,
    judged,
    ranking_finding,
    rate_finding,
)

BOUNDS = Monitoring()
DRAWS = 200
AGES = 3
LEVELS = (12, 12, 12, 4, 8, 60)
ORDERED = 3
"""How many values each attribute has. The first three are numbers; of the categories one has many rare values."""

Integers = NDArray[np.int64]


def population(random: np.random.Generator, levels: int) -> NDArray[np.float64]:
    """Ages x codes: values are distributed otherwise at each age."""
    return random.dirichlet(np.full(levels, 0.7), AGES)


def drawn(random: np.random.Generator, shares: NDArray[np.float64], ages: Integers) -> Integers:
    """A code for each record; ``ages`` ascend."""
    of_age = zip(np.bincount(ages, minlength=AGES), shares, strict=True)
    return np.concatenate([np.repeat(np.arange(shares.shape[1]), random.multinomial(*each)) for each in of_age])


def counted(codes: Integers, ages: Integers, levels: int) -> Integers:
    return np.bincount(ages * levels + codes, minlength=AGES * levels).reshape(AGES, levels)


def findings_of_a_day(random: np.random.Generator, count: int, held_out: int) -> tuple[list[Finding], list[float]]:
    """What is found where nothing has changed but the mix of ages, and the PSI as textbooks have it."""
    before = np.sort(random.choice(AGES, held_out, p=[0.5, 0.3, 0.2]))
    now = np.sort(random.choice(AGES, count, p=[0.2, 0.2, 0.6]))
    findings, naive = [], []
    for number, levels in enumerate(LEVELS):
        shares = population(random, levels)
        counts, codes = counted(drawn(random, shares, before), before, levels), drawn(random, shares, now)
        found = change(counts, codes, now, is_ordered=number < ORDERED)
        findings.append(Finding("input", str(number), measure="psi", effect=found.psi, p_value=found.p_value))
        naive.append(float(((found.now - found.before) * np.log((found.now + 1e-4) / (found.before + 1e-4))).sum()))
    promised = random.beta(2, 5, count)
    return [*findings, rate_finding(promised, random.random(count) < promised, BOUNDS.minimum_records)], naive


@pytest.mark.parametrize(("count", "held_out"), [(100, 150), (300, 1000), (2000, 1500)])
def test_where_nothing_has_changed_hardly_a_day_alarms(count: int, held_out: int) -> None:
    random = np.random.default_rng(count + held_out)
    alarms = by_psi_alone = by_test_alone = 0
    for _ in range(DRAWS):
        findings, naive = findings_of_a_day(random, count, held_out)
        alarms += any(one.status in (DRIFTING, MODERATE) for one in judged(findings, BOUNDS))
        by_psi_alone += max(naive) >= BOUNDS.moderate_from
        by_test_alone += min(one.p_value or 1 for one in findings) <= 0.05
    assert alarms / DRAWS <= 0.05
    assert max(by_psi_alone, by_test_alone) / DRAWS > 0.1, "each half of the rule alone alarms more often than that"


@pytest.mark.parametrize(("count", "found"), [(200, DRIFTING), (2000, DRIFTING)])
def test_a_value_that_takes_over_is_found(count: int, found: str) -> None:
    random = np.random.default_rng(count)
    ages = random.integers(0, AGES, count)
    counts = counted(random.choice(4, 1000, p=[0.05, 0.05, 0.7, 0.2]), random.integers(0, AGES, 1000), 4)
    moved = change(counts, random.choice(4, count, p=[0.05, 0.05, 0.3, 0.6]), ages, is_ordered=False)
    (one,) = judged([Finding("input", "source", measure="psi", effect=moved.psi, p_value=moved.p_value)], BOUNDS)
    assert one.status == found
    assert moved.now[3] - moved.before[3] == pytest.approx(0.4, abs=0.1)


def test_a_number_that_moves_is_found_by_its_order() -> None:
    """All values move up a little: Kolmogorov and Smirnov's test sees it, bin by bin it could be chance."""
    random = np.random.default_rng(3)
    edges = stats.norm.ppf(np.arange(1, 30) / 30)
    reference = counted(np.searchsorted(edges, random.normal(size=400)), np.zeros(400, dtype=np.int64), 30)
    codes, ages = np.searchsorted(edges, random.normal(0.35, size=150)), np.zeros(150, dtype=np.int64)
    ordered, bins = (change(reference, codes, ages, is_ordered=is_ordered) for is_ordered in (True, False))
    assert ordered.p_value < 0.01 < bins.p_value


def test_a_small_change_of_many_records_is_certain_and_no_alarm() -> None:
    counts = np.array([[50_000, 50_000]])
    codes = np.repeat([0, 1], [48_000, 52_000])
    found = change(counts, codes, np.zeros(len(codes), dtype=np.int64), is_ordered=False)
    assert found.p_value < 1e-9
    (one,) = judged([Finding("input", measure="psi", effect=found.psi, p_value=found.p_value)], BOUNDS)
    assert one.status == STEADY


def test_the_population_stability_index_of_small_samples_is_not_inflated() -> None:
    random = np.random.default_rng(5)
    ages = np.zeros(150, dtype=np.int64)
    found = [
        change(counted(random.integers(0, 10, 150), ages, 10), random.integers(0, 10, 150), ages, is_ordered=False).psi
        for _ in range(DRAWS)
    ]
    assert np.median(found) < 0.01
    assert np.mean(found) < 9 * (2 / 150) / 2


def test_ages_are_compared_with_the_same_ages() -> None:
    """Old records have other values than young ones: more old ones than before is no drift."""
    counts = np.array([[900, 100], [30, 70]])
    ages = np.repeat([0, 1], [100, 900])
    codes = np.concatenate([np.repeat([0, 1], [90, 10]), np.repeat([0, 1], [270, 630])])
    found = change(counts, codes, ages, is_ordered=False)
    assert found.psi == 0
    assert found.before == pytest.approx(found.now)
    assert found.reference_records == pytest.approx(1 / (0.1**2 / 1000 + 0.9**2 / 100))


@pytest.mark.parametrize(("rate", "status"), [(0.3, STEADY), (0.42, MODERATE), (0.6, DRIFTING)])
def test_a_base_rate_that_moves_is_found(rate: float, status: str) -> None:
    promised = np.full(1000, 0.3)
    (one,) = judged([rate_finding(promised, np.arange(1000) < 1000 * rate, 100)], BOUNDS)
    assert one.status == status
    assert one.expected == pytest.approx(0.3)
    assert one.observed == pytest.approx(rate)
    assert one.observed_low is not None
    assert one.observed_low < rate


def test_the_variance_is_that_of_the_promised_probabilities() -> None:
    """Where some are certain, fewer deviate by chance: the sum of p (1 - p), not n times that of the mean."""
    promised = np.repeat([0.02, 0.98], 200)
    one = rate_finding(promised, np.arange(400) >= 190, 100)
    assert one.p_value == pytest.approx(2 * stats.norm.sf(10 / np.sqrt(400 * 0.02 * 0.98)))


@pytest.mark.parametrize(("count", "rate"), [(99, 0.4), (1000, 0.005)])
def test_too_few_outcomes_are_neither_steady_nor_an_alarm(count: int, rate: float) -> None:
    (one,) = judged([rate_finding(np.full(count, rate), np.ones(count, dtype=bool), 100)], BOUNDS)
    assert one.status == NOT_ENOUGH


@pytest.mark.parametrize(
    ("realised", "interval", "status"),
    [
        (0.79, (0.76, 0.82), STEADY),
        (0.9, (0.88, 0.92), STEADY),
        (0.73, (0.70, 0.76), MODERATE),
        (0.60, (0.57, 0.63), DRIFTING),
        (0.60, (0.40, 0.80), STEADY),
    ],
    ids=["as promised", "better", "a little worse", "much worse", "few records"],
)
def test_ranking_that_gets_worse_is_found(realised: float, interval: tuple[float, float], status: str) -> None:
    (one,) = judged([ranking_finding((0.8, 0.77, 0.83), realised, interval, 400)], BOUNDS)
    assert one.status == status
