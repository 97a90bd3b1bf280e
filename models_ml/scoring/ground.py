"""What all attributes are held against: which rows are compared with which; made once per dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models_ml.scoring.dataset import Dataset
from models_ml.scoring.split import Split, record_weights

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FOLDS: Final = 5
_LEAST_COMPARED: Final = 30
_NEWEST_CLOSED: Final = 200
_TIMES: Final = 5
_FORGOTTEN: Final = 0.25


@dataclass(frozen=True)
class Ground:
    """What all attributes of a dataset are held against; made once.

    Attributes:
        rows: all rows; ``older``: the rows to learn from, whose ``labels``, ``weights`` and ``folds`` follow, what
            became of them in the end (``won``; nan where undecided), and whether their values may be later than their
            day (``hindsight``). Identical records share a fold.
        labelled: rows with a known outcome; ``first_labelled``: one per record.
        closed, open: one row per record, as early in its life as is known: the newest decided ones, and the undecided
            ones of their time.
        times: the row numbers of all decided and undecided records since the open ones begin, cut into times with
            enough of both.
    """

    rows: pd.DataFrame
    older: Bools
    labels: Bools
    weights: Floats
    folds: Integers
    won: Floats
    hindsight: Bools
    labelled: Bools
    first_labelled: Bools
    closed: Bools
    open: Bools
    times: tuple[tuple[Integers, Integers], ...]

    @classmethod
    def of(cls, dataset: Dataset, parts: Split) -> Ground:
        """Choose the rows to compare."""
        rows = dataset.rows
        earliest = ~rows.duplicated("record_id").to_numpy()
        decided = rows["outcome"].isin(["positive", "negative"]).to_numpy()
        all_closed, all_open = earliest & decided, earliest & (rows["outcome"] == "open").to_numpy()
        closed, undecided = _contemporaries(all_closed, all_open)
        return cls(
            rows,
            parts.older,
            rows["label"].to_numpy()[parts.older].astype(bool),
            record_weights(rows["record_id"][parts.older]),
            parts.group[parts.older] % FOLDS,
            np.where(decided, (rows["outcome"] == "positive").to_numpy(), np.nan)[parts.older],
            rows["is_hindsight"].to_numpy(dtype=bool)[parts.older],
            parts.labelled,
            parts.labelled & ~rows["record_id"].where(parts.labelled).duplicated().to_numpy(),
            closed,
            undecided,
            _times(all_closed, all_open),
        )

    @property
    def is_comparable(self) -> bool:
        """Whether there are enough open and closed records to compare."""
        return bool(min(self.closed.sum(), self.open.sum()) >= _LEAST_COMPARED)

    @property
    def hindsight_share(self) -> float:
        """The share (0-1) of the rows to learn from whose values may be later than their day."""
        return float(self.hindsight.mean()) if len(self.hindsight) else 0.0


def _contemporaries(closed: Bools, undecided: Bools) -> tuple[Bools, Bools]:
    """The newest closed records and the open ones of their time: an attribute may simply be newer than old records."""
    number = max(_NEWEST_CLOSED, int(undecided.sum()))
    begin = max(_newest(closed, number), _begin(closed, undecided))
    is_recent = np.arange(len(closed)) >= begin
    recent_open = undecided & is_recent
    return closed & is_recent, recent_open if recent_open.sum() >= _LEAST_COMPARED else undecided


def _begin(closed: Bools, undecided: Bools) -> int:
    """The row with which the time of the open records begins, but for the oldest quarter: some were forgotten long ago.

    It begins earlier where fewer records were closed since than are open: at least 30 are compared, and 200 are enough.
    """
    of_open = np.flatnonzero(undecided)
    wanted = int(np.clip(len(of_open), _LEAST_COMPARED, _NEWEST_CLOSED))
    return min(int(np.quantile(of_open, _FORGOTTEN)) if len(of_open) else 0, _newest(closed, wanted))


def _newest(closed: Bools, number: int) -> int:
    """The first row of so many newest closed records."""
    newest = np.flatnonzero(closed)[-number:]
    return int(newest[0]) if len(newest) else 0


def _times(closed: Bools, undecided: Bools) -> tuple[tuple[Integers, Integers], ...]:
    """Closed and open records, by row number, of up to five times with enough of both; all as one where none has."""
    begin = _begin(closed, undecided)
    of_closed, of_open = (begin + np.flatnonzero(side[begin:]) for side in (closed, undecided))
    if not len(of_closed) or not len(of_open):
        return ()
    edges = np.quantile(of_open, np.arange(1, _TIMES) / _TIMES)
    both = [(rows, np.searchsorted(edges, rows)) for rows in (of_closed, of_open)]
    times = [tuple(rows[time == number] for rows, time in both) for number in range(_TIMES)]
    enough = tuple((left, right) for left, right in times if min(len(left), len(right)) >= _LEAST_COMPARED)
    return enough or ((of_closed, of_open),)
