"""What a canonical entity is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "number", "integer", "boolean", "date", "timestamp"]
SQL_TYPES: dict[ColumnType, str] = {
    "text": "varchar",
    "number": "double",
    "integer": "bigint",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}


@dataclass(frozen=True)
class Column:
    """A canonical column. ``values`` lists the only values it may take after mapping, where there is such a list."""

    name: str
    type: ColumnType
    meaning: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entity:
    """A canonical entity: its key columns (unique together, never empty) and all its columns."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of all columns, in their stored order."""
        return tuple(column.name for column in self.columns)
