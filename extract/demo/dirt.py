"""The dirt of a real export: duplicate rows, two spellings of a value, values that break the contract.

Which rows are dirty follows from their place in the story alone, so it is the same in every export.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extract.demo.mechanism import Array

DUPLICATED: Final = 0.002
BROKEN: Final = 0.001
OTHER_SPELLING: Final = 0.15
_STEPS: Final = 2**32
_MIX: Final = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


def chosen(numbers: Array, share: float, purpose: int) -> Array:
    """True for about this share of the rows, seemingly at random; another purpose chooses others."""
    mixed = np.asarray(numbers).astype(np.uint64) * np.uint64(8) + np.uint64(purpose)
    for factor, shift in zip(_MIX, (30, 27, 31), strict=True):
        mixed = mixed * np.uint64(factor)
        mixed ^= mixed >> np.uint64(shift)
    marked: Array = (mixed >> np.uint64(32)).astype(np.float64) < share * _STEPS
    return marked


def spelled(column: pa.Array, numbers: Array, usual: str, other: str) -> pa.Array:
    """The other spelling of one value, in some rows."""
    change = pc.and_(pc.equal(column, usual), pa.array(chosen(numbers, OTHER_SPELLING, 1)))
    return pc.if_else(pc.fill_null(change, False), other, column)


def broken(column: pa.Array, numbers: Array, value: str, purpose: int) -> pa.Array:
    """A value that breaks the contract (no number, no known label), in very few rows. The column becomes text."""
    return pc.if_else(pa.array(chosen(numbers, BROKEN, purpose)), value, column.cast(pa.string()))


def with_duplicates(table: pa.Table, numbers: Array) -> pa.Table:
    """The table with some rows twice, exactly alike, one after the other."""
    return table.take(pa.array(np.repeat(np.arange(len(numbers)), 1 + chosen(numbers, DUPLICATED, 7))))
