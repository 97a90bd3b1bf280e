"""Conformal intervals: what is measured is nested and covers, what cannot be measured is not given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_ml.forecast.intervals import Interval, intervals, native_scale, radii, relative_error

amounts = st.floats(0, 1e9)
errors = st.lists(st.floats(0, 100), max_size=120)


def test_the_scale_is_the_mean_of_native_width_and_level() -> None:
    assert native_scale(residual_sigma=10, days=28, predicted=300) == (10 * 2 + 300) / 2


def test_an_error_without_a_unit_is_no_error() -> None:
    assert relative_error(actual=5, predicted=2, scale=6) == 0.5
    assert relative_error(actual=0, predicted=0, scale=0) is None


@pytest.mark.parametrize(("count", "levels"), [(0, set()), (3, set()), (4, {80}), (18, {80}), (19, {80, 95})])
def test_a_level_that_so_few_errors_cannot_tell_is_left_out(count: int, levels: set[int]) -> None:
    assert set(radii([1.0] * count)) == levels


def test_the_radius_is_the_rank_that_covers_a_new_error() -> None:
    assert radii([float(number) for number in range(1, 100)]) == {80: 80.0, 95: 95.0}


def test_the_coverage_of_a_new_error_is_what_is_promised() -> None:
    random = np.random.default_rng(11)
    past, new = np.abs(random.standard_t(3, (4000, 60))), np.abs(random.standard_t(3, 4000))
    found = [radii(row) for row in past]
    for level in (80, 95):
        covered = np.mean([error <= radius[level] for error, radius in zip(new, found, strict=True)])
        assert covered == pytest.approx(level / 100, abs=0.02)


@given(amounts, amounts, st.floats(0.01, 1e9), errors)
def test_intervals_are_nested_around_the_forecast_and_never_below_what_is_won(
    won: float, predicted: float, scale: float, past: list[float]
) -> None:
    found = intervals(won, predicted, scale, radii(past))
    for bounds in found.values():
        assert won <= bounds.low <= won + predicted <= bounds.high
    if 95 in found:
        assert found[95].low <= found[80].low
        assert found[80].high <= found[95].high


def test_no_interval_comes_out_of_nothing() -> None:
    assert intervals(0, 0, 0, {80: 1.0, 95: 2.0}) == {}
    assert intervals(10, 5, 4, {}) == {}
    assert intervals(10, 5, 4, {80: 2.0}) == {80: Interval(10, 23)}
