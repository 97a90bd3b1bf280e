"""Which columns need no trimming: a cheap look at the ends of all texts saves most sources the dear cutting of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import duckdb

from extract.mapping.expressions import quoted
from extract.mapping.parquet import Opened

_COLUMNS_AT_ONCE: Final = 32
"""A scan reads its own columns only, and the memory of wide files stays small."""
_FIRST, _LAST = quoted("!"), quoted("~")
"""Texts compare by their bytes: what lies between these two begins with a visible character of ASCII."""
_WIDE: Final = (("\u00a0", "\u00a1"), ("\u202f", "\u2030"))
"""The white characters beyond ASCII, each with the character after it."""


def cleaned(connection: duckdb.DuckDBPyConnection, opened: Opened) -> list[str]:
    """SQL of the cleaned text of each column of ``source_rows``, as ``clean`` of ``expressions`` would have it.

    Args:
        connection: with ``source_rows`` and the macros of ``expressions``.
        opened: its columns, and which of them are tidy by type and need no look.
    """
    names = [f"c{number}" for number in range(len(opened.names))]
    tidy = [name for name, called in zip(names, opened.names, strict=True) if called in opened.tidy]
    doubtful = _where(connection, [name for name in names if name not in tidy], _is_doubtful)
    white = _where(connection, doubtful, _is_white_at_an_end)
    empty = _where(connection, [name for name in doubtful if name not in white], lambda name: f"{name} = ''") + tidy
    return [f"clean({name})" if name in white else f"nullif({name}, '')" if name in empty else name for name in names]


def _where(connection: duckdb.DuckDBPyConnection, names: Sequence[str], condition: Callable[[str], str]) -> list[str]:
    """The columns of which any text meets the condition."""
    found: list[str] = []
    for first in range(0, len(names), _COLUMNS_AT_ONCE):
        some = names[first : first + _COLUMNS_AT_ONCE]
        asked = ", ".join(f"coalesce(bool_or({condition(name)}), false)" for name in some)
        answers = connection.execute(f"select {asked} from source_rows").fetchone() or ()
        found += [name for name, is_met in zip(some, answers, strict=True) if is_met]
    return found


def _is_doubtful(name: str) -> str:
    ends = (f"{end} not between {_FIRST} and {_LAST}" for end in (name, f"substr({name}, -1)"))
    return " or ".join(ends)


def _is_white_at_an_end(name: str) -> str:
    last = f"substr({name}, -1)"
    begins = " or ".join(f"({name} >= {quoted(white)} and {name} < {quoted(after)})" for white, after in _WIDE)
    ends = " or ".join(f"{last} = {quoted(white)}" for white, _ in _WIDE)
    return f"{name} <> '' and ({name} < {_FIRST} or {begins} or {last} < {_FIRST} or {ends})"
