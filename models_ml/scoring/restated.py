"""The outcome under another name: values that say in other words, or in numbers, what became of a record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_LEAST_RECORDS: Final = 5
_LEAST_OF_OUTCOME: Final = 10
_NO_WORD: Final = re.compile(r"[\W_]+")


def restated(column: pd.Series[str], bins: Integers, outcomes: Sequence[Floats], weights: Floats) -> float:
    """How much of an outcome is known from the value: 1 where each value has one outcome, 0 where none helps.

    Goodman & Kruskal's lambda (1954): the share of errors avoided by betting on each value's more frequent outcome
    instead of on the more frequent one at all. Texts that differ in case, spaces and signs are one value; a number
    counts as itself where it is frequent, so that 0 for lost is seen, and by its bin otherwise; empty is a value;
    values of fewer than 5 records share a place, so that nothing is known by heart.

    Args:
        column: a text or a number per row.
        bins: the bin of each row's number, or 0: where rare values go.
        outcomes: several readings of the outcome, each 1, 0, or nan where it is not decided; the highest figure counts.
        weights: of each row; those of a record add up to 1.
    """
    cells = _cells(column, bins, weights)
    return max(_known(cells, outcome, weights) for outcome in outcomes)


def _known(cells: Integers, outcome: Floats, weights: Floats) -> float:
    decided = ~np.isnan(outcome)
    weights, positive = weights[decided], (outcome == 1)[decided]
    of_positive, of_negative = (np.bincount(cells[decided], weights * side) for side in (positive, ~positive))
    rarer = min(of_positive.sum(), of_negative.sum())
    if rarer < _LEAST_OF_OUTCOME:
        return 0.0
    return float(max(1 - np.minimum(of_positive, of_negative).sum() / rarer, 0))


def _cells(column: pd.Series[str], bins: Integers, weights: Floats) -> Integers:
    """The number of each row's place."""
    codes = _values(column)
    is_rare = (np.bincount(codes, weights) < _LEAST_RECORDS)[codes]
    return np.where(is_rare, bins, codes + bins.max(initial=0) + 1)


def _values(column: pd.Series[str]) -> Integers:
    """The number of each row's value, from 0; texts without case, spaces and signs unless nothing else is in them."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(pd.factorize(column, use_na_sentinel=False)[0], dtype=np.int64)
    plain = [_NO_WORD.sub("", str(text)).casefold() or str(text).strip() for text in column.cat.categories]
    of_category = np.append(pd.factorize(np.array(plain, dtype=object))[0], -1)
    return np.asarray(of_category[column.cat.codes.to_numpy()] + 1, dtype=np.int64)
