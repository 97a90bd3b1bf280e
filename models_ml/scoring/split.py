"""Cut forward in time: learn from the older records, measure on the newest. A record is never on both sides."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models_ml.scoring.dataset import Dataset
from models_ml.scoring.duplicates import groups

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_MOST_WINDOWS: Final = 5
_TESTED_SHARE: Final = 0.6
_LEAST_IN_WINDOW: Final = 25
_LEAST_TO_LEARN: Final = 20
_NEWER_LABEL: Final = "outcome known only after the hold-out begins (embargo)"
_REPEATED: Final = "the same as a held-out record in all attributes: not measured on what was learnt"


@dataclass(frozen=True)
class Split:
    """Which rows of a dataset are for what. All masks have one entry per row of the dataset.

    Attributes:
        labelled: rows with a known outcome inside the training window; the final model learns from all of them.
        older: those that the evaluation model learns from.
        newer: the hold-out.
        holdout_from: the day the first held-out record was created; None where no dates are known.
        fell_out: why rows are in neither part, and how many.
        group: the number of each row's group of identical records.
        because: why there is no hold-out; empty where there is one.
        place: each row's place in time, nan where unknown; empty where there is no hold-out.
    """

    labelled: Bools
    older: Bools
    newer: Bools
    holdout_from: date | None
    fell_out: tuple[tuple[str, int], ...]
    group: Integers
    because: str = ""
    place: Floats = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True)
class Window:
    """A stretch of the past to be predicted from what was known before it. Masks have one entry per row.

    Attributes:
        older: rows to learn from.
        newer: rows of the records created in the window.
        begins: the day the first of these was created; None where no dates are known.
    """

    older: Bools
    newer: Bools
    begins: date | None


def split(dataset: Dataset, holdout_share: float, training_window: int | Literal["all"]) -> Split:
    """Hold out the newest matured records.

    A record is matured when one of its rows has a label. Records are ordered by ``created_at``, or by ``record_order``
    where a creation date is unknown; those created at the same instant stay together. A row of an older record whose
    label became known only after the first held-out record was created is left out (embargo): on that day nobody
    could have learnt from it.

    A record that is identical to a held-out one is left out of the older part, so that the hold-out stays what it is,
    the newest records as they come, and nobody is measured on what was learnt by heart. (Were held-out ones moved among
    the older, outcomes would be learnt before they were known; the other way round, the hold-out would not be the
    newest.)

    Args:
        dataset: all rows of the day.
        holdout_share: the share of matured records to hold out, 0-1.
        training_window: days of history back from the day, or 'all', which drops nothing.
    """
    rows = dataset.rows
    has_label = rows["label"].notna().to_numpy()
    in_window = _in_window(rows, dataset.day, training_window)
    labelled = has_label & in_window
    fell_out = _censored(rows) + _count(has_label & ~in_window, f"older than the training window ({training_window})")
    group = groups(rows, dataset.attributes)
    order, is_dated = _order(rows)
    placed = labelled & ~np.isnan(order)
    fell_out += _count(labelled & ~placed, "neither created_at nor record_order: no place in time")
    first = _first_held_out(order[placed], rows["record_id"][placed], holdout_share)
    if first is None:
        nothing = np.zeros(len(rows), dtype=bool)
        because = "the records cannot be put in order of time, so nothing newer can be held out"
        return Split(labelled, nothing, nothing, None, tuple(fell_out), group, because)
    newer = placed & (order >= first)
    begins = _begins(rows, newer, is_dated=is_dated)
    older = placed & ~newer
    embargoed = older & _known_later(rows, begins)
    fell_out += _count(embargoed, _NEWER_LABEL)
    older &= ~embargoed
    repeated = older & np.isin(group, group[newer])
    fell_out += _count(repeated, _REPEATED)
    older &= ~repeated
    return Split(labelled, older, newer, begins, tuple(fell_out), group, place=order)


def windows(dataset: Dataset, parts: Split) -> tuple[Window, ...]:
    """Cut the newest 60 % of the records before the hold-out into up to five windows of equally many, oldest first.

    Each is treated as the hold-out is: outcomes known only after it begins are not learnt from, nor are records that
    are identical to one in it. There are as many windows as give each 25 records of the rarer outcome; one that has
    fewer than 20 records of either outcome to learn from, or to predict, is left out. All rows of the window's records
    are predicted, also those whose outcome became known after the hold-out began: were they left out, the slow ones
    would be missing.
    """
    if not len(parts.place):
        return ()
    rows = dataset.rows
    placed = parts.labelled & ~np.isnan(parts.place) & ~parts.newer
    places = parts.place[placed][~rows["record_id"][placed].duplicated().to_numpy()]
    number = min(int(_TESTED_SHARE * rarer(rows, placed)) // _LEAST_IN_WINDOW, _MOST_WINDOWS)
    if number < 1:
        return ()
    shares = 1 - _TESTED_SHARE + _TESTED_SHARE * np.arange(number) / number
    edges = np.unique(np.quantile(places, shares, method="higher"))
    found = []
    for begin, end in pairwise([*edges[edges > places.min()], np.inf]):
        newer = placed & (parts.place >= begin) & (parts.place < end)
        begins = _begins(rows, newer, is_dated=parts.holdout_from is not None)
        older = placed & (parts.place < begin) & ~_known_later(rows, begins)
        older &= ~np.isin(parts.group, parts.group[newer])
        if rarer(rows, older) >= _LEAST_TO_LEARN and rarer(rows, newer) >= _LEAST_TO_LEARN:
            found.append(Window(older, newer, begins))
    return tuple(found)


def record_weights(records: pd.Series[str]) -> Floats:
    """1/n for each of the n rows of a record: every record weighs 1."""
    number, _ = pd.factorize(records)
    return np.asarray(1.0 / np.bincount(number)[number])


def record_numbers(records: pd.Series[str]) -> NDArray[np.int64]:
    """The number of each row's record, from 0 without gaps, in the order of their names."""
    return np.asarray(pd.factorize(records, sort=True)[0], dtype=np.int64)


def _in_window(rows: pd.DataFrame, day: date, training_window: int | Literal["all"]) -> Bools:
    if training_window == "all":
        return np.ones(len(rows), dtype=bool)
    begin = pd.Timestamp(day - timedelta(days=training_window))
    return np.asarray(rows["as_of_date"] > begin)


def _order(rows: pd.DataFrame) -> tuple[Floats, bool]:
    """Each row's place in time (nan: unknown), and whether that place is a date.

    Dates and numbers do not mix: where any labelled record lacks its date and all have a number, the number counts.
    """
    labelled = rows["label"].notna()
    created, number = rows["created_at"], rows["record_order"]
    if created[labelled].isna().any() and number[labelled].notna().all():
        return number.to_numpy(dtype=np.float64, na_value=np.nan), False
    seconds = (created - pd.Timestamp(0)).dt.total_seconds()
    return seconds.to_numpy(dtype=np.float64, na_value=np.nan), True


def _first_held_out(order: Floats, records: pd.Series[str], share: float) -> float | None:
    """The least place in time that is held out, such that the share held out is nearest to the one wanted."""
    places, counts = np.unique(order[~records.duplicated().to_numpy()], return_counts=True)
    if len(places) < 2:
        return None
    held_out = counts[::-1].cumsum()[::-1] / counts.sum()
    return float(places[1:][np.argmin(np.abs(held_out[1:] - share))])


def _begins(rows: pd.DataFrame, newer: Bools, *, is_dated: bool) -> date | None:
    """The day the first of these records was created."""
    return pd.Timestamp(rows["created_at"][newer].min()).date() if is_dated and newer.any() else None


def _known_later(rows: pd.DataFrame, begins: date | None) -> Bools:
    """Rows whose outcome was not yet known on that day (embargo)."""
    if begins is None:
        return np.zeros(len(rows), dtype=bool)
    return np.asarray(rows["label_known_on"] > pd.Timestamp(begins))


def rarer(rows: pd.DataFrame, mask: Bools) -> int:
    """How many records of the rarer outcome the masked rows hold; one with a positive row counts as positive."""
    ever_positive = rows["label"][mask].astype(bool).groupby(rows["record_id"][mask], observed=True).any()
    return int(min(ever_positive.sum(), (~ever_positive).sum()))


def _censored(rows: pd.DataFrame) -> list[tuple[str, int]]:
    """Rows without a label, by reason."""
    reasons = rows["censored_because"][rows["label"].isna()].astype(str).value_counts()
    return [(str(reason), int(reasons[reason])) for reason in sorted(reasons.index)]


def _count(mask: Bools, reason: str) -> list[tuple[str, int]]:
    return [(reason, int(mask.sum()))] if mask.any() else []
