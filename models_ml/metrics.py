"""How good a probability is: ranking, distance, calibration. Every measure takes one weight per row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_curve

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.int64]

_SEED: Final = 20260630
_REPLICATES: Final = 500
_LARGE: Final = 100_000
_REPLICATES_LARGE: Final = 100
_MOST_BINS: Final = 10
_LEAST_IN_BIN: Final = 100
_TENTHS: Final = 10
_Z_95: Final = 1.96


def base_rate(labels: Bools, weights: Floats) -> float:
    """The weighted share of positive rows, 0-1."""
    return float(np.average(labels, weights=weights))


def auc(labels: Bools, probabilities: Floats, weights: Floats) -> float | None:
    """The chance that a random positive row ranks above a random negative one; ties count one half.

    Weighted Mann-Whitney statistic (Hanley & McNeil 1982): 0.5 is no better than chance, 1 is perfect. None where one
    of the outcomes does not occur, for then there is nothing to rank.
    """
    return _auc_of_places(_places(probabilities), labels, weights)


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
    places = _places(probabilities)
    random = np.random.default_rng(_SEED)
    count = int(records.max()) + 1
    drawn: list[float] = []
    for _ in range(_REPLICATES if len(labels) < _LARGE else _REPLICATES_LARGE):
        times = np.bincount(random.integers(0, count, count), minlength=count)
        value = _auc_of_places(places, labels, weights * times[records])
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
    curve = calibration_curve(labels, probabilities, weights, bins)
    gap = (curve["promised"] - curve["realised"]).abs()
    return float((gap * curve["records"]).sum() / curve["records"].sum())


def calibration_curve(labels: Bools, probabilities: Floats, weights: Floats, bins: int | None = None) -> pd.DataFrame:
    """Promised against realised share, in the bins of ``calibration_error``.

    Returns:
        One row per bin, the lowest first: promised (mean probability, 0-1), realised (share of positives, 0-1), records
        (their weight).
    """
    bins = bins or int(np.clip(weights.sum() // _LEAST_IN_BIN, 1, _MOST_BINS))
    order = np.argsort(probabilities, kind="stable")
    probabilities, labels, weights = probabilities[order], labels[order], weights[order]
    groups = _tied_groups(probabilities)
    bin_of = _by_weight(groups, weights, bins)[groups]
    return _shares(bin_of, probabilities, labels, weights).reset_index(drop=True)


def gains(labels: Bools, probabilities: Floats, weights: Floats) -> pd.DataFrame:
    """What the tenths of the records hold, the most promising first (cumulative gains; Provost & Fawcett 2013, ch. 8).

    Where a tie lies across two tenths, its positives are shared in proportion.

    Returns:
        One row per tenth: promised, realised, records, lift (realised by the share of positives among all) and captured
        (share of all positives in this tenth and those above it, 0-1).
    """
    order = np.argsort(-probabilities, kind="stable")
    probabilities, labels, weights = probabilities[order], labels[order], weights[order]
    groups = _tied_groups(probabilities)
    mean = (np.bincount(groups, labels * weights) / np.bincount(groups, weights))[groups]
    tenths = _shares(_by_weight(np.arange(len(weights)), weights, _TENTHS), probabilities, mean, weights)
    positive = tenths["realised"] * tenths["records"]
    overall = positive.sum() / tenths["records"].sum()
    lift = tenths["realised"] / overall if overall else np.nan
    return tenths.assign(lift=lift, captured=positive.cumsum() / positive.sum()).reset_index(drop=True)


def average_precision(labels: Bools, probabilities: Floats, weights: Floats) -> float | None:
    """PR-AUC as average precision: the mean precision over recall; that of chance is the base rate.

    None where one of the outcomes does not occur.
    """
    if labels.all() or not labels.any():
        return None
    return float(average_precision_score(labels, probabilities, sample_weight=weights))


@dataclass(frozen=True)
class Confusion:
    """What a threshold makes of scores: a score above it means that the wanted outcome is predicted.

    Counts are weights of rows, that is records. The formulas are those of the product we replace (dynamics-facts 1d).
    """

    threshold: int
    true_positive: float
    false_positive: float
    true_negative: float
    false_negative: float

    @property
    def records(self) -> float:
        """All of them."""
        return self.true_positive + self.false_positive + self.true_negative + self.false_negative

    @property
    def accuracy(self) -> float:
        """(TP + TN) / all, 0-1."""
        return (self.true_positive + self.true_negative) / self.records

    @property
    def precision(self) -> float | None:
        """TP / (TP + FP), 0-1; None where nothing is predicted positive."""
        predicted = self.true_positive + self.false_positive
        return self.true_positive / predicted if predicted else None

    @property
    def recall(self) -> float | None:
        """TP / (TP + FN), 0-1; None where nothing is positive."""
        positive = self.true_positive + self.false_negative
        return self.true_positive / positive if positive else None

    @property
    def f1(self) -> float:
        """2 TP / (2 TP + FP + FN), 0-1."""
        either = 2 * self.true_positive + self.false_positive + self.false_negative
        return 2 * self.true_positive / either if either else 0.0

    @property
    def conversion_rate(self) -> float:
        """(TP + FN) / all, 0-1."""
        return (self.true_positive + self.false_negative) / self.records


def confusion(labels: Bools, scores: Integers, weights: Floats) -> Confusion:
    """The confusion matrix at the threshold (a score, 0-100) that makes F1 largest; of equals the lowest."""
    precision, recall, least = precision_recall_curve(labels, scores, sample_weight=weights)
    both = precision[:-1] + recall[:-1]
    f1 = np.divide(2 * precision[:-1] * recall[:-1], both, out=np.zeros(len(least)), where=both > 0)
    f1[least < 1] = -1  # a score of 0 is never above a threshold
    threshold = max(int(least[np.argmax(f1)]) - 1, 0)
    predicted = scores > threshold
    cells = [(predicted & labels), (predicted & ~labels), (~predicted & ~labels), (~predicted & labels)]
    return Confusion(threshold, *(float(weights[cell].sum()) for cell in cells))


def mean_interval(values: Floats, weights: Floats, records: Integers) -> tuple[float, float]:
    """The 95 % interval of a weighted mean over whole records (linearised variance of a ratio; Cochran 1977, ch. 6)."""
    mean = np.average(values, weights=weights)
    of_record = np.bincount(records, weights * (values - mean))
    error = float(np.sqrt((of_record**2).sum()) / weights.sum())
    return float(mean - _Z_95 * error), float(mean + _Z_95 * error)


def log_loss(labels: Bools, probabilities: Floats, weights: Floats) -> float:
    """Mean negative log-likelihood of the outcomes, in nats; probabilities lie strictly between 0 and 1."""
    of_outcome = np.where(labels, probabilities, 1 - probabilities)
    return float(-np.average(np.log(of_outcome), weights=weights))


def _tied_groups(ascending: Floats) -> NDArray[np.int64]:
    """The number of each value's run of equal values, from 0."""
    return np.concatenate([[0], np.cumsum(np.diff(ascending) != 0)]).astype(np.int64)


def _by_weight(groups: Integers, weights: Floats, bins: int) -> Integers:
    """The bin of each group, such that all bins weigh about the same; rows and groups ascend."""
    reached = np.cumsum(weights) - weights / 2
    middle = np.bincount(groups, reached * weights) / np.bincount(groups, weights)
    return np.asarray(np.minimum((middle / weights.sum() * bins).astype(np.int64), bins - 1))


def _shares(bin_of: Integers, probabilities: Floats, came: Bools | Floats, weights: Floats) -> pd.DataFrame:
    """Mean probability, mean outcome and weight of each bin that is not empty."""
    weight = np.bincount(bin_of, weights)
    there = weight > 0
    promised, realised = np.bincount(bin_of, probabilities * weights), np.bincount(bin_of, came * weights)
    return pd.DataFrame(
        {
            "promised": promised[there] / weight[there],
            "realised": realised[there] / weight[there],
            "records": weight[there],
        }
    )


def _places(probabilities: Floats) -> Integers:
    """The place of each value among the different ones, from 0; few different ones need no sorting of all rows."""
    return np.asarray(pd.factorize(probabilities, sort=True)[0], dtype=np.int64)


def _auc_of_places(places: Integers, labels: Bools, weights: Floats) -> float | None:
    positive = np.bincount(places, weights * labels)
    negative = np.bincount(places, weights * ~labels)
    if not positive.sum() or not negative.sum():
        return None
    below = np.cumsum(negative) - negative / 2
    return float((positive * below).sum() / (positive.sum() * negative.sum()))
