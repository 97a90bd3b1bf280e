"""What records looked like when a model was measured: counts of values and scores, kept beside the model.

Kept, and not computed again from the warehouse: when a source or a mapping is changed for the past as well, the past
of today is no longer what the model has learnt from. Only counts are kept, no records.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FILE: Final = "baseline.json"
_LEAST_OF_AGE: Final = 30
_SCORE_BINS: Final = 10

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Baseline:
    """The records that a model was measured on, each at one age.

    Attributes:
        ages: days from creation to the day a record was looked at, ascending; what follows has one row per age.
        newest: the last day on which one of them was looked at; what is compared with them is newer.
        counts: per attribute, in the encoder's order, ages x codes.
        edges: inner edges of the tenths of the probability; ``scores``: ages x tenths; ``score_sums``: per age the sum
            of probabilities.
    """

    ages: tuple[int, ...]
    newest: date
    counts: tuple[Integers, ...]
    edges: Floats
    scores: Integers
    score_sums: Floats

    @classmethod
    def of(
        cls, rows: pd.DataFrame, codes: Sequence[Integers], widths: Sequence[int], probabilities: Floats
    ) -> Baseline | None:
        """Count the records; None where none has a date, or too few of any age.

        Args:
            rows: record_id, created_at and as_of_date of each row.
            codes: per attribute the code of each row.
            widths: per attribute how many codes there are.
            probabilities: of each row, 0-1.
        """
        age = days_old(rows)
        values, times = np.unique(age[~np.isnan(age)], return_counts=True)
        ages = tuple(int(value) for value in values[times >= _LEAST_OF_AGE])
        number = drawn_age(rows["record_id"], age, ages)
        use = number >= 0
        if not use.any():
            return None
        edges = np.unique(np.quantile(probabilities[use], np.arange(1, _SCORE_BINS) / _SCORE_BINS))
        return cls(
            ages,
            pd.Timestamp(rows["as_of_date"][use].max()).date(),
            tuple(_counts(number, code, use, (len(ages), width)) for code, width in zip(codes, widths, strict=True)),
            edges,
            _counts(number, np.searchsorted(edges, probabilities), use, (len(ages), len(edges) + 1)),
            np.bincount(number[use], probabilities[use], len(ages)).astype(np.float64),
        )

    def save(self, folder: Path) -> None:
        """Write it as JSON beside the model."""
        saved = {
            "ages": self.ages,
            "newest": self.newest.isoformat(),
            "counts": [counts.tolist() for counts in self.counts],
            "edges": self.edges.tolist(),
            "scores": self.scores.tolist(),
            "score_sums": self.score_sums.tolist(),
        }
        (folder / FILE).write_text(json.dumps(saved), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Baseline | None:
        """Read what ``save`` wrote; None where nothing was."""
        if not (folder / FILE).exists():
            return None
        saved: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return cls(
            tuple(saved["ages"]),
            date.fromisoformat(saved["newest"]),
            tuple(np.array(counts, dtype=np.int64) for counts in saved["counts"]),
            np.array(saved["edges"], dtype=np.float64),
            np.array(saved["scores"], dtype=np.int64),
            np.array(saved["score_sums"], dtype=np.float64),
        )


def days_old(rows: pd.DataFrame) -> Floats:
    """How many days after its creation each row looks at its record; nan where that is not known."""
    created = pd.to_datetime(rows["created_at"]).dt.normalize()
    days = (pd.to_datetime(rows["as_of_date"]) - created) / pd.Timedelta(days=1)
    return np.asarray(days.to_numpy(dtype=np.float64, na_value=np.nan))


def drawn_age(records: pd.Series[str], age: Floats, ages: tuple[int, ...]) -> Integers:
    """Per row the number of its age in ``ages``, where it is the one that was drawn for its record; else -1.

    Each record counts once, at an age drawn by the hash of its id, whether or not it was still open then: so those of
    an age are a fair sample of all that were open at it. (At the last age that each has reached they would not be: the
    young ones would be those that closed fast.)
    """
    if not ages:
        return np.full(len(records), -1, dtype=np.int64)
    wanted = np.array([_draw(record) % len(ages) for record in records], dtype=np.int64)
    return np.where(age == np.array(ages, dtype=np.float64)[wanted], wanted, -1)


def _draw(record: str) -> int:
    """As ``DRAW`` in ``recent.py`` has it in SQL."""
    return int(hashlib.md5(record.encode(), usedforsecurity=False).hexdigest()[:8], 16)


def _counts(number: Integers, codes: Integers, use: NDArray[np.bool_], shape: tuple[int, int]) -> Integers:
    table = np.bincount(number[use] * shape[1] + codes[use], minlength=shape[0] * shape[1])
    return np.asarray(table.reshape(shape), dtype=np.int64)
