"""From attributes as they are stored to the numbers that learners read: bins of numbers, levels of categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from models_ml.scoring.attributes import Attribute

MOST_BINS: Final = 10
MOST_LEVELS: Final = 60
_RARE_SHARE: Final = 0.002


@dataclass(frozen=True)
class Encoder:
    """What was learnt about each attribute's values; applied unchanged to rows never seen.

    Attributes:
        attributes: numbers and categories, in a fixed order.
        edges: per number the inner edges of its quantile bins; None per category.
        levels: per category its levels with enough records, most frequent first; None per number.
        fills: what an empty value counts as, where it is to say nothing: the median of a number, the code of the most
            frequent level of a category; None where an empty value is a value like any.
    """

    attributes: tuple[Attribute, ...]
    edges: tuple[NDArray[np.float64] | None, ...]
    levels: tuple[tuple[str, ...] | None, ...]
    fills: tuple[float | None, ...]

    @classmethod
    def fit(cls, rows: pd.DataFrame, attributes: Sequence[Attribute]) -> Encoder:
        """Learn bins and levels; a level needs 5 rows and 0.2 % of all, the others share one place."""
        least = max(5, int(_RARE_SHARE * len(rows)))
        edges = [_edges(rows[a.name]) if a.kind == "number" else None for a in attributes]
        levels = [_levels(rows[a.name], least) if a.kind == "category" else None for a in attributes]
        fills = [
            _fill(rows[a.name], found) if a.ignore_empty else None for a, found in zip(attributes, levels, strict=True)
        ]
        return cls(tuple(attributes), tuple(edges), tuple(levels), tuple(fills))

    def to_json(self) -> list[dict[str, Any]]:
        """What ``from_json`` reads: one object per attribute."""
        return [
            asdict(attribute) | {"edges": None if edges is None else edges.tolist(), "levels": levels, "fill": fill}
            for attribute, edges, levels, fill in zip(self.attributes, self.edges, self.levels, self.fills, strict=True)
        ]

    @classmethod
    def from_json(cls, saved: list[dict[str, Any]]) -> Encoder:
        """The encoder that ``to_json`` described."""
        return cls(
            tuple(Attribute(each["name"], each["kind"], each["key"], each["ignore_empty"]) for each in saved),
            tuple(None if each["edges"] is None else np.array(each["edges"], dtype=np.float64) for each in saved),
            tuple(None if each["levels"] is None else tuple(each["levels"]) for each in saved),
            tuple(each["fill"] for each in saved),
        )

    def codes(self, rows: pd.DataFrame) -> list[NDArray[np.int64]]:
        """Per attribute the bin or level of each row; 0 is empty, 1 is a level that is rare or was never seen."""
        return [self._code(rows, index) for index in range(len(self.attributes))]

    def filled_codes(self, rows: pd.DataFrame) -> list[NDArray[np.int64]]:
        """The same, where empty values that are to say nothing have the code of what they count as."""
        return [self._filled(code, index) for index, code in enumerate(self.codes(rows))]

    def table(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        """Rows x attributes: numbers as they are (nan where empty), categories as their code; empty ones filled."""
        table = np.empty((len(rows), len(self.attributes)))
        for index in range(len(self.attributes)):
            table[:, index] = self._column(rows, index)
        return table

    def indicators(self, rows: pd.DataFrame) -> sparse.csr_matrix:
        """Rows x (attribute, bin or level): 1 where the row's value lies there; empty ones filled."""
        starts = self.starts()
        # Indices as scipy keeps them: others would be copied.
        columns = np.empty((len(rows), len(self.attributes)), dtype=np.int32)
        for index, code in enumerate(self.filled_codes(rows)):
            columns[:, index] = code + starts[index]
        pointers = np.arange(0, columns.size + 1, len(self.attributes), dtype=np.int32)
        return sparse.csr_matrix((np.ones(columns.size), columns.ravel(), pointers), (len(rows), int(starts[-1])))

    def starts(self) -> NDArray[np.int64]:
        """The column of each attribute's first indicator, and at last the number of columns."""
        widths = [self.width(index) for index in range(len(self.attributes))]
        return np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)

    def width(self, index: int) -> int:
        """How many codes an attribute has."""
        edges, levels = self.edges[index], self.levels[index]
        return 2 + (len(levels) if levels is not None else len(edges) + 1 if edges is not None else 0)

    def _column(self, rows: pd.DataFrame, index: int) -> NDArray[np.float64] | NDArray[np.int64]:
        attribute, fill = self.attributes[index], self.fills[index]
        if attribute.kind != "number":
            return self._filled(self._code(rows, index), index)
        numbers = rows[attribute.name].to_numpy(dtype=np.float64)
        return numbers if fill is None else np.where(np.isnan(numbers), fill, numbers)

    def _filled(self, code: NDArray[np.int64], index: int) -> NDArray[np.int64]:
        """Codes with those of empty values replaced, where these are to say nothing."""
        fill, edges = self.fills[index], self.edges[index]
        if fill is None:
            return code
        counts_as = int(fill) if edges is None else 2 + int(np.searchsorted(edges, fill, side="left"))
        return np.where(code == 0, counts_as, code)

    def _code(self, rows: pd.DataFrame, index: int) -> NDArray[np.int64]:
        values, edges, levels = rows[self.attributes[index].name], self.edges[index], self.levels[index]
        if edges is not None:
            numbers = values.to_numpy(dtype=np.float64)
            return np.where(np.isnan(numbers), 0, 2 + np.searchsorted(edges, numbers, side="left"))
        place = {level: 2 + number for number, level in enumerate(levels or ())}
        categories = values.astype("category").cat
        of_category = np.array([place.get(str(level), 1) for level in categories.categories] + [0], dtype=np.int64)
        return np.asarray(of_category[categories.codes.to_numpy()])


def _fill(values: pd.Series[Any], levels: tuple[str, ...] | None) -> float | None:
    """What an empty value counts as; None where no value is filled."""
    if levels is not None:
        return 2.0 if levels else None
    median = float(values.median())
    return None if np.isnan(median) else median


def _edges(values: pd.Series[float]) -> NDArray[np.float64]:
    """Inner edges of up to ten bins of equally many rows, or one per value where these are few; upper edges belong."""
    numbers = values.to_numpy(dtype=np.float64)
    numbers = np.sort(numbers[~np.isnan(numbers)])
    is_first = np.ones(len(numbers), dtype=bool)
    is_first[1:] = numbers[1:] != numbers[:-1]  # not by difference: that of two infinite numbers is none
    different = numbers[is_first]
    if len(different) <= MOST_BINS:
        return np.asarray(different[:-1])
    edges = np.unique(np.quantile(numbers, np.arange(1, MOST_BINS) / MOST_BINS, method="inverted_cdf"))
    return np.asarray(edges[edges < numbers.max()])


def _levels(values: pd.Series[str], least: int) -> tuple[str, ...]:
    categories = values.astype("category").cat
    codes = categories.codes.to_numpy()
    counts = np.bincount(codes[codes >= 0], minlength=len(categories.categories))
    frequent = np.flatnonzero(counts >= least)
    levels = zip(-counts[frequent], categories.categories[frequent].astype(str), strict=True)
    return tuple(level for _, level in sorted(levels)[:MOST_LEVELS])
