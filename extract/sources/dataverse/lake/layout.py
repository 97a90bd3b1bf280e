"""What a lake holds of a table: which CSV files, with which columns, written in which way.

in place    one model.json; a row stands once, a deleted one nowhere
append      one model.json; a row is repeated with each change, a deletion is a row whose IsDelete is true
folders     a folder per interval, named by its UTC instant, with a model.json and the rows changed in that time
delta       a Delta table, which has no model.json: see ``delta``
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

from config.errors import ContractBroken
from extract.sources.dataverse.lake.files import Files

Layout = Literal["in place", "append", "folders", "delta"]
MODEL: Final = "model.json"
DELETED: Final = "IsDelete"
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}[.:]\d{2}[.:]\d{2}Z")
_CHANGELOG: Final = "Changelog/changelog.info"


@dataclass(frozen=True)
class Piece:
    """A CSV file: the partition it is, where it is, its state, and its columns (name, type) in order."""

    name: str
    path: str
    size: int
    stamp: str
    columns: tuple[tuple[str, str], ...]
    folder: str = ""


@dataclass(frozen=True)
class LakeTable:
    """A table of the lake. ``left`` says what is not ready to be read."""

    name: str
    layout: Layout
    pieces: tuple[Piece, ...]
    left: tuple[str, ...] = ()


class Lake:
    """A folder that Synapse Link writes."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._models: dict[str, dict[str, Any] | None] = {}

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The folders of intervals that are complete, from the oldest, up to the first that is not."""
        found = [name for name in self._files.names() if _INSTANT.fullmatch(name)]
        current = (self._files.text(_CHANGELOG) or "").strip().strip("/")
        for number, name in enumerate(found):
            if name == current or (self._model(name) is None and (name == found[-1] or self._has_rows(name))):
                return tuple(found[:number])
        return tuple(found)

    @cached_property
    def left(self) -> tuple[str, ...]:
        """The folders of intervals that are still being written."""
        found = [name for name in self._files.names() if _INSTANT.fullmatch(name)]
        return tuple(name for name in found if name not in self.folders)

    @property
    def is_in_folders(self) -> bool:
        """Whether a folder per interval is written."""
        return bool(self.folders or self.left)

    def table(self, name: str, after: str = "") -> LakeTable | None:
        """What there is of a table; None where the lake does not have it.

        Args:
            name: its logical name.
            after: of folders per interval, the last one read: it and those before are known to have been complete.
        """
        if not self.is_in_folders:
            entity = self._entity("", name)
            return self._in_one(name, entity) if entity else None
        pieces: list[Piece] = []
        found = bool(after)
        for folder in self.folders:
            if folder >= after and (entity := self._entity(folder, name)):
                found = True
                pieces += self._pieces(folder, name, entity)[0]
        left = tuple(f"{folder} is still being written" for folder in self.left)
        return LakeTable(name, "folders", tuple(pieces), left) if found else None

    def _in_one(self, name: str, entity: dict[str, Any]) -> LakeTable:
        pieces, left = self._pieces("", name, entity)
        is_append = any(column == DELETED for column, _ in _columns(entity))
        return LakeTable(name, "append" if is_append else "in place", tuple(pieces), tuple(left))

    def _pieces(self, folder: str, name: str, entity: dict[str, Any]) -> tuple[list[Piece], list[str]]:
        prefix, columns = f"{folder}/" if folder else "", _columns(entity)
        told = [(str(one.get("name") or ""), str(one.get("location") or "")) for one in entity.get("partitions") or ()]
        paths = [(called, prefix + _inside(location, name)) for called, location in told if location]
        if not paths:
            listed = [file for file in self._files.names(f"{prefix}{name}") if file.endswith(".csv")]
            paths = [(file, f"{prefix}{name}/{file}") for file in listed]
        pieces, left = [], []
        for called, path in paths:
            state = self._files.state(path)
            if state is None:
                left.append(f"{path} is not there yet")
            else:
                pieces.append(Piece(called or path, path, *state, columns, folder))
        return pieces, left

    def _entity(self, folder: str, name: str) -> dict[str, Any] | None:
        model = self._model(folder) or {}
        return next((one for one in model.get("entities") or () if str(one.get("name")).lower() == name), None)

    def _model(self, folder: str) -> dict[str, Any] | None:
        if folder not in self._models:
            path = f"{folder}/{MODEL}" if folder else MODEL
            self._models[folder] = _read(path, self._files.text(path))
        return self._models[folder]

    def _has_rows(self, folder: str) -> bool:
        return any(
            file.endswith(".csv")
            for name in self._files.names(folder)
            for file in self._files.names(f"{folder}/{name}")
        )


def _read(path: str, text: str | None) -> dict[str, Any] | None:
    """A model.json; None where there is none, or it is not written to its end."""
    if not text or not text.rstrip().endswith("}"):
        return None
    try:
        told = json.loads(text)
    except ValueError as error:
        raise ContractBroken(f"{path}: this is no JSON ({error}). Let Synapse Link write the lake again.") from error
    return told if isinstance(told, dict) else None


def _columns(entity: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(one["name"]), str(one.get("dataType", "string"))) for one in entity.get("attributes") or ())


def _inside(location: str, name: str) -> str:
    """Where in the lake a partition's address points: what comes after the folder of its table."""
    parts = unquote(urlsplit(location).path).strip("/").split("/")
    places = [number for number, part in enumerate(parts[:-1]) if part.lower() == name]
    return "/".join(parts[places[-1] :]) if places else f"{name}/{parts[-1]}"
