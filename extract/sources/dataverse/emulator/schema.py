"""What a Dataverse organisation knows about its tables: columns, their kinds, option sets, names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

Kind = Literal[
    "key", "string", "memo", "entityname", "integer", "bigint", "decimal", "double", "money", "boolean", "picklist",
    "state", "status", "datetime", "date", "lookup",
]  # fmt: skip
SQL_TYPES: Final[dict[Kind, str]] = {
    "key": "varchar",
    "string": "varchar",
    "memo": "varchar",
    "entityname": "varchar",
    "integer": "bigint",
    "bigint": "bigint",
    "decimal": "decimal(18, 4)",
    "double": "double",
    "money": "decimal(18, 4)",
    "boolean": "boolean",
    "picklist": "bigint",
    "state": "bigint",
    "status": "bigint",
    "datetime": "timestamp",
    "date": "date",
    "lookup": "varchar",
}
VERSION_NUMBER: Final = "versionnumber"


@dataclass(frozen=True)
class Option:
    """A value of an option set with its label; of a status, also the state that it belongs to."""

    value: int
    label: str
    state: int | None = None


@dataclass(frozen=True)
class Column:
    """A column under its logical name. ``targets`` are the tables a lookup can point to."""

    name: str
    kind: Kind
    options: tuple[Option, ...] = ()
    targets: tuple[str, ...] = ()
    custom: bool = False

    @property
    def property_name(self) -> str:
        """Its name in the Web API."""
        return f"_{self.name}_value" if self.kind == "lookup" else self.name

    @property
    def labelled(self) -> bool:
        """Whether it has an option set."""
        return self.kind in {"picklist", "state", "status", "boolean"}


@dataclass(frozen=True)
class Table:
    """A table: logical name, name of its entity set, primary key, primary name, columns (the key's among them)."""

    name: str
    set_name: str
    key: str
    columns: tuple[Column, ...]
    primary_name: str | None = None
    code: int = 10_000
    tracked: bool = True
    activity: bool = False
    audited: bool = False
    custom: bool = False

    @property
    def readable(self) -> tuple[Column, ...]:
        """Every column that can be selected; the version number is one of each table."""
        return (*self.columns, Column(VERSION_NUMBER, "bigint"))

    @property
    def properties(self) -> dict[str, Column]:
        """The readable columns under their names in the Web API."""
        return {column.property_name: column for column in self.readable}

    def column(self, name: str) -> Column:
        """The column of that logical name; KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]

    def with_column(self, column: Column) -> Table:
        """The table with one more column."""
        return replace(self, columns=(*self.columns, column))

    def renamed(self, old: str, new: str) -> Table:
        """The table with a column under another name."""
        columns = tuple(replace(column, name=new) if column.name == old else column for column in self.columns)
        return replace(self, columns=columns)


def yes_no(name: str, *, custom: bool = False) -> Column:
    """A two-option column labelled No and Yes."""
    return Column(name, "boolean", (Option(0, "No"), Option(1, "Yes")), custom=custom)
