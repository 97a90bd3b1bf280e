"""What the data say about one attribute: how it ranks alone, where it is filled, what its values are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models_ml import metrics
from models_ml.scoring.attributes import Attribute
from models_ml.scoring.dataset import Dataset
from models_ml.scoring.encoding import Encoder
from models_ml.scoring.split import Split, record_numbers, record_weights

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_FOLDS: Final = 5
_SMOOTHING: Final = 10
_PURE: Final = 0.99
_LEAST_RECORDS: Final = 20
_LEAST_COMPARED: Final = 30
_NEWEST_CLOSED: Final = 200
_TIMES: Final = 5
_EXPECTED: Final = 5
_BALANCED: Final = (0.1, 0.9)
_OWN_VALUE: Final = 0.5
_MANY_VALUES: Final = 50


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
        if self.is_comparable:
            parts.append(f"filled on {self.closed:.0%} of closed and {self.open:.0%} of open records")
            parts.append(f"shift {self.shift:.2f}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Ground:
    """What all attributes of a dataset are held against; made once.

    Attributes:
        rows: all rows; ``older``: the rows to learn from, whose ``labels``, ``weights`` and ``folds`` follow.
        labelled: rows with a known outcome; ``first_labelled``: one per record.
        closed, open: one row per record, as early in its life as is known: the newest decided ones, and the undecided
            ones of their time.
        times: the row numbers of all decided and undecided records, cut into times with enough of both.
    """

    rows: pd.DataFrame
    older: Bools
    labels: Bools
    weights: Floats
    folds: Integers
    labelled: Bools
    first_labelled: Bools
    closed: Bools
    open: Bools
    times: tuple[tuple[Integers, Integers], ...]

    @classmethod
    def of(cls, dataset: Dataset, parts: Split) -> Ground:
        """Choose the rows to compare."""
        rows = dataset.rows
        records = rows["record_id"].to_numpy()[parts.older]
        earliest = ~rows.duplicated("record_id").to_numpy()
        decided = rows["outcome"].isin(["positive", "negative"]).to_numpy()
        all_closed, all_open = earliest & decided, earliest & (rows["outcome"] == "open").to_numpy()
        closed, undecided = _contemporaries(all_closed, all_open)
        return cls(
            rows,
            parts.older,
            rows["label"].to_numpy()[parts.older].astype(bool),
            record_weights(records),
            record_numbers(records) % _FOLDS,
            parts.labelled,
            parts.labelled & ~rows["record_id"].where(parts.labelled).duplicated().to_numpy(),
            closed,
            undecided,
            _times(all_closed, all_open),
        )


def gather(ground: Ground, attribute: Attribute) -> Evidence:
    """Measure one attribute."""
    values = ground.rows[[attribute.name]]
    filled = values[attribute.name].notna().to_numpy()
    auc_alone, missing_auc, pure_share = _against_outcome(ground, values, attribute, filled)
    is_comparable = min(ground.closed.sum(), ground.open.sum()) >= _LEAST_COMPARED
    apart, shift = _difference(ground, values, attribute) if is_comparable else (0.0, 0.0)
    labelled = values[attribute.name][ground.labelled]
    of_records = values[attribute.name][ground.first_labelled].dropna()
    return Evidence(
        attribute,
        auc_alone,
        missing_auc,
        pure_share,
        _share(filled[ground.open]) if is_comparable else None,
        _share(filled[ground.closed]) if is_comparable else None,
        apart,
        shift,
        int(labelled.nunique()),
        1 - (_share(filled[ground.labelled]) or 0.0),
        _is_identifier(of_records, attribute),
    )


def _contemporaries(closed: Bools, undecided: Bools) -> tuple[Bools, Bools]:
    """The newest closed records and the open ones of their time: an attribute may simply be newer than old records."""
    number = max(_NEWEST_CLOSED, int(undecided.sum()))
    newest = np.flatnonzero(closed)[-number:]
    is_recent = np.arange(len(closed)) >= (newest[0] if len(newest) else 0)
    recent_open = undecided & is_recent
    return closed & is_recent, recent_open if recent_open.sum() >= _LEAST_COMPARED else undecided


def _times(closed: Bools, undecided: Bools) -> tuple[tuple[Integers, Integers], ...]:
    """Closed and open records, by row number, of up to five times with enough of both; all as one where none has."""
    of_closed, of_open = np.flatnonzero(closed), np.flatnonzero(undecided)
    if not len(of_closed) or not len(of_open):
        return ()
    edges = np.quantile(of_open, np.arange(1, _TIMES) / _TIMES)
    both = [(rows, np.searchsorted(edges, rows)) for rows in (of_closed, of_open)]
    times = [tuple(rows[time == number] for rows, time in both) for number in range(_TIMES)]
    enough = tuple((left, right) for left, right in times if min(len(left), len(right)) >= _LEAST_COMPARED)
    return enough or ((of_closed, of_open),)


def _against_outcome(
    ground: Ground, values: pd.DataFrame, attribute: Attribute, filled: Bools
) -> tuple[float | None, float, float]:
    """AUC alone, AUC of being filled, and the largest share of an outcome in pure values, on the older part."""
    if attribute.kind == "date" or len(np.unique(ground.labels)) < 2:
        return None, 0.5, 0.0
    older = values[ground.older]
    encoder = Encoder.fit(older, [attribute])
    codes, width = encoder.codes(older)[0], encoder.width(0)
    auc_alone = metrics.auc(ground.labels, _cross_fitted(ground, codes, width), ground.weights)
    missing = metrics.auc(ground.labels, filled[ground.older].astype(np.float64), ground.weights) or 0.5
    return (
        None if auc_alone is None else max(auc_alone, 0.5),
        max(missing, 1 - missing),
        _pure_share(ground, codes, width),
    )


def _cross_fitted(ground: Ground, codes: Integers, width: int) -> Floats:
    """Each row's value as the smoothed share of positives among the records of the other folds with that value."""
    shares = np.empty(len(codes))
    for fold in range(_FOLDS):
        inside = ground.folds == fold
        weights, labels = ground.weights[~inside], ground.labels[~inside]
        total = np.bincount(codes[~inside], weights, width)
        positive = np.bincount(codes[~inside], weights * labels, width)
        prior = positive.sum() / max(total.sum(), 1)
        shares[inside] = ((positive + _SMOOTHING * prior) / (total + _SMOOTHING))[codes[inside]]
    return shares


def _pure_share(ground: Ground, codes: Integers, width: int) -> float:
    """0 where one outcome is so rare that values without it mean nothing."""
    total = np.bincount(codes, ground.weights, width)
    positive = np.bincount(codes, ground.weights * ground.labels, width)
    if not _BALANCED[0] <= positive.sum() / total.sum() <= _BALANCED[1]:
        return 0.0
    share = positive / np.maximum(total, 1e-9)
    enough = total >= _LEAST_RECORDS
    of_positive = positive[enough & (share >= _PURE)].sum() / positive.sum()
    of_negative = (total - positive)[enough & (share <= 1 - _PURE)].sum() / (total - positive).sum()
    return float(max(of_positive, of_negative))


def _difference(ground: Ground, values: pd.DataFrame, attribute: Attribute) -> tuple[float, float]:
    """How much of either side has common values the other lacks, and the distance of both beyond chance.

    Both are taken among records of the same time and averaged over times, so that seasons make no difference.
    """
    if attribute.kind == "date":
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
    steps = np.diff(numbers)
    is_running = bool((steps > 0).all() or (steps < 0).all())
    digits = np.unique(np.floor(np.log10(np.maximum(np.abs(numbers), 1))))
    return bool((numbers == np.floor(numbers)).all() and (is_running or (len(digits) == 1 and digits[0] >= 5)))


def _share(mask: Bools) -> float | None:
    return float(mask.mean()) if len(mask) else None
