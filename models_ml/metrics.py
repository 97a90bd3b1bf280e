"""How good a probability is: ranking, distance, calibration. Every measure takes one weight per row."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_SEED: Final = 20260630
_REPLICATES: Final = 500
_LARGE: Final = 100_000
_REPLICATES_LARGE: Final = 100
_MOST_BINS: Final = 10
_LEAST_IN_BIN: Final = 100


def base_rate(labels: Bools, weights: Floats) -> float:
    """The weighted share of positive rows, 0-1."""
    return float(np.average(labels, weights=weights))


def auc(labels: Bools, probabilities: Floats, weights: Floats) -> float | None:
    """The chance that a random positive row ranks above a random negative one; ties count one half.

    Weighted Mann-Whitney statistic (Hanley & McNeil 1982): 0.5 is no better than chance, 1 is perfect. None where one
    of the outcomes does not occur, for then there is nothing to rank.
    """
    order = np.argsort(probabilities, kind="stable")
    return _auc_of_groups(_tied_groups(probabilities[order]), labels[order], weights[order])


def auc_interval(
    labels: Bools, probabilities: Floats, weights: Floats, records: NDArray[np.int64]
) -> tuple[float, float] | None:
    """The 95 % interval of the AUC, by a bootstrap that draws whole records with replacement (seeded).

    Rows of one record rise and fall together, so records are drawn and not rows (Efron & Tibshirani 1993, ch. 8).

    Args:
        labels: the outcome of each row.
        probabilities: that of the positive outcome, 0-1.
        weights: of each row.
        records: the number of each row's record, from 0 without gaps.

    Returns:
        Lower and upper bound (2.5 and 97.5 % quantile over 500 draws, 100 from 100,000 rows on), or None where one of
        the outcomes occurs in fewer than two records.
    """
    for outcome in (labels, ~labels):
        if len(np.unique(records[outcome])) < 2:
            return None
    order = np.argsort(probabilities, kind="stable")
    groups, labels, weights, records = (
        _tied_groups(probabilities[order]),
        labels[order],
        weights[order],
        records[order],
    )
    random = np.random.default_rng(_SEED)
    count = int(records.max()) + 1
    drawn: list[float] = []
    for _ in range(_REPLICATES if len(labels) < _LARGE else _REPLICATES_LARGE):
        times = np.bincount(random.integers(0, count, count), minlength=count)
        value = _auc_of_groups(groups, labels, weights * times[records])
        if value is not None:
            drawn.append(value)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def brier(labels: Bools, probabilities: Floats, weights: Floats) -> float:
    """Mean squared distance between probability and outcome (Brier 1950): 0 is perfect."""
    return float(np.average((probabilities - labels) ** 2, weights=weights))


def calibration_error(labels: Bools, probabilities: Floats, weights: Floats, bins: int | None = None) -> float:
    """Expected calibration error: how far, on average, the promised share lies from the share that came (0-1).

    Rows are sorted by probability and cut into bins of equal weight; the error is the weighted mean over bins of
    |mean probability - share of positives| (Naeini, Cooper & Hauskrecht 2015, with bins of equal weight, so that no
    bin is nearly empty). Rows of equal probability stay in one bin. Left out, ``bins`` is ten, or fewer so that each
    weighs a hundred records: in smaller ones chance alone looks like an error.
    """
    bins = bins or int(np.clip(weights.sum() // _LEAST_IN_BIN, 1, _MOST_BINS))
    order = np.argsort(probabilities, kind="stable")
    probabilities, labels, weights = probabilities[order], labels[order], weights[order]
    groups = _tied_groups(probabilities)
    reached = np.cumsum(weights) - weights / 2
    middle = np.bincount(groups, reached * weights) / np.bincount(groups, weights)
    bin_of = np.minimum((middle / weights.sum() * bins).astype(np.int64), bins - 1)[groups]
    promised = np.bincount(bin_of, probabilities * weights, bins)
    came = np.bincount(bin_of, labels * weights, bins)
    return float(np.abs(promised - came).sum() / weights.sum())


def log_loss(labels: Bools, probabilities: Floats, weights: Floats) -> float:
    """Mean negative log-likelihood of the outcomes, in nats; probabilities lie strictly between 0 and 1."""
    of_outcome = np.where(labels, probabilities, 1 - probabilities)
    return float(-np.average(np.log(of_outcome), weights=weights))


def _tied_groups(ascending: Floats) -> NDArray[np.int64]:
    """The number of each value's run of equal values, from 0."""
    return np.concatenate([[0], np.cumsum(np.diff(ascending) != 0)]).astype(np.int64)


def _auc_of_groups(groups: NDArray[np.int64], labels: Bools, weights: Floats) -> float | None:
    """AUC of rows that are sorted by probability; ``groups`` numbers the ties."""
    positive = np.bincount(groups, weights * labels)
    negative = np.bincount(groups, weights * ~labels)
    if not positive.sum() or not negative.sum():
        return None
    below = np.cumsum(negative) - negative / 2
    return float((positive * below).sum() / (positive.sum() * negative.sum()))
