"""A Parquet file as a relation of texts, whatever the types of its columns are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from extract.mapping.expressions import named, quoted

_FRACTIONAL: Final = ("FLOAT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True)
class Opened:
    """The columns of what was read, in its own words and order; ``c<n>`` of source_rows is names[n].

    Attributes:
        names: the columns.
        dated: those that are dates or instants by type and not by text.
        numeric: those that are numbers by type; None where only their values can tell.
        tidy: those whose texts have no white space around them, by type.
        unique: the column of which no two rows have the same text; None where that is not known.
        has_deleted: source_rows has a column ``deleted``: of such a row nothing but the key is known.
    """

    names: tuple[str, ...]
    dated: frozenset[str] = frozenset()
    numeric: frozenset[str] | None = None
    tidy: frozenset[str] = frozenset()
    unique: str | None = None
    has_deleted: bool = False


def open_parquet(connection: duckdb.DuckDBPyConnection, path: Path, decimal_mark: str) -> Opened:
    """Make ``source_rows`` of a Parquet file, read in place; numbers are written with the decimal mark given."""
    relation = f"read_parquet({quoted(str(path))}, file_row_number=true)"
    described = connection.execute(f"describe select * exclude (file_row_number) from {relation}").fetchall()
    texts = [_text(named(row[0]), row[1], decimal_mark) for row in described]
    connection.execute(
        f"create or replace view source_rows as select file_row_number + 1 as _row_number, "
        f"{', '.join(f'{text} as c{number}' for number, text in enumerate(texts))} from {relation}"
    )
    dated = frozenset(row[0] for row in described if row[1].startswith(("DATE", "TIMESTAMP")))
    return Opened(tuple(row[0] for row in described), dated)


def _text(column: str, kind: str, decimal_mark: str) -> str:
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP")):
        return f"cast(to_json({column}) as varchar)"
    if not kind.startswith(_FRACTIONAL):
        return f"cast({column} as varchar)"
    # A column of keys with gaps is stored as floating point by some tools: 4711.0 means 4711.
    text = (
        f"case when {column} = floor({column}) and abs({column}) < 1e15 then cast(cast({column} as bigint) as varchar) "
    )
    text += f"else cast({column} as varchar) end"
    text = f"nullif({text}, 'nan')"
    return f"replace({text}, '.', ',')" if decimal_mark == "," else text
