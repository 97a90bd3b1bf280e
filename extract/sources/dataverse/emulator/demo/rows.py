"""From the export's columns to a table's rows: labels become option values, keys become lookups with type and name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extract.sources.dataverse.emulator.schema import Column, Table

UNLABELLED: Final = {"Recycled": 3, "Reopened": 3}
"""Statuses of the export that nobody knows: as option values they have no label."""
_NUMBER: Final = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_KEY_DIGITS: Final = 12


@dataclass
class Names:
    """The primary names of rows, by key, for the lookups that show them."""

    known: dict[str, tuple[pa.Array, pa.Array]] = field(default_factory=dict)

    def learn(self, table: Table, rows: pa.Table) -> None:
        """Remember the names of a table's rows."""
        if table.primary_name in rows.column_names:
            self.known[table.name] = (_whole(rows[table.key]), _whole(rows[table.primary_name]))

    def of(self, target: str, keys: pa.Array) -> pa.Array:
        """The names of these rows; empty where unknown."""
        if target not in self.known:
            return pa.nulls(len(keys), pa.string())
        known, names = self.known[target]
        return names.take(pc.index_in(keys, known))


def table_rows(table: Table, exported: pa.Table, names: Names, types: Mapping[str, str] | None = None) -> pa.Table:
    """The rows of a table, each once, ``@repeat`` telling how often the export has it.

    Args:
        table: what is to be filled.
        exported: columns under the logical names; those that the table does not have are left out.
        names: those known so far; the table's own are learnt.
        types: lookup to the column that tells which table it points to, where it can be several.
    """
    exported, repeats = _once(exported, table.key)
    names.learn(table, exported)
    found: dict[str, Any] = {}
    for column in table.columns:
        if column.name in exported.column_names:
            found |= _cells(column, exported, names, (types or {}).get(column.name))
    if repeats.max(initial=1) > 1:
        found["@repeat"] = pa.array(repeats)
    return pa.table(found)


def number_of(keys: pa.ChunkedArray | pa.Array) -> np.ndarray[Any, np.dtype[Any]]:
    """The number that a key ends with."""
    numbers: np.ndarray[Any, np.dtype[Any]] = pc.utf8_slice_codeunits(keys, -_KEY_DIGITS).cast(pa.int64()).to_numpy()
    return numbers


def _once(exported: pa.Table, key: str) -> tuple[pa.Table, np.ndarray[Any, np.dtype[Any]]]:
    """Rows without those that repeat the one before, and how often each was there."""
    keys = exported[key].to_numpy(zero_copy_only=False)
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    return exported.take(pa.array(first)), np.diff(np.append(first, len(keys)))


def _cells(column: Column, exported: pa.Table, names: Names, type_column: str | None) -> dict[str, Any]:
    values = _whole(exported[column.name])
    if column.kind == "lookup":
        return _lookup(column, values, names, _whole(exported[type_column]) if type_column else None)
    if column.labelled and pa.types.is_string(values.type):
        return {column.name: _codes(column, values)}
    if column.kind in {"money", "decimal", "double", "integer"} and pa.types.is_string(values.type):
        return {column.name: _numbers(values)}
    return {column.name: values}


def _lookup(column: Column, keys: pa.Array, names: Names, types: pa.Array | None) -> dict[str, Any]:
    if types is None:
        there = pc.if_else(pc.is_valid(keys), column.targets[0], pa.scalar(None, pa.string()))
        return {
            column.name: keys,
            f"{column.name}@type": there,
            f"{column.name}@name": names.of(column.targets[0], keys),
        }
    shown = pa.nulls(len(keys), pa.string())
    for target in column.targets:
        shown = pc.if_else(pc.equal(types, target), names.of(target, keys), shown)
    return {column.name: keys, f"{column.name}@type": types, f"{column.name}@name": shown}


def _codes(column: Column, labels: pa.Array) -> pa.Array:
    known = {option.label: option.value for option in column.options}
    known |= {label: value for label, value in UNLABELLED.items() if column.kind == "state"}
    codes = pa.array(list(known.values()), pa.int64()).take(pc.index_in(labels, pa.array(list(known), pa.string())))
    return pc.not_equal(codes, 0) if column.kind == "boolean" else codes


def _numbers(texts: pa.Array) -> pa.Array:
    """Numbers; JSON text, with what is no number as a string, where there is such a thing."""
    good = pc.match_substring_regex(texts, _NUMBER)
    if pc.all(pc.fill_null(good, True)).as_py() is not False:
        return texts.cast(pa.float64())
    return pc.if_else(good, texts, pc.binary_join_element_wise('"', texts, '"', ""))


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def queried(query: str, **tables: pa.Table) -> pa.Table:
    """What a query over Arrow tables finds."""
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        found: pa.Table = connection.sql(query).to_arrow_table()
        return found
