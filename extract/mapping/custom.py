"""Columns that are not mapped: one JSON object per row, source column to text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import duckdb

from config.schema.mapping import Mapping
from extract.mapping.expressions import quoted
from extract.mapping.parquet import Opened

_SAMPLE: Final = 2_000
_CODE: Final = "^[+-]?0[0-9]|[0-9]{16}"
"""Leading zeros, or more digits than a number holds exactly: a code, not a number."""
_PLAIN: Final = "-?[0-9]+([.][0-9]+)?"


def custom_json(
    connection: duckdb.DuckDBPyConnection,
    opened: Opened,
    cleaned: Sequence[str],
    used: frozenset[str],
    table: Mapping,
) -> str:
    """SQL of the ``custom`` column: what is empty is left out; a column of numbers has a decimal point.

    Columns are in the order of their names and numbers have no zeros at their end, so that a record is told in the same
    words by every source and however its columns are arranged.

    Args:
        connection: with ``source_rows`` and the macros of ``expressions``.
        opened: all columns, and which of them are numbers where that is known without looking.
        cleaned: SQL of the cleaned text of each of them.
        used: those that are mapped or ignored.
        table: its empty values and decimal mark.
    """
    texts = {name: _text(text, table) for name, text in zip(opened.names, cleaned, strict=True) if name not in used}
    numeric = _numeric(connection, texts) if opened.numeric is None else opened.numeric
    pairs = []
    for name, text in sorted(texts.items()):
        value = _normalised(text, table.decimal_mark) if name in numeric else text
        pairs.append(f"{quoted(json.dumps(name, ensure_ascii=False) + ': ')} || to_json({value})")
    return "'{' || concat_ws(', ', " + ", ".join(pairs) + ") || '}'" if pairs else "'{}'"


def _text(text: str, table: Mapping) -> str:
    empty = ", ".join(quoted(value) for value in table.empty_values)
    return f"case when {text} not in ({empty}) then {text} end" if empty else text


def _normalised(text: str, decimal_mark: str) -> str:
    if decimal_mark == ",":
        return f"plain({text})"
    short = f"case when contains({text}, '.') then rtrim(rtrim({text}, '0'), '.') else {text} end"
    return f"case when regexp_full_match({text}, '{_PLAIN}') then {short} else plain({text}) end"


def _numeric(connection: duckdb.DuckDBPyConnection, texts: dict[str, str]) -> set[str]:
    """Columns in which every value is a number. A sample rules most others out before the whole file is asked."""
    candidates = list(texts)
    for relation in (f"(from source_rows limit {_SAMPLE})", "source_rows"):
        if not candidates:
            break
        asked = ", ".join(
            f"count({texts[name]}) > 0 and coalesce(bool_and(as_number({texts[name]}) is not null "
            f"and not regexp_matches({texts[name]}, '{_CODE}')) filter ({texts[name]} is not null), true)"
            if relation == "source_rows"
            else f"coalesce(bool_and(as_number({texts[name]}) is not null) filter ({texts[name]} is not null), true)"
            for name in candidates
        )
        answers = connection.execute(f"select {asked} from {relation}").fetchone() or ()
        candidates = [name for name, is_numeric in zip(candidates, answers, strict=True) if is_numeric]
    return set(candidates)
