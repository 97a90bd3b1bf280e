"""Pages of items, as a service served them, on disk: native Parquet, every column text, memory flat.

Columns of the spool's own:

    @row       number of the item, from 1
    @deleted   true: the record is gone, only its key is known
    @history   true: an earlier state of a record, besides its present one
    @broken    what is wrong with an item that is no record at all; @text is that item

A column that turns up late begins a new part; the parts together are one relation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

ROW: Final = "@row"
DELETED: Final = "@deleted"
HISTORY: Final = "@history"
BROKEN: Final = "@broken"
TEXT: Final = "@text"
OWN: Final = (ROW, DELETED, HISTORY, BROKEN, TEXT)
_ROWS_IN_GROUP: Final = 20_000
_LONGEST_BROKEN: Final = 10_000


class Spool:
    """Writes items into the parts of a spool; use it as a context manager, and ``parts`` after it.

    Args:
        folder: where the parts go.
        after: the number of the last item of a spool that this one continues.
    """

    def __init__(self, folder: Path, after: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._schema = pa.schema([(ROW, pa.int64()), *((name, pa.string()) for name in OWN[1:])])
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        self._held = 0
        self.rows = after
        self.parts: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._close_part()

    def add(
        self,
        items: Sequence[object],
        names: Mapping[str, str | None] | None = None,
        *,
        labels: Mapping[str, tuple[str, Mapping[object, str]]] = MappingProxyType({}),
        mark: str | None = None,
    ) -> None:
        """Write a page of items.

        Args:
            items: objects as JSON has them; what is no object is kept as broken.
            names: name in the item: name in the spool, None for what is not kept. Names that are not listed are kept
                as they are, but for those with an @, which tell about other values.
            labels: name in the spool: name in the item, and a label for each of its values.
            mark: HISTORY or DELETED, for all items of the page.
        """
        records = [item for item in items if isinstance(item, dict)]
        for item in items:
            if not isinstance(item, dict):
                self.add_broken(json.dumps(item, ensure_ascii=False), "it is no object")
        if not records:
            return
        listed = names or {}
        told = {name: listed.get(name, None if "@" in name else name) for name in _names(records)}
        texts = _read(records, {name for name, kept in told.items() if kept} | {name for name, _ in labels.values()})
        columns = {kept: texts[name] for name, kept in told.items() if kept}
        for kept, (name, labelled) in labels.items():
            columns[kept] = _labelled(records, name, texts[name], labelled)
        if mark:
            columns[mark] = pa.array(["true"] * len(records), pa.string())
        self._append(columns, len(records))

    def add_broken(self, text: str, why: str) -> None:
        """Keep something that is no item, with what is wrong with it, for quarantine."""
        self._append({BROKEN: _texts([why]), TEXT: _texts([text[:_LONGEST_BROKEN]])}, 1)

    def add_deleted(self, keys: Iterable[str], key: str) -> None:
        """Note that the records with these keys are gone."""
        self.add([{key: value} for value in keys], mark=DELETED)

    def _append(self, columns: dict[str, pa.Array], count: int) -> None:
        columns[ROW] = pa.array(range(self.rows + 1, self.rows + count + 1), pa.int64())
        self.rows += count
        new = [name for name in columns if name not in self._schema.names]
        if new:
            self._flush()
            self._close_part()
            self._schema = pa.schema([*self._schema, *(pa.field(name, pa.string()) for name in new)])
        arrays = [
            columns[field.name] if field.name in columns else pa.nulls(count, field.type) for field in self._schema
        ]
        self._waiting.append(pa.Table.from_arrays(arrays, schema=self._schema))
        self._held += count
        if self._held >= _ROWS_IN_GROUP:
            self._flush()

    def _flush(self) -> None:
        if not self._waiting:
            return
        if self._writer is None:
            path = self._folder / f"part-{len(self.parts):05d}.parquet"
            self._writer = pq.ParquetWriter(path, self._schema, compression="lz4")
            self.parts.append(path)
        self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting, self._held = [], 0

    def _close_part(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _names(records: Sequence[dict[str, Any]]) -> Iterable[str]:
    """Every name that any of them has, in order; nearly always they all have the same."""
    first = records[0].keys()
    return first if all(record.keys() == first for record in records) else dict.fromkeys(chain.from_iterable(records))


def _read(records: list[dict[str, Any]], names: set[str]) -> dict[str, pa.Array]:
    """The values of each name as texts: those that are texts already in one go, which is much the quickest."""
    plain = [name for name in names if isinstance(records[0].get(name), str | None)]
    found: dict[str, pa.Array] = {}
    try:
        read = pa.array(records, pa.struct([(name, pa.string()) for name in plain]))
    except (pa.ArrowTypeError, pa.ArrowInvalid, UnicodeEncodeError):
        pass  # not all of them are texts after all
    else:
        found = dict(zip(plain, read.flatten(), strict=True))
    return found | {name: _texts([record.get(name) for record in records]) for name in names - found.keys()}


def _labelled(records: Sequence[dict[str, Any]], name: str, texts: pa.Array, labels: Mapping[object, str]) -> pa.Array:
    """The labels of a column's values, looked up once for each that is different."""
    if any(isinstance(record.get(name), bool | list | dict) for record in records):
        return _texts([_label(record.get(name), labels) for record in records])
    encoded = texts.dictionary_encode()
    return _texts([_label(value, labels) for value in encoded.dictionary.to_pylist()]).take(encoded.indices)


def _label(value: Any, labelled: Mapping[object, str]) -> Any:
    """The label of a value; of several choices, all labels; a value without a label stays what it is."""
    if value is None or isinstance(value, list | dict):
        return value
    if value in labelled:
        return labelled[value]
    return "; ".join(labelled.get(part, part) for part in value.split(",")) if isinstance(value, str) else value


def _texts(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid, UnicodeEncodeError):
        return pa.array([_text(value) for value in values], pa.string())


def _text(value: Any) -> str | None:
    """A value as the service served it; half a character, which no file can hold, becomes a question mark."""
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8")
