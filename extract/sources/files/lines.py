"""The records of a CSV file, one by one. DuckDB reads clean files; this reads those that are not, and all headers.

A record that is broken costs itself and nothing else: reading goes on at the next line, so no row is lost and none is
shifted. What counts as broken: another number of columns than the header, text after a closing quote, a quote that is
still open after ``LONGEST`` characters or at the end of the file, a zero byte.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

LONGEST: Final = 1_000_000


@dataclass(frozen=True)
class Record:
    """One record as it stands in the file, without its line end. ``broken`` says what is wrong with it, or is empty."""

    text: str
    broken: str = ""


@dataclass(frozen=True)
class Header:
    """Column names, and how many lines of the file they take."""

    names: tuple[str, ...]
    lines: int


def read_header(path: Path, delimiter: str) -> Header | None:
    """The header of a UTF-8 file, None for a file without one. Blank names become column_<n>, repeated ones get _2."""
    with path.open(encoding="utf-8-sig", newline=line_end(path)) as file:
        skipped = 0
        for line in file:
            if line.strip():
                break
            skipped += 1
        else:
            return None
        reader = csv.reader(chain([line], file), delimiter=delimiter)
        names = next(reader)
        return Header(_distinct(names), skipped + reader.line_num)


def line_end(path: Path) -> str:
    """What to give ``open`` as ``newline``: lines end with a line feed, or, in a file without any, as they do."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
    return "\n" if b"\n" in head else ""


def _distinct(names: list[str]) -> tuple[str, ...]:
    taken: dict[str, int] = {}
    distinct = []
    for number, raw in enumerate(names, 1):
        name = raw.strip() or f"column_{number}"
        taken[name] = taken.get(name, 0) + 1
        distinct.append(name if taken[name] == 1 else f"{name}_{taken[name]}")
    return tuple(distinct)


def records(file: Iterable[str], delimiter: str, columns: int) -> Iterator[Record]:
    """The records of a file from its present position; blank lines are none.

    Args:
        file: its lines with their ends, as of a file opened with ``newline=""``.
        delimiter: one character.
        columns: how many fields a sound record has.
    """
    shape = _Shape(delimiter, columns)
    lines = _Lines(file)
    while (line := lines.take()) is not None:
        if not line.strip("\r\n"):
            continue
        if '"' not in line:
            yield shape.judged(line)
            continue
        parts = [line]
        if not _completed(parts, lines, shape):
            lines.give_back(parts[1:])
            yield Record(line.rstrip("\r\n"), "a quote is opened and never closed")
            continue
        record = shape.judged("".join(parts))
        if record.broken and len(parts) > 1 and not shape.judged(parts[1]).broken:
            lines.give_back(parts[1:])
            record = Record(line.rstrip("\r\n"), "a quote is opened and not closed")
        yield record


def _completed(parts: list[str], lines: _Lines, shape: _Shape) -> bool:
    """Add the lines that an open quote still needs. False: it never closes."""
    size, is_open = len(parts[0]), shape.is_open(parts[0])
    while is_open:
        line = lines.take()
        if line is None or size > LONGEST:
            lines.give_back([line] if line is not None else [])
            return False
        parts.append(line)
        size += len(line)
        if '"' in line:
            is_open = shape.is_open("".join(parts))
    return True


class _Lines:
    """Lines of a file that can be given back."""

    def __init__(self, file: Iterable[str]) -> None:
        self._file = iter(file)
        self._returned: deque[str] = deque()

    def take(self) -> str | None:
        return self._returned.popleft() if self._returned else next(self._file, None)

    def give_back(self, lines: list[str]) -> None:
        self._returned.extendleft(reversed(lines))


def quoted_record(text: str, delimiter: str) -> str:
    """A sound record with all of its fields in quotes: so that nothing in them can be taken for a line's end."""
    fields = [match.group() for match in _field(delimiter).finditer(text)]
    return delimiter.join(
        field if field.startswith('"') else f'"{field.replace(chr(34), chr(34) * 2)}"' for field in fields
    )


def _field(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    return re.compile(rf'(?:(?<={mark})|\A)(?:"(?:[^"]|"")*"|(?!")[^{mark}]*)(?={mark}|\Z)')


class _Shape:
    """What a sound record looks like: fields between delimiters, quoted as a whole or not at all."""

    def __init__(self, delimiter: str, columns: int) -> None:
        self._delimiter, self._columns = delimiter, columns
        self._field = _field(delimiter)

    def is_open(self, text: str) -> bool:
        """Whether the text ends inside of a quoted field. A quote opens a field only at its beginning."""
        position, size = 0, len(text)
        while position < size:
            if text[position] == '"':
                position = _closing(text, position)
                if position < 0:
                    return True
            following = text.find(self._delimiter, position)
            if following < 0:
                return False
            position = following + 1
        return False

    def judged(self, text: str) -> Record:
        """The record that a text is, with what is wrong with it."""
        text = text.removesuffix("\n").removesuffix("\r")
        count = self._fields(text) if '"' in text else text.count(self._delimiter) + 1
        if count is None:
            return Record(text, "text follows a closing quote")
        if count != self._columns:
            return Record(text, f"{count} columns, the header has {self._columns}")
        return Record(text, "zero bytes" if "\0" in text else "")

    def _fields(self, text: str) -> int | None:
        """How many fields a record has, or None where text follows a closing quote."""
        position, count = 0, 0
        while True:
            match = self._field.match(text, position)
            if match is None:
                return None
            count += 1
            position = match.end()
            if position == len(text):
                return count
            position += 1


def _closing(text: str, opening: int) -> int:
    """The position after the quote that closes a field, or -1."""
    position = opening + 1
    while (position := text.find('"', position)) >= 0:
        if text[position + 1 : position + 2] != '"':
            return position + 1
        position += 2
    return -1
