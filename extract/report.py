"""What a person is told about files that were fetched or loaded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import duckdb

_REASONS_TOLD: Final = 5


@dataclass(frozen=True)
class Reason:
    """Rows of one file that were set aside for reasons of one kind; ``example`` is the first of them, in words."""

    rows: int
    example: str


@dataclass(frozen=True)
class FileRows:
    """The accounts of one file: rows_read = rows_loaded + rows_quarantined."""

    source: str
    entity: str
    file: str
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    reasons: tuple[Reason, ...] = ()

    def lines(self) -> list[str]:
        """The accounts in one line, and a line for each of the first kinds of reason."""
        sums = f"{self.file} ({self.entity}): {self.rows_read:,} rows read, {self.rows_loaded:,} loaded"
        if not self.rows_quarantined:
            return [sums]
        told = [f"  {reason.rows:,} x {reason.example}" for reason in self.reasons[:_REASONS_TOLD]]
        more = len(self.reasons) - _REASONS_TOLD
        told += [f"  and {more} more kinds of reason"] if more > 0 else []
        return [f"{sums}, {self.rows_quarantined:,} in quarantine", *told]


def totals(files: Iterable[FileRows]) -> tuple[int, int, int]:
    """Rows read, loaded and quarantined of all files together."""
    listed = list(files)
    return (
        sum(file.rows_read for file in listed),
        sum(file.rows_loaded for file in listed),
        sum(file.rows_quarantined for file in listed),
    )


def reasons(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[Reason, ...]:
    """The quarantined rows of a relation by kind of reason: its words without numbers and quoted values."""
    query = f"""
        select count(distinct row_id), arg_min(reason, row_number)
        from {relation}
        group by column_name, regexp_replace(reason, '''[^'']*''|[0-9]+', '', 'g')
        order by 1 desc, 2
    """
    return tuple(Reason(rows, example) for rows, example in connection.execute(query).fetchall())
