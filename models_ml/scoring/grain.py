"""The grain check: whether what was loaded as records are lines of something larger, as the positions of an order are.

Lines of one deal share their outcome, their day, their customer. A model then learns to recognise the deal, and its
figures come out of nothing: AUC .83 was met on lines whose outcomes had been drawn by lot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from config.errors import GateNotPassed
from models_ml.scoring.dataset import Dataset
from models_ml.scoring.split import Split
from models_ml.threads import side_by_side

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_AGREEMENT: Final = 0.98
_LEAST_EXPECTED: Final = 20
_LEAST_COVERED: Final = 0.5
_LEAST_GROUPS: Final = 30
_LARGEST_MEAN: Final = 50
_ALIKE: Final = 0.9
_LEAST_ALIKE: Final = 2
_CONSTANT: Final = 0.95
_TOGETHER: Final = 0.3
_CREATED: Final = "created_at"
_SEED: Final = 20260630
_METRIC: Final = "agreement of the outcomes of records that belong together"


@dataclass(frozen=True)
class Lines:
    """Records that belong together and never disagree.

    Attributes:
        by: what they share: an attribute, or several where no column names the whole they belong to.
        wholes: number of groups of two and more records; ``records``: how many records lie in them.
        agreement: 1 - (pairs with different outcomes / as many as chance would have); 1 is never, 0 is chance.
        alike: other attributes that are the same within a group, although they vary among records of one outcome.
    """

    by: tuple[str, ...]
    wholes: int
    records: int
    agreement: float
    alike: tuple[str, ...]


def lines_read_as_records(dataset: Dataset, parts: Split) -> GateNotPassed | None:
    """Why nothing may be learnt from these records: they are lines; None where they are not."""
    found = find_lines(dataset, parts)
    if found is None:
        return None
    shared = found.by[0] if len(found.by) == 1 else f"{', '.join(found.by)} next to one another"
    is_named = len(found.by) == 1 and found.by[0] != _CREATED
    key = f"Map {found.by[0]}" if is_named else "Map the number of the whole (order, deal, quote)"
    because = (
        f"The records are lines of something larger: {found.records:,} of them form {found.wholes:,} groups with the "
        f"same {shared}, and within a group outcomes agree ({found.agreement:.0%} beyond chance) and so do "
        f"{', '.join(found.alike)}. A model would recognise the group and not the outcome. {key} as the key of the "
        "record in sources/<source>.yml, one row per record, or aggregate the lines before they are exported."
    )
    return GateNotPassed(dataset.score_name, _METRIC, found.agreement, _AGREEMENT, because)


def find_lines(dataset: Dataset, parts: Split) -> Lines | None:
    """The grouping of labelled records whose members share outcome and other attributes; None where there is none.

    Tried are the values of each attribute, the instant of creation, and runs of neighbours that agree in all attributes
    in which neighbours mostly agree.
    """
    labelled = dataset.rows[parts.labelled]
    rows = labelled[~labelled["record_id"].duplicated().to_numpy()]
    labels = rows["label"].to_numpy().astype(bool)
    names = [attribute.name for attribute in dataset.attributes]
    tried = (*names, _CREATED)
    codes = dict(zip(tried, side_by_side(lambda name: _codes(rows[name]), tried), strict=True))
    varying = {name: values for name, values in codes.items() if _most_frequent(values) <= _CONSTANT}
    partners = _partners(labels)
    found = [each for name, values in varying.items() if (each := _lines((name,), values, labels, varying, partners))]
    if found:
        return max(found, key=lambda each: (each.by != (_CREATED,), each.wholes))
    together = [name for name, values in varying.items() if _neighbours_agree(values, partners) >= _TOGETHER]
    if len(together) <= _LEAST_ALIKE:
        return None
    return _lines(tuple(together), _runs([varying[name] for name in together]), labels, varying, partners)


def _lines(
    by: tuple[str, ...], group: Integers, labels: Bools, varying: dict[str, Integers], partners: Integers
) -> Lines | None:
    """The finding, where this grouping has all marks of lines."""
    sizes = np.bincount(group[group >= 0])
    is_whole = (group >= 0) & (sizes[group] >= 2)
    wholes, records = int((sizes >= 2).sum()), int(is_whole.sum())
    if wholes < _LEAST_GROUPS or records < _LEAST_COVERED * len(group) or records > _LARGEST_MEAN * wholes:
        return None
    agreement = _agreement(group[is_whole], labels[is_whole], is_in_order=len(by) > 1)
    if agreement < _AGREEMENT:
        return None
    first, second = _pairs(group, is_whole)
    alike = [name for name, values in varying.items() if _alike(values, partners, first, second) >= _ALIKE]
    others = tuple(name for name in alike if name not in by or len(by) > 1)
    return Lines(by, wholes, records, agreement, others) if len(others) >= _LEAST_ALIKE else None


def _agreement(group: Integers, labels: Bools, *, is_in_order: bool) -> float:
    """How much rarer pairs of different outcomes are within groups than by chance; 0 where too few are to be expected.

    Each group counts as one. Chance is a pair from different groups; where groups are runs in order of time, from
    groups next to one another, so that a file sorted by outcome is not taken for one of lines.
    """
    _, number = np.unique(group, return_inverse=True)
    size, positive = np.bincount(number), np.bincount(number, labels)
    different = (positive * (size - positive) / (size * (size - 1) / 2)).sum()
    share = positive / size
    if is_in_order:
        of_chance = (share[1:] * (1 - share[:-1]) + share[:-1] * (1 - share[1:])).mean()
    else:
        of_chance = 2 * share.mean() * (1 - share.mean())
    expected = of_chance * len(size)
    return float(1 - different / expected) if expected >= _LEAST_EXPECTED else 0.0


def _pairs(group: Integers, is_whole: Bools) -> tuple[Integers, Integers]:
    """The first two records of each group."""
    rows = np.flatnonzero(is_whole)
    rows = rows[np.argsort(group[rows], kind="stable")]
    _, begin = np.unique(group[rows], return_index=True)
    return rows[begin], rows[begin + 1]


def _alike(values: Integers, partners: Integers, first: Integers, second: Integers) -> float:
    """How often two records have the same value, beyond what two records of the same outcome have by chance, 0-1."""
    by_chance = float((values == values[partners]).mean())
    if by_chance > _CONSTANT:
        return 0.0
    return float(((values[first] == values[second]).mean() - by_chance) / (1 - by_chance))


def _neighbours_agree(values: Integers, partners: Integers) -> float:
    number = np.arange(len(values), dtype=np.int64)
    return _alike(values, partners, number[:-1], number[1:]) if len(values) > 1 else 0.0


def _partners(labels: Bools) -> Integers:
    """For each record one with the same outcome, drawn by lot (seeded): each is drawn once."""
    random = np.random.default_rng(_SEED)
    partners = np.empty(len(labels), dtype=np.int64)
    for side in (np.flatnonzero(labels), np.flatnonzero(~labels)):
        partners[side] = random.permutation(side)
    return partners


def _runs(columns: list[Integers]) -> Integers:
    """The number of each row's run of rows with the same values in all columns."""
    changes = np.any([np.diff(column) != 0 for column in columns], axis=0)
    return np.concatenate([[0], np.cumsum(changes)]).astype(np.int64)


def _codes(values: pd.Series[str]) -> Integers:
    """Values as numbers from 0; -1 is empty."""
    return np.asarray(pd.factorize(values)[0], dtype=np.int64)


def _most_frequent(values: Integers) -> float:
    """The share of the most frequent value, empty included."""
    return float(np.bincount(values + 1).max() / len(values)) if len(values) else 1.0
