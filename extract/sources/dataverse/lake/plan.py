"""What of a CSV goes into the spool, from a table's mapping and from what model.json says: one SQL expression each."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from config.schema.sources.dataverse import Table
from extract.mapping.expressions import named, quoted
from extract.packages import Problem
from extract.settle import Stream
from extract.sources.dataverse.lake.labels import Labels
from extract.sources.dataverse.lake.layout import DELETED, LakeTable
from extract.sources.dataverse.plan import MERGED, MODIFIED, VERSION, Unmapped
from extract.stream import mapping_hash

_ID: Final = "Id"
_SINK: Final = "SinkModifiedOn"
_TYPE: Final = "_entitytype"
_NUMBERS: Final = frozenset({"int64", "int32", "decimal", "double"})
_TIDY: Final = _NUMBERS | {"guid", "datetime", "datetimeoffset", "boolean"}
_NEAR: Final = 0.6
_PREFIXED: Final = re.compile(r"(?!address\d_|entityimage_)[a-z][a-z0-9]{1,7}_\w+")
_AMERICAN: Final = "%m/%d/%Y %I:%M:%S %p"


@dataclass(frozen=True)
class LakePlan:
    """How a table of the lake is read: its stream, and name in the spool to the reference it is made of."""

    stream: Stream
    wanted: Mapping[str, str]
    key: str
    labels: Labels

    def expressions(self, columns: tuple[tuple[str, str], ...]) -> str:
        """The select list over a CSV with these columns; a column that it does not have is empty."""
        types = dict(columns)
        told = [f"{self._expression(reference, types)} as {named(name)}" for name, reference in self.wanted.items()]
        gone = [f"lower({named(name)}) in ('true', '1')" for name in (DELETED, MERGED) if name in types]
        if gone:
            told.append(f"case when {' or '.join(gone)} then 'true' end as \"@deleted\"")
        return ", ".join(told)

    def key_of(self, columns: tuple[tuple[str, str], ...]) -> str:
        """SQL of the key of a row with these columns."""
        return self._expression(self.key, dict(columns))

    def _expression(self, reference: str, types: Mapping[str, str]) -> str:
        name, _, part = reference.partition("@")
        if part == "type":
            return _text(name + _TYPE, types)
        if part == "label" and name in self.labels:
            return _labelled(_text(name, types), self.labels[name])
        if part == "label" and f"{name}name" in types:
            return _text(f"{name}name", types)
        if name == self.key and name != _ID and _ID in types:
            return f"coalesce({_text(name, types)}, {named(_ID)})"
        return _text(name, types)


def plan_lake(table: Table, found: LakeTable, labels: Labels, time_zone: str) -> LakePlan:
    """Resolve the references of a table's mapping.

    Raises:
        Unmapped: where a reference has no column.
    """
    types = {name: kind for piece in found.pieces for name, kind in piece.columns}
    wanted = {}
    for reference, place in table.references.items():
        _check(table, reference, place, types)
        wanted[reference.removesuffix("@label") if place == "also" else reference] = reference
    if table.custom_columns:
        named_already = {reference.partition("@")[0] for reference in table.references} | set(table.ignore)
        for name in types:
            if name not in named_already and _is_custom(name, types):
                wanted[name] = f"{name}@label" if name in labels else name
    key = next((name for name in (f"{table.table}id", "activityid") if name in types), _ID)
    key = _ID if table.table == "activityparty" and key == "activityid" else key
    version = next((name for name in (VERSION, MODIFIED, _SINK) if name in types), None)
    silent = {key, *({version} if version else ()), *({MODIFIED} & types.keys())}
    ignored = tuple(sorted((silent - set(table.columns.values())) | set(table.ignore)))
    stream = Stream(
        name=table.table,
        mapping=table.model_copy(update={"ignore": ignored}),
        mapping_hash=mapping_hash(table, time_zone),
        key=key,
        version=version,
        numeric=frozenset(name for name in wanted if types.get(name) in _NUMBERS and name not in labels),
        tidy=frozenset(name for name in wanted if types.get(name, "").lower() in _TIDY and name not in labels),
    )
    return LakePlan(stream, wanted | {name: name for name in sorted(silent)}, key, labels)


def _check(table: Table, reference: str, place: str, types: Mapping[str, str]) -> None:
    name, _, part = reference.partition("@")
    needed = name + _TYPE if part == "type" else name
    if needed in types:
        return
    near = difflib.get_close_matches(needed, sorted(types), 1, _NEAR)
    hint = f", did you mean '{near[0]}'?" if near else "."
    told = (
        f"{table.table} ({table.entity}): the lake has no column '{needed}' (mapped at {place}){hint} "
        "Correct sources/dataverse.yml, or add the column to Synapse Link."
    )
    raise Unmapped(Problem("mapping", table.entity, table.table, told, column_name=needed))


def _is_custom(name: str, types: Mapping[str, str]) -> bool:
    """Whether a publisher's prefix is before the name, and it is no column that the service adds to another."""
    base = name.removesuffix("_base")
    follows = name.endswith(_TYPE) or (base != name and base in types and "_" not in base)
    return bool(_PREFIXED.fullmatch(name)) and not follows


def _text(name: str, types: Mapping[str, str]) -> str:
    kind = types.get(name, "").lower()
    if not kind:
        return "null::varchar"
    column = named(name)
    if kind == "boolean":
        return f"lower({column})"
    if kind in {"datetime", "datetimeoffset"}:
        american = f"strftime(try_strptime({column}, {quoted(_AMERICAN)}), '%Y-%m-%dT%H:%M:%SZ')"
        return f"case when contains({column}, '/') then {american} else {column} end"
    return column


def _labelled(text: str, labels: Mapping[str, str]) -> str:
    """SQL of a label; a value without one stays what it is, and truth values are 0 and 1 to an option set."""
    both = dict(labels)
    both |= {word: labels[code] for word, code in (("false", "0"), ("true", "1")) if code in labels}
    cases = " ".join(f"when {quoted(code)} then {quoted(label)}" for code, label in both.items())
    return f"case {text} {cases} else {text} end"
