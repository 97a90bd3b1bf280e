"""What a model's scores are explained with: the words and rates of every value it learnt from, kept beside the model.

Made once, from the rows the model learnt from, so that applying it needs none of them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models_ml.scoring import wording

FILE: Final = "explanations.json"
ALL: Final = ""
"""The stage under which the influence over all records stands."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Value:
    """A bin or a level of an attribute, as the records learnt from knew it.

    Attributes:
        words: what it is called: "Web", "high (above 19900)", "not filled".
        rate: share (0-1) of the wanted outcome among its records, each weighing 1; None where these are too few.
        records: how many records ever had it.
    """

    words: str
    rate: float | None
    records: int


@dataclass(frozen=True)
class Lookup:
    """The values of all attributes in one row, to be looked up by position.

    Attributes:
        starts: the position of each attribute's first value.
        sentences: every sentence once.
        sentence_of: the number of a position's sentence: where it speaks for the record, and where against.
        rates: per position, nan where too few.
        records: per position.
    """

    starts: Integers
    sentences: pd.Index[str]
    sentence_of: NDArray[np.int64]
    rates: Floats
    records: Integers


@dataclass(frozen=True)
class Explanations:
    """Words, rates and influences of one model.

    Attributes:
        score_name, horizon_days: whose outcome, and within how many days; None: in the end.
        rate: share (0-1) of the wanted outcome among all records learnt from.
        attributes: the encoder's, in its order; what follows has the same order.
        values: per attribute one per code of the encoder.
        yes_no: whether the attribute's numbers are answers.
        influence: stage to each attribute's share (0-1) of the mean size of all contributions, None where all records
            in the stage have the same value; ``ALL``: every stage.
    """

    score_name: str
    horizon_days: int | None
    rate: float
    attributes: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]
    yes_no: tuple[bool, ...]
    influence: dict[str, tuple[float | None, ...]]

    def save(self, folder: Path) -> None:
        """Write them as JSON beside the model."""
        (folder / FILE).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Explanations | None:
        """Read what ``save`` wrote; None where nothing was."""
        if not (folder / FILE).exists():
            return None
        saved: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return cls(
            saved["score_name"],
            saved["horizon_days"],
            saved["rate"],
            tuple(saved["attributes"]),
            tuple(tuple(Value(**value) for value in values) for values in saved["values"]),
            tuple(saved["yes_no"]),
            {stage: tuple(shares) for stage, shares in saved["influence"].items()},
        )

    @cached_property
    def lookup(self) -> Lookup:
        """The values in one row, their sentences written."""
        words = wording.nouns(self.score_name)
        told = [
            [
                wording.reason(
                    words,
                    wording.subject(name, value.words),
                    value.rate,
                    self.rate,
                    self.horizon_days,
                    speaks_for=speaks_for,
                )
                for speaks_for in (True, False)
            ]
            for name, values in zip(self.attributes, self.values, strict=True)
            for value in values
        ]
        numbers, sentences = pd.factorize(np.array(told, dtype=object).ravel())
        flat = [value for values in self.values for value in values]
        return Lookup(
            np.cumsum([0, *(len(values) for values in self.values)])[:-1].astype(np.int64),
            pd.Index(sentences),
            numbers.astype(np.int64).reshape(-1, 2),
            np.array([np.nan if value.rate is None else value.rate for value in flat]),
            np.array([value.records for value in flat], dtype=np.int64),
        )
