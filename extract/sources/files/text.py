"""A text file as bytes: its hash, whether it is UTF-8, and if not, what it is."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CHUNK: Final = 1 << 20
_SAMPLE: Final = 1 << 18
_FOREIGN_SHARE: Final = 0.15


@dataclass
class Undecodable(Exception):
    """A file is not in the encoding it is read with: where that shows first, and which encoding fits (if any does)."""

    line: int
    fits: str | None
    example: str


@dataclass(frozen=True)
class Scan:
    """What one pass over a file shows."""

    sha256: str
    size: int
    has_zero_bytes: bool


def scan(path: Path, encoding: str | None, utf8_copy: Path | None) -> Scan:
    """Read a file once: hash it and check that it decodes.

    Args:
        path: the file.
        encoding: what it is said to be in; None: UTF-8. "" for binary files: not decoded at all.
        utf8_copy: where to write the text as UTF-8, for encodings that DuckDB does not read.

    Raises:
        Undecodable: at the first line that the encoding cannot read.
        FileNotFoundError: where the file has vanished.
    """
    digest, size, zeros, line = hashlib.sha256(), 0, False, 1
    decoder = codecs.getincrementaldecoder(encoding or "utf-8")() if encoding != "" else None
    copy = utf8_copy.open("w", encoding="utf-8", newline="") if utf8_copy else None
    try:
        for chunk, last in _chunks(path):
            digest.update(chunk)
            size += len(chunk)
            if decoder is None:
                continue
            text = _decoded(decoder, chunk, last, path, line)
            line += text.count("\n")
            zeros = zeros or "\0" in text
            if copy:
                copy.write(text.removeprefix("\ufeff") if size == len(chunk) else text)
    finally:
        if copy:
            copy.close()
    if zeros and _mostly_zeros(path):
        raise Undecodable(1, "utf-16", "")
    return Scan(digest.hexdigest(), size, zeros)


def fitting_encoding(data: bytes) -> str | None:
    """The encoding that reads a sample best. Western European text, the usual case, is read as cp1252."""
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    try:
        western = data.decode("cp1252")
    except UnicodeDecodeError:
        western = ""
    letters = [character for character in western if character.isalpha()]
    foreign = sum(character > "\x7f" for character in letters)
    if (
        letters
        and foreign / len(letters) < _FOREIGN_SHARE
        and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    ):
        return "cp1252"
    return best.encoding.replace("_", "-") if best else None


def _chunks(path: Path) -> Iterator[tuple[bytes, bool]]:
    with path.open("rb") as file:
        chunk = file.read(CHUNK)
        while chunk:
            following = file.read(CHUNK)
            yield chunk, not following
            chunk = following


def _decoded(decoder: codecs.IncrementalDecoder, chunk: bytes, last: bool, path: Path, line: int) -> str:
    try:
        return decoder.decode(chunk, last)
    except UnicodeDecodeError as error:
        at_line = line + error.object[: error.start].count(b"\n")
        with path.open("rb") as file:
            head = file.read(_SAMPLE)
        near = error.object[max(0, error.start - 200) : error.start + 200]
        fits = fitting_encoding(head if len(head) < CHUNK and near in head else head + near)
        raise Undecodable(at_line, fits, _line_around(error.object, error.start, fits)) from error


def _line_around(data: bytes, position: int, encoding: str | None) -> str:
    start = data.rfind(b"\n", 0, position) + 1
    end = data.find(b"\n", position)
    line = data[start : end if end >= 0 else len(data)]
    return line.decode(encoding or "ascii", errors="replace").strip()[:80]


def _mostly_zeros(path: Path) -> bool:
    """UTF-16 without a byte-order mark: nearly every second byte of Western text is zero."""
    with path.open("rb") as file:
        head = file.read(4096)
    return head.count(0) > len(head) / 5
