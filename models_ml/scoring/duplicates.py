"""Records that are the same one twice: whoever is measured on one of them must not have learnt from the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models_ml.scoring.attributes import Attribute

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_COINCIDENCE: Final = 0.01


def groups(rows: pd.DataFrame, attributes: Sequence[Attribute]) -> Integers:
    """The number of each row's group of identical records, from 0 without gaps; most records are a group of their own.

    Two records are identical where all attributes of their first rows are, whatever became of them. Where few and
    coarse attributes are known, different records agree by chance: they count as identical only if fewer than .01
    records with those values would be expected were the attributes independent of one another.

    Args:
        rows: ``record_id`` and one column per attribute; the rows of a record in order of time.
        attributes: what to compare; none means that nothing can be told to be identical.
    """
    number, first = _records(rows["record_id"])
    if not attributes or not len(first):
        return number
    values = rows.iloc[first][[attribute.name for attribute in attributes]]
    content = pd.util.hash_pandas_object(values, index=False).to_numpy()
    is_chance = _expected(values) >= _COINCIDENCE
    _, group = np.unique(content, return_inverse=True)
    own = np.arange(len(first)) + len(first)
    return np.asarray(np.unique(np.where(is_chance, own, group), return_inverse=True)[1][number], dtype=np.int64)


def _records(record_id: pd.Series[str]) -> tuple[Integers, Integers]:
    """Each row's record by number, and each record's first row."""
    number, _ = pd.factorize(record_id)
    return number.astype(np.int64), np.unique(number, return_index=True)[1].astype(np.int64)


def _expected(values: pd.DataFrame) -> Floats:
    """How many records with each one's values there would be, by the share of each value alone."""
    logarithm = np.full(len(values), np.log(len(values)))
    for name in values:
        codes, _ = pd.factorize(values[name], use_na_sentinel=False)
        logarithm += np.log(np.bincount(codes) / len(codes))[codes]
    return np.asarray(np.exp(logarithm))
