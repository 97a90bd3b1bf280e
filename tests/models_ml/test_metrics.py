"""Every formula against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models_ml import metrics

ONE = np.ones(4)


def labels(*values: int) -> np.ndarray:
    return np.array(values, dtype=bool)


@pytest.mark.fact("1d.auc")
def test_auc_counts_pairs_in_order() -> None:
    # Pairs (positive, negative): .8 > .1, .8 > .6, .4 > .1, .4 < .6: three of four.
    assert metrics.auc(labels(0, 1, 0, 1), np.array([0.1, 0.4, 0.6, 0.8]), ONE) == pytest.approx(0.75)


def test_auc_counts_a_tie_one_half() -> None:
    assert metrics.auc(labels(0, 1, 0, 1), np.array([0.5, 0.5, 0.1, 0.9]), ONE) == pytest.approx(0.875)


def test_auc_of_a_constant_is_one_half() -> None:
    assert metrics.auc(labels(0, 1, 0, 1), np.full(4, 0.3), ONE) == 0.5


def test_a_row_of_weight_two_counts_as_two_rows() -> None:
    once = metrics.auc(labels(0, 1, 0, 1), np.array([0.1, 0.4, 0.6, 0.8]), np.array([2.0, 1, 1, 1]))
    twice = metrics.auc(labels(0, 0, 1, 0, 1), np.array([0.1, 0.1, 0.4, 0.6, 0.8]), np.ones(5))
    assert once == pytest.approx(twice)
    assert once == pytest.approx(5 / 6)


def test_auc_of_one_outcome_cannot_be_measured() -> None:
    assert metrics.auc(labels(1, 1), np.array([0.2, 0.3]), np.ones(2)) is None


def test_brier_is_the_mean_squared_distance() -> None:
    assert metrics.brier(labels(1, 0), np.array([0.7, 0.4]), np.ones(2)) == pytest.approx((0.09 + 0.16) / 2)


def test_log_loss_is_the_mean_negative_log_likelihood() -> None:
    expected = -(np.log(0.7) + np.log(0.6)) / 2
    assert metrics.log_loss(labels(1, 0), np.array([0.7, 0.4]), np.ones(2)) == pytest.approx(expected)


def test_base_rate_is_weighted() -> None:
    assert metrics.base_rate(labels(1, 0), np.array([3.0, 1.0])) == 0.75


def test_calibration_error_is_the_mean_gap_of_bins() -> None:
    # Two bins of two rows: promised .15 and came .5; promised .85 and came 1: (.35 + .15) / 2.
    probabilities = np.array([0.1, 0.2, 0.8, 0.9])
    assert metrics.calibration_error(labels(0, 1, 1, 1), probabilities, ONE, bins=2) == pytest.approx(0.25)


def test_equal_probabilities_stay_in_one_bin() -> None:
    # Were they cut apart, the order of rows would make an error out of a perfect promise.
    probabilities = np.full(10, 0.3)
    assert metrics.calibration_error(labels(*[1] * 3, *[0] * 7), probabilities, np.ones(10)) == pytest.approx(0.0)


def test_calibration_error_weighs_rows() -> None:
    weights = np.array([3.0, 1.0])
    measured = metrics.calibration_error(labels(1, 0), np.array([0.5, 0.5]), weights, bins=1)
    assert measured == pytest.approx(0.25)


def test_the_interval_surrounds_the_auc_and_is_the_same_each_time() -> None:
    random = np.random.default_rng(3)
    truth = random.random(400)
    outcomes = random.random(400) < truth
    arguments = (outcomes, truth, np.ones(400), np.arange(400))
    low, high = metrics.auc_interval(*arguments) or (0, 0)
    assert low < (metrics.auc(*arguments[:3]) or 0) < high
    assert metrics.auc_interval(*arguments) == (low, high)


def test_repeating_the_rows_of_a_record_does_not_narrow_the_interval() -> None:
    random = np.random.default_rng(3)
    truth = random.random(100)
    outcomes = random.random(100) < truth
    once = metrics.auc_interval(outcomes, truth, np.ones(100), np.arange(100))
    repeated = [np.repeat(values, 5) for values in (outcomes, truth, np.full(100, 0.2), np.arange(100))]
    assert metrics.auc_interval(*repeated) == pytest.approx(once)


def test_no_interval_where_an_outcome_has_one_record() -> None:
    assert metrics.auc_interval(labels(1, 1, 0), np.array([0.1, 0.2, 0.3]), np.ones(3), np.array([0, 0, 1])) is None


def test_bins_have_a_hundred_records_each() -> None:
    random = np.random.default_rng(5)
    promised = random.random(250)
    outcomes = random.random(250) < promised
    two = metrics.calibration_error(outcomes, promised, np.ones(250), bins=2)
    assert metrics.calibration_error(outcomes, promised, np.ones(250)) == two


@pytest.mark.fact("1d.accuracy", "1d.recall", "1d.conversion-rate", "1d.f1", "1d.worked-example")
def test_the_worked_example_of_dynamics_facts_1d() -> None:
    # Section 1d: TP 650, FP 200, TN 100, FN 50: accuracy 75 %, recall 92.86 % (stated as 92 %), conversion 70 %.
    found = metrics.Confusion(50, true_positive=650, false_positive=200, true_negative=100, false_negative=50)
    assert found.accuracy == 0.75
    assert found.recall == pytest.approx(0.9286, abs=5e-5)
    assert found.conversion_rate == 0.70
    assert found.precision == pytest.approx(650 / 850)
    assert found.f1 == pytest.approx(2 * 650 / (2 * 650 + 200 + 50))


@pytest.mark.fact("1d.threshold")
def test_the_threshold_makes_f1_largest_and_a_score_above_it_is_predicted() -> None:
    scores = np.array([10, 30, 50, 70, 90])
    found = metrics.confusion(labels(0, 0, 1, 0, 1), scores, np.ones(5))
    every = []
    for threshold in range(100):
        hit = float((labels(0, 0, 1, 0, 1) & (scores > threshold)).sum())
        every.append(2 * hit / (2 * hit + (scores > threshold).sum() - hit + 2 - hit))
    assert found.f1 == pytest.approx(max(every))
    assert every[found.threshold] == max(every)
    assert 30 <= found.threshold < 50
    assert (found.true_positive, found.false_positive, found.true_negative, found.false_negative) == (2, 1, 2, 0)


def test_a_score_of_nought_is_never_above_a_threshold() -> None:
    found = metrics.confusion(labels(1, 1, 0), np.zeros(3, dtype=int), np.ones(3))
    assert (found.threshold, found.true_positive, found.precision, found.f1) == (0, 0, None, 0)


def test_average_precision_is_the_mean_precision_over_recall() -> None:
    # Positives on places 1 and 3: precision 1 and 2/3, each half of the recall.
    found = metrics.average_precision(labels(1, 0, 1, 0), np.array([0.9, 0.8, 0.7, 0.1]), ONE)
    assert found == pytest.approx((1 + 2 / 3) / 2)
    assert metrics.average_precision(labels(1, 1), np.array([0.9, 0.8]), np.ones(2)) is None


def test_gains_capture_all_and_lift_is_the_rate_over_that_of_all() -> None:
    promised = np.arange(20)[::-1] / 20
    came = np.arange(20) < 4
    found = metrics.gains(came, promised, np.ones(20))
    assert found["records"].tolist() == [2.0] * 10
    assert found["lift"].tolist()[:3] == [5.0, 5.0, 0.0]
    assert found["captured"].tolist()[:3] == [0.5, 1.0, 1.0]


def test_positives_of_a_tie_are_shared_among_its_tenths() -> None:
    found = metrics.gains(np.arange(20) < 10, np.full(20, 0.5), np.ones(20))
    assert found["realised"].tolist() == [0.5] * 10


def test_the_calibration_curve_has_the_error_as_its_mean_gap() -> None:
    random = np.random.default_rng(3)
    promised = random.random(1000)
    came = random.random(1000) < promised**2
    curve = metrics.calibration_curve(came, promised, np.ones(1000))
    assert curve["records"].sum() == 1000
    assert curve["promised"].is_monotonic_increasing
    gap = ((curve["promised"] - curve["realised"]).abs() * curve["records"]).sum() / 1000
    assert metrics.calibration_error(came, promised, np.ones(1000)) == pytest.approx(gap)


def test_the_interval_of_a_mean_draws_whole_records() -> None:
    values = np.repeat(np.random.default_rng(4).normal(1, 2, 400), 3)
    low, high = metrics.mean_interval(values, np.full(1200, 1 / 3), np.repeat(np.arange(400), 3))
    assert low < np.mean(values) < high
    assert high - low == pytest.approx(2 * 1.96 * np.std(values) / 20, rel=1e-6)
