"""Contributions of trees are the Shapley values that LightGBM itself gives."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from numpy.typing import NDArray

from models_ml.scoring import shapley
from models_ml.scoring.shapley import tree_contributions

Floats = NDArray[np.float64]


def fitted(**settings: Any) -> tuple[lgb.Booster, Floats]:
    """Trees on four numbers, two of them with empty values, and two categories; and rows with values never seen."""
    random = np.random.default_rng(3)
    table = np.column_stack([random.normal(size=(1500, 4)), random.integers(0, 9, (1500, 2))])
    table[random.random(1500) < 0.3, 1] = np.nan
    effect = table[:, 0] + np.nan_to_num(table[:, 1], nan=2.0) * table[:, 2] + np.isin(table[:, 4], (1, 5)) * 2
    label = random.random(1500) < 1 / (1 + np.exp(-effect))
    chosen = {"objective": "binary", "num_leaves": 15, "min_data_in_leaf": 5, "verbosity": -1, "num_threads": 1}
    data = lgb.Dataset(table, label.astype(float), categorical_feature=[4, 5])
    odd = table[:50].copy()
    odd[:10, 0], odd[10:20, 4], odd[20:30, 2], odd[30:40, 3] = np.nan, 77, np.inf, -np.inf
    return lgb.train(chosen | settings, data, num_boost_round=20), np.vstack([table[:200], odd])


@pytest.mark.parametrize("settings", [{}, {"use_missing": False}, {"max_bin": 3}, {"min_data_in_leaf": 2000}])
def test_they_are_those_of_lightgbm(settings: dict[str, Any]) -> None:
    trees, table = fitted(**settings)
    expected = np.asarray(trees.predict(table, pred_contrib=True))
    mean, added = tree_contributions(trees, table)
    assert mean == pytest.approx(expected[0, -1], abs=1e-12)
    np.testing.assert_allclose(added, expected[:, :-1], rtol=0, atol=1e-12)
    np.testing.assert_allclose(mean + added.sum(axis=1), trees.predict(table, raw_score=True), rtol=0, atol=1e-12)


def test_long_ways_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    trees, table = fitted()
    expected = tree_contributions(trees, table)[1]
    monkeypatch.setattr(shapley, "_MOST_TABULATED", 1)
    np.testing.assert_array_equal(tree_contributions(trees, table)[1], expected)


def test_a_leaf_shares_its_value_as_shapley_did() -> None:
    """The mean, over all orders in which attributes become known, of what each adds to the expected value."""
    shares, passed = np.array([0.5, 0.2, 0.9]), np.array([1, 1, 0])
    expected, orders = np.zeros(3), list(permutations(range(3)))
    for order in orders:
        factors = shares.copy()
        for attribute in order:
            before = factors.prod()
            factors[attribute] = passed[attribute]
            expected[attribute] += (factors.prod() - before) / len(orders)
    np.testing.assert_allclose(shapley._effects(np.array([0b011]), shares)[:, 0], expected, atol=1e-15)
