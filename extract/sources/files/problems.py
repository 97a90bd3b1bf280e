"""Why a file cannot be read, in the words of whoever has to put it right: file, column, line, and what to write."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

from config.schema.mapping import ROW_NUMBER
from config.schema.sources.files import Table
from extract.packages import Problem
from extract.sources.files.text import Undecodable

_NEAR: Final = 0.6
_OTHER_DELIMITERS: Final = {";": '";"', "\t": '"\\t" (or format: tsv)', "|": '"|"', ",": '","'}
Kind = Literal["missing", "empty", "unreadable", "mapping"]


class Unreadable(Exception):
    """A whole file cannot be read; ``problem`` is what is recorded."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def no_file(table: Table, folder: Path, there: Iterable[str]) -> Problem:
    """No file fits the table's pattern."""
    near = difflib.get_close_matches(table.files, sorted(there), 1, _NEAR)
    hint = f" Is it '{near[0]}'?" if near else ""
    message = (
        f"{table.files} ({table.entity}): there is no such file in {folder}.{hint} Put it there, or correct 'files'."
    )
    return Problem("missing", table.entity, table.files, message)


def of_file(kind: Kind, table: Table, file: str, what: str) -> Problem:
    """A problem of one file; ``what`` ends with what to do."""
    return Problem(kind, table.entity, file, f"{file} ({table.entity}): {what}")


def not_in_encoding(table: Table, file: str, error: Undecodable) -> Problem:
    """The bytes are not what the mapping says, or not UTF-8 where it says nothing."""
    said = f"line {error.line} is not {table.encoding or 'utf-8'}"
    example = f", which reads it as '{error.example}'" if error.example else ""
    advice = (
        f"It fits {error.fits}{example}: write 'encoding: {error.fits}' for this table."
        if error.fits
        else ("No encoding fits; is it a text file? Export it again as UTF-8.")
    )
    message = f"{file} ({table.entity}): {said}. {advice}"
    return Problem("unreadable", table.entity, file, message, line_number=error.line)


def not_a_format(table: Table, file: str, error: Exception) -> Problem:
    """DuckDB does not recognise the file as what the mapping says it is."""
    said = str(error).splitlines()[0]
    return of_file(
        "unreadable", table, file, f"it cannot be read as {table.format} ({said}). Export it again, or set 'format'."
    )


def missing_columns(table: Table, file: str, names: tuple[str, ...]) -> Problem | None:
    """Mapped columns that the file does not have, each with the nearest that it has; None where all are there."""
    wanted = {source: f"columns.{name}" for name, source in table.columns.items() if source != ROW_NUMBER}
    wanted |= {source: f"regarding.{kind}" for kind, source in table.regarding.items()}
    lacking = [source for source in wanted if source not in names]
    if not lacking:
        return None
    told = "; ".join(f"'{source}' (mapped at {wanted[source]}){_nearest(source, names)}" for source in lacking)
    message = (
        f"{file} ({table.entity}): line 1 has no column {told}. It has: {', '.join(names)}."
        f"{_delimiter_hint(table, names)} Correct 'columns' in sources/files.yml."
    )
    return Problem("mapping", table.entity, file, message, column_name=lacking[0], line_number=1)


def _nearest(source: str, names: tuple[str, ...]) -> str:
    folded = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(source.casefold(), list(folded), 1, _NEAR)
    return f", did you mean '{folded[near[0]]}'?" if near else ""


def _delimiter_hint(table: Table, names: tuple[str, ...]) -> str:
    if table.format not in {"csv", "tsv"} or len(names) != 1:
        return ""
    found = max(_OTHER_DELIMITERS, key=names[0].count)
    return (
        f" The columns seem to be separated by {_OTHER_DELIMITERS[found]}: set 'delimiter'."
        if found in names[0]
        else ""
    )
