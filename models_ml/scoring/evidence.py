"""What the data say about one attribute: how it ranks alone, where it is filled, what its values are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models_ml import metrics
from models_ml.scoring.attributes import Attribute
from models_ml.scoring.encoding import Encoder
from models_ml.scoring.ground import FOLDS, Ground
from models_ml.scoring.hindsight import Closings, gain
from models_ml.scoring.restated import restated

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_SMOOTHING: Final = 10
_PURE: Final = 0.99
_LEAST_RECORDS: Final = 20
_EXPECTED: Final = 5
_BALANCED: Final = (0.1, 0.9)
_OWN_VALUE: Final = 0.5
_MANY_VALUES: Final = 50
_TOLD: Final = 0.5


@dataclass(frozen=True)
class Evidence:
    """Measurements of one attribute. Shares are 0-1 and count records, not rows.

    Attributes:
        auc_alone: AUC of the attribute alone, cross-fitted on the older part; .5 says nothing (less comes by chance and
            is shown as .5), 1 says all.
        missing_auc: AUC of whether it is filled, in whichever direction is above .5.
        pure_share: the largest share of one outcome that lies in values of (almost) that outcome alone.
        filled_open, filled_closed: share of open and of the newest closed records on which it is filled, at the same
            age where ages are known; None where there are no such records.
        apart: share of closed (or of open) records whose value is common there and absent on the other side, among
            records of the same time.
        shift: total variation distance between closed and open records of the same time, beyond chance, 0-1.
        values: number of different values.
        missing_share: share of labelled rows on which it is empty.
        is_identifier: whether nearly every record has a value of its own.
        restated: how much of the outcome is known from the value, 0-1, counting what became of a record in the end.
        hindsight_share: share of the rows to learn from whose values may be later than their day.
        hindsight_gain: how much better it ranks on these than on the others, in AUC beyond chance.
        changed: share of closings, where history has seen them, that changed its value; None where it has not.
    """

    attribute: Attribute
    auc_alone: float | None
    missing_auc: float
    pure_share: float
    filled_open: float | None
    filled_closed: float | None
    apart: float
    shift: float
    values: int
    missing_share: float
    is_identifier: bool
    restated: float
    hindsight_share: float
    hindsight_gain: float
    changed: float | None

    @property
    def is_comparable(self) -> bool:
        """Whether there are enough open and closed records to compare."""
        return self.filled_open is not None and self.filled_closed is not None

    @property
    def open(self) -> float:
        """Share of open records on which it is filled; 0 where there are too few."""
        return self.filled_open or 0.0

    @property
    def closed(self) -> float:
        """Share of closed records on which it is filled; 0 where there are too few."""
        return self.filled_closed or 0.0

    @property
    def fill_gap(self) -> float:
        """How far both shares lie apart; 0 where they cannot be compared."""
        return abs(self.open - self.closed) if self.is_comparable else 0.0

    def told(self) -> str:
        """The measurements in one line."""
        parts = [f"{self.values} values", f"empty on {self.missing_share:.0%}"]
        if self.auc_alone is not None:
            parts += [f"AUC alone {self.auc_alone:.3f}", f"AUC of being filled {self.missing_auc:.3f}"]
        if self.pure_share > 0:
            parts.append(f"{self.pure_share:.0%} of an outcome in pure values")
        if self.restated >= _TOLD:
            parts.append(f"{self.restated:.0%} of the outcome known from it")
        if self.is_comparable:
            parts.append(f"filled on {self.closed:.0%} of closed and {self.open:.0%} of open records")
            parts.append(f"shift {self.shift:.2f}")
        if self.hindsight_gain > 0:
            parts.append(f"AUC higher by {self.hindsight_gain:.2f} in hindsight")
        if self.changed is not None:
            parts.append(f"changed by {self.changed:.0%} of closings")
        return ", ".join(parts)


def gather(ground: Ground, attribute: Attribute, closings: Closings) -> Evidence:
    """Measure one attribute."""
    values = ground.rows[[attribute.name]]
    filled = values[attribute.name].notna().to_numpy()
    against = _against_outcome(ground, values, attribute)
    is_comparable = ground.is_comparable
    apart, shift = _difference(ground, values, attribute) if is_comparable else (0.0, 0.0)
    labelled = values[attribute.name][ground.labelled]
    of_records = values[attribute.name][ground.first_labelled].dropna()
    return Evidence(
        attribute,
        auc_alone=against.auc_alone,
        missing_auc=against.missing_auc,
        pure_share=against.pure_share,
        filled_open=_share(filled[ground.open]) if is_comparable else None,
        filled_closed=_share(filled[ground.closed]) if is_comparable else None,
        apart=apart,
        shift=shift,
        values=int(labelled.nunique()),
        missing_share=1 - (_share(filled[ground.labelled]) or 0.0),
        is_identifier=_is_identifier(of_records, attribute),
        restated=against.restated,
        hindsight_share=ground.hindsight_share,
        hindsight_gain=against.hindsight_gain,
        changed=closings.share(attribute),
    )


@dataclass(frozen=True)
class _Against:
    """What was measured against the outcome on the older part; see ``Evidence``."""

    auc_alone: float | None = None
    missing_auc: float = 0.5
    pure_share: float = 0.0
    restated: float = 0.0
    hindsight_gain: float = 0.0


def _against_outcome(ground: Ground, values: pd.DataFrame, attribute: Attribute) -> _Against:
    if attribute.kind == "date" or len(np.unique(ground.labels)) < 2:
        return _Against()
    older = values[ground.older]
    encoder = Encoder.fit(older, [attribute])
    codes = encoder.codes(older)[0]
    counted = _counted(ground, codes, encoder.width(0))
    # A row for each cell of the count stands for all rows in it: what ranks by code and fold ranks these alike.
    is_positive, code, fold, is_hindsight = np.indices(counted.shape).reshape(4, -1)
    labels, weights, ranking = is_positive == 1, counted.ravel(), _cross_fitted(counted)[code, fold]
    auc_alone = metrics.auc(labels, ranking, weights)
    missing = metrics.auc(labels, np.minimum(code, 1).astype(np.float64), weights) or 0.5
    bins = codes if attribute.kind == "number" else np.zeros_like(codes)
    return _Against(
        None if auc_alone is None else max(auc_alone, 0.5),
        max(missing, 1 - missing),
        _pure_share(*counted.sum(axis=(2, 3))),
        restated(older[attribute.name], bins, (ground.labels.astype(np.float64), ground.won), ground.weights),
        gain(labels, ranking, weights, is_hindsight == 1),
    )


def _counted(ground: Ground, codes: Integers, width: int) -> Floats:
    """The weight of the rows to learn from by outcome (0, 1), code (0 is empty), fold and hindsight (0, 1)."""
    shape = (2, width, FOLDS, 2)
    cells = np.ravel_multi_index((ground.labels.astype(np.int64), codes, ground.folds, ground.hindsight), shape)
    counted: Floats = np.bincount(cells, ground.weights, int(np.prod(shape))).astype(np.float64)
    return counted.reshape(shape)


def _cross_fitted(counted: Floats) -> Floats:
    """Per code and fold the smoothed share of positives among the records of the other folds with that code."""
    of_fold = counted.sum(axis=3)
    negative, positive = of_fold.sum(axis=2, keepdims=True) - of_fold
    total = negative + positive
    prior = positive.sum(axis=0) / np.maximum(total.sum(axis=0), 1)
    return np.asarray((positive + _SMOOTHING * prior) / (total + _SMOOTHING))


def _pure_share(negative: Floats, positive: Floats) -> float:
    """0 where one outcome is so rare that values without it mean nothing. Each outcome's weight by code."""
    total = negative + positive
    if not _BALANCED[0] <= positive.sum() / total.sum() <= _BALANCED[1]:
        return 0.0
    share = positive / np.maximum(total, 1e-9)
    enough = total >= _LEAST_RECORDS
    of_positive = positive[enough & (share >= _PURE)].sum() / positive.sum()
    of_negative = negative[enough & (share <= 1 - _PURE)].sum() / negative.sum()
    return float(max(of_positive, of_negative))


def _difference(ground: Ground, values: pd.DataFrame, attribute: Attribute) -> tuple[float, float]:
    """How much of either side has common values the other lacks, and the distance of both beyond chance.

    Both are taken among records of the same time and averaged over times, so that seasons make no difference.
    """
    if attribute.kind == "date" or attribute.tells_the_time:
        return 0.0, 0.0
    compared = np.concatenate([side for time in ground.times for side in time])
    encoder = Encoder.fit(values.iloc[compared], [attribute])
    codes, width = encoder.codes(values)[0], encoder.width(0)
    apart, shifts, weights = [], [], []
    for closed, undecided in ground.times:
        counts = [np.bincount(codes[side], minlength=width) for side in (closed, undecided)]
        apart.append(max(_lacking(*counts), _lacking(*counts[::-1])))
        shifts.append(_distance(*counts))
        weights.append(len(undecided))
    return float(np.average(apart, weights=weights)), float(np.average(shifts, weights=weights))


def _lacking(these: Integers, others: Integers) -> float:
    """The share of these records whose value no other record has although five would be expected to."""
    share = these / these.sum()
    return float(share[(others == 0) & (share * others.sum() >= _EXPECTED)].sum())


def _distance(these: Integers, others: Integers) -> float:
    """Total variation distance beyond the one that two draws from one distribution have on average.

    Chance and a real difference add up in squares, so that is how chance is taken away.
    """
    both = (these + others) / (these.sum() + others.sum())
    spread = np.sqrt(2 / np.pi * both * (1 - both) * (1 / these.sum() + 1 / others.sum())).sum() / 2
    distance = np.abs(these / these.sum() - others / others.sum()).sum() / 2
    return float(np.sqrt(max(distance**2 - spread**2, 0)))


def _is_identifier(values: pd.Series[str], attribute: Attribute) -> bool:
    """Whether nearly every record has a value of its own.

    Categories: more values than half of the records. Custom numbers: whole, all different, and either running or of
    equal length, as keys and telephone numbers are.
    """
    different = values.nunique()
    if different < _MANY_VALUES:
        return False
    if attribute.kind == "category":
        return bool(different > _OWN_VALUE * len(values))
    if attribute.kind != "number" or attribute.key is None or different < len(values):
        return False
    numbers = values.to_numpy(dtype=np.float64)
    if not np.isfinite(numbers).all():
        return False
    steps = np.diff(numbers)
    is_running = bool((steps > 0).all() or (steps < 0).all())
    digits = np.unique(np.floor(np.log10(np.maximum(np.abs(numbers), 1))))
    return bool((numbers == np.floor(numbers)).all() and (is_running or (len(digits) == 1 and digits[0] >= 5)))


def _share(mask: Bools) -> float | None:
    return float(mask.mean()) if len(mask) else None
