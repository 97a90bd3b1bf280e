"""What each attribute adds to the log-odds that boosted trees give: exact Shapley values, many rows at a time.

The value of a leaf counts by how much each attribute on its path opens or closes the way (TreeSHAP, Lundberg et al.
2020, path-dependent). For a leaf of value ``v`` with the attributes D on its path, ``o_j`` being 1 where a row passes
all splits on j (else 0) and ``z_j`` the share of training rows that pass them, the Shapley sum over subsets of D is

    phi_j = v (o_j - z_j) * integral from 0 to 1 of product over k in D without j of (t o_k + (1 - t) z_k) dt

because |S|! (d - 1 - |S|)! / d! is the integral of t^|S| (1 - t)^(d - 1 - |S|) (Yu et al. 2022, Linear TreeSHAP). The
integrand is a polynomial, which Gauss-Legendre integrates exactly. A row enters by its pattern of o alone, so a leaf is
worked out once per pattern and looked up for all rows. LightGBM's own ``pred_contrib`` gives the same numbers, an
order of magnitude slower.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_MOST_TABULATED: Final = 10
_Way = Mapping[int, float]
"""The attributes on the path to a node, in the order they came, each with the share of training rows that pass."""


def tree_contributions(trees: lgb.Booster, table: Floats) -> tuple[float, Floats]:
    """The mean log-odds of the trees over their training rows, and what each attribute adds to it on each row.

    Args:
        trees: fitted by LightGBM, without linear leaves.
        table: rows x attributes, as the trees were trained on; categories as codes from 0.

    Returns:
        The mean, and rows x attributes; mean and row sum are the raw prediction of that row.
    """
    columns = np.ascontiguousarray(table.T)
    added = np.zeros_like(columns)
    start = np.zeros(len(table), dtype=np.intp)
    mean = sum(_walk(tree["tree_structure"], {}, start, columns, added) for tree in trees.dump_model()["tree_info"])
    return float(mean), added.T


def _walk(node: Mapping[str, Any], way: _Way, pattern: Integers, columns: Floats, added: Floats) -> float:
    """Add what the leaves below a node give; returns their mean value over the training rows of the tree.

    Bit k of a row's pattern says whether it passes all splits so far on the k-th attribute of the way.
    """
    if "split_feature" not in node:
        value = float(node["leaf_value"])
        _add_leaf(value, way, pattern, added)
        return value * float(np.prod(list(way.values())))
    attribute = int(node["split_feature"])
    bit = 1 << (list(way).index(attribute) if attribute in way else len(way))
    so_far = pattern if attribute in way else pattern | bit
    is_left = _goes_left(node, columns[attribute])
    mean = 0.0
    for side, is_stopped in (("left_child", ~is_left), ("right_child", is_left)):
        below = node[side]
        share = below.get("internal_count", below.get("leaf_count")) / node["internal_count"]
        further = {**way, attribute: way.get(attribute, 1.0) * share}
        mean += _walk(below, further, so_far & ~(is_stopped * np.intp(bit)), columns, added)
    return mean


def _goes_left(node: Mapping[str, Any], values: Floats) -> Bools:
    """Which rows a split sends left, as LightGBM decides."""
    if node["decision_type"] == "==":
        chosen = [int(code) for code in str(node["threshold"]).split("||")]
        is_chosen = np.zeros(int(max(*chosen, values.max(initial=0))) + 1, dtype=bool)
        is_chosen[chosen] = True
        return np.asarray(is_chosen[values.astype(np.intp)])
    is_left = values <= node["threshold"]
    empty_left = node["default_left"] if node["missing_type"] == "NaN" else node["threshold"] >= 0
    return np.asarray(is_left | np.isnan(values)) if empty_left else is_left


def _add_leaf(value: float, way: _Way, pattern: Integers, added: Floats) -> None:
    """Work a leaf out once per pattern, or per pattern that occurs where there are too many, and look rows up."""
    if len(way) <= _MOST_TABULATED:
        different, of_row = np.arange(1 << len(way)), pattern
    else:
        different, of_row = np.unique(pattern, return_inverse=True)
    effects = value * _effects(different, np.array(list(way.values())))
    for place, attribute in enumerate(way):
        added[attribute] += effects[place].take(of_row)


def _effects(patterns: Integers, shares: Floats) -> Floats:
    """Attributes on the path x patterns: the Shapley values of a leaf of value 1. Shares lie above 0."""
    passed = (patterns[None, :] >> np.arange(len(shares))[:, None] & 1).astype(np.float64)
    places, weights = _gauss(len(shares) // 2 + 1)
    factors = places * passed[:, :, None] + (1 - places) * shares[:, None, None]
    without = factors.prod(axis=0) / factors
    return np.asarray((passed - shares[:, None]) * (without @ weights))


@cache
def _gauss(points: int) -> tuple[Floats, Floats]:
    """Places and weights that integrate a polynomial of degree 2 * points - 1 over 0 to 1 exactly."""
    places, weights = np.polynomial.legendre.leggauss(points)
    return (places + 1) / 2, weights / 2
