"""What to ask of a table, from its mapping and from what the organisation says about it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from config.schema.sources.dataverse import Table
from extract.packages import Problem
from extract.settle import Stream
from extract.sources.dataverse.metadata import Column, Definition, Label
from extract.stream import mapping_hash

VERSION: Final = "versionnumber"
MODIFIED: Final = "modifiedon"
MERGED: Final = "merged"
FORMATTED: Final = "OData.Community.Display.V1.FormattedValue"
LOOKUP_TYPE: Final = "Microsoft.Dynamics.CRM.lookuplogicalname"
_NEAR: Final = 0.6


class Unmapped(Exception):
    """A mapping names what is not there; ``problem`` is what is recorded."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True)
class Plan:
    """How one table is read.

    Attributes:
        definition: the table.
        stream: what its rows become.
        select: names in the Web API to ask for, sorted.
        names: name in an item to name in the spool; None: not kept.
        labels: name in the spool to the name in the item and its labels.
        annotations: annotations to ask for.
        cursor: the column that tells when a row was changed last; None for none.
        merged: the column that says that a row was merged into another one; None for none.
        columns: those that the spool has something of, by logical name.
    """

    definition: Definition
    stream: Stream
    select: tuple[str, ...]
    names: Mapping[str, str | None]
    labels: Mapping[str, tuple[str, Label]]
    annotations: frozenset[str]
    cursor: str | None
    merged: str | None
    columns: Mapping[str, Column]


def missing_table(table: Table, known: Mapping[str, Definition]) -> Problem:
    """The organisation has no such table, or the application may not know of it."""
    near = difflib.get_close_matches(table.table, sorted(known), 1, _NEAR)
    hint = f" Is it '{near[0]}'?" if near else ""
    told = f"{table.table} ({table.entity}): the service has no such table.{hint} Correct sources/dataverse.yml."
    return Problem("missing", table.entity, table.table, told)


def plan(table: Table, definition: Definition, columns: Mapping[str, Column], time_zone: str) -> Plan:
    """Resolve the references of a table's mapping.

    Raises:
        Unmapped: where a reference has no column, or the table no key that serves.
    """
    made = _Making(table, columns)
    cursor = made.cursor(definition)
    stamps = {VERSION, MODIFIED} & columns.keys() if definition.changes_are_dated else set()
    merged = MERGED if definition.changes_are_dated and MERGED in columns else None
    for reference, key in table.references.items():
        made.take(reference, key, reference.removesuffix("@label") if key == "also" else reference)
    if table.custom_columns:
        made.take_custom()
    silent = {definition.key, *stamps, *({cursor} if cursor else ())}
    made.select |= {*silent, *({merged} if merged else ())}
    ignored = tuple(sorted((silent - set(table.columns.values())) | set(table.ignore)))
    stream = Stream(
        name=table.table,
        mapping=table.model_copy(update={"ignore": ignored}),
        mapping_hash=mapping_hash(table, time_zone),
        key=definition.key,
        version=VERSION if VERSION in stamps else cursor,
        numeric=frozenset(made.numeric),
        tidy=frozenset(made.tidy),
    )
    names = made.names | {name: None for name in made.select if name not in made.names and name not in silent}
    return Plan(
        definition,
        stream,
        tuple(sorted(made.select)),
        names,
        made.labels,
        frozenset(made.annotations),
        cursor,
        merged,
        {name: column for name, column in columns.items() if column.served_as in made.select},
    )


class _Making:
    """A plan in the making."""

    def __init__(self, table: Table, columns: Mapping[str, Column]) -> None:
        self._table, self._columns = table, columns
        self.select: set[str] = set()
        self.names: dict[str, str | None] = {}
        self.labels: dict[str, tuple[str, Label]] = {}
        self.annotations: set[str] = set()
        self.numeric: set[str] = set()
        self.tidy: set[str] = set()

    def cursor(self, definition: Definition) -> str | None:
        """The column that tells when a row was changed last; the table's key has to be one that serves."""
        if definition.key not in self._columns:
            told = (
                f"its key is '{definition.key}', and only a table whose key is one column can be read. Take it out of"
            )
            raise Unmapped(self._problem(f"{told} sources/dataverse.yml.", definition.key))
        name = self._table.cursor
        if name is None:
            return MODIFIED if definition.changes_are_dated and MODIFIED in self._columns else None
        column = self._columns.get(name)
        if column is None:
            raise Unmapped(self._no_column(name, "cursor"))
        if column.kind != "DateTime":
            raise Unmapped(
                self._problem(f"cursor: '{name}' holds no instants. Name a column that does, or none.", name)
            )
        return name

    def take(self, reference: str, key: str, called: str) -> None:
        """One reference of the mapping; ``called`` is its name in the spool."""
        name, _, part = reference.partition("@")
        column = self._columns.get(name)
        if column is None:
            raise Unmapped(self._no_column(name, key))
        self.select.add(column.served_as)
        if part == "label" and column.labels is not None:
            self.labels[called] = (column.served_as, column.labels)
        elif part:
            annotation = FORMATTED if part == "label" else LOOKUP_TYPE
            self.annotations.add(annotation)
            self.names[f"{column.served_as}@{annotation}"] = called
        else:
            self.names[column.served_as] = called
            self.numeric |= {called} if column.is_number else set()
            self.tidy |= {called} if column.is_tidy else set()

    def take_custom(self) -> None:
        """The custom columns that nothing names; option sets and truth values by their labels."""
        named = {reference.partition("@")[0] for reference in self._table.references} | set(self._table.ignore)
        for column in self._columns.values():
            if column.is_custom and column.name not in named:
                self.take(f"{column.name}@label" if column.labels is not None else column.name, "", column.name)

    def _no_column(self, name: str, key: str) -> Problem:
        near = difflib.get_close_matches(name, sorted(self._columns), 1, _NEAR)
        hint = f", did you mean '{near[0]}'?" if near else "."
        told = f"there is no column '{name}' (mapped at {key}) that the application may read{hint}"
        return self._problem(f"{told} Correct it in sources/dataverse.yml.", name)

    def _problem(self, told: str, column: str) -> Problem:
        table, entity = self._table.table, self._table.entity
        return Problem("mapping", entity, table, f"{table} ({entity}): {told}", column_name=column)
