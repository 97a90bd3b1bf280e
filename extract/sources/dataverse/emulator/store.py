"""The organisation's rows: their present state, the version in which each was last changed, and what was deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from extract.sources.dataverse.emulator import audit
from extract.sources.dataverse.emulator.cells import fits, json_text
from extract.sources.dataverse.emulator.render import quoted
from extract.sources.dataverse.emulator.schema import Column, Table
from extract.sources.dataverse.emulator.tables import Tables

_MERGED_STATES: Final = {"lead": (2, 7), "account": (1, 2), "contact": (1, 2)}


class Store(Tables):
    """Tables and their rows. Everything that changes happens at the clock's now and gets the next version number.

    Only the present is kept, as the service does: change tracking tells which rows have changed since a version, not
    what they were.
    """

    acting_user = "05e20000-0000-4000-8000-000000000000"
    """Who makes the changes, for the audit log."""

    def keys(self, name: str) -> list[str]:
        """Keys of all rows that are there, in the order in which they came."""
        key = quoted(self.tables[name].key)
        found = self.run(f'select {key} from {self.place(name)} where not "@deleted" order by "@row"').fetchall()
        return [value for (value,) in found]

    def row(self, name: str, key: str) -> dict[str, Any]:
        """A row as it is stored; KeyError where there is none."""
        table = self.tables[name]
        cursor = self.cursor().execute(
            f'select * from {self.place(name)} where {quoted(table.key)} = ? and not "@deleted"', [key]
        )
        found = cursor.fetchone()
        if found is None:
            raise KeyError(key)
        return dict(zip([column[0] for column in cursor.description or []], found, strict=True))

    def insert(self, name: str, values: Mapping[str, Any]) -> str:
        """Add a row now; createdon and modifiedon are now unless given. Returns its key."""
        table = self.tables[name]
        key = values.get(table.key) or self._next_key(name)
        stamped = {**self._stamps(table, "createdon", "modifiedon"), **values, table.key: key}
        self._adapt(table, stamped)
        with self._lock:
            self.version += 1
            row = self.number(f'select coalesce(max("@row"), 0) + 1 from {self.place(name)}')
            cells = {"@row": row, "@version": self.version, **self._cells(table, stamped)}
            names, marks = ", ".join(quoted(cell) for cell in cells), ", ".join("?" for _ in cells)
            self.run(f"insert into {self.place(name)} ({names}) values ({marks})", list(cells.values()))
        return str(key)

    def update(self, name: str, key: str, values: Mapping[str, Any]) -> None:
        """Change columns of a row now, in the audit log too where the table has one; KeyError where there is none."""
        before, table = self.row(name, key), self.tables[name]
        stamped = {**self._stamps(table, "modifiedon"), **values}
        self._adapt(table, stamped)
        with self._lock:
            self.version += 1
            cells = {"@version": self.version, **self._cells(table, stamped)}
            told = ", ".join(f"{quoted(cell)} = ?" for cell in cells)
            query = f'update {self.place(name)} set {told} where {quoted(table.key)} = ? and not "@deleted"'
            self.run(query, [*cells.values(), key])
        changes = audit.changes_of(table, before, cells) if table.audited and audit.TABLE in self.tables else []
        if changes:
            self.insert(audit.TABLE, audit.audit_row(name, key, self.acting_user, changes))

    def delete(self, name: str, key: str) -> None:
        """Delete a row now; KeyError where there is none."""
        self.row(name, key)
        with self._lock:
            self.version += 1
            place, column = self.place(name), quoted(self.tables[name].key)
            query = f'update {place} set "@deleted" = true, "@version" = ? where {column} = ? and not "@deleted"'
            self.run(query, [self.version, key])

    def merge(self, name: str, loser: str, winner: str) -> None:
        """Merge two rows as the service does: the loser is closed and points to the winner, its children move over."""
        table, columns = self.tables[name], {column.name for column in self.tables[name].columns}
        state, status = _MERGED_STATES[name]
        marks = {"merged": True, "masterid": (name, winner), "statecode": state, "statuscode": status}
        self.update(name, loser, {column: value for column, value in marks.items() if column in columns})
        for child in self.tables.values():
            for column in child.columns:
                if column.kind == "lookup" and name in column.targets and column.name != "masterid":
                    for key in self._pointing(child, column, loser):
                        self.update(child.name, key, {column.name: (table.name, winner)})

    def _adapt(self, table: Table, values: Mapping[str, Any]) -> None:
        """Loosen each column that is given a value its kind cannot hold."""
        for column, value in values.items():
            known = column in self.loose[table.name] or fits(table.column(column), value)
            if value is not None and not known:
                self.loosen(table.name, column)

    def _cells(self, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values as they are stored: a lookup in three cells, a loose column as JSON text."""
        cells: dict[str, Any] = {}
        for name, value in values.items():
            column = table.column(name)
            if name in self.loose[table.name]:
                cells[name] = json_text(value)
            elif column.kind == "lookup":
                target, key = value if isinstance(value, tuple) else (column.targets[0], value)
                cells |= {name: key, f"{name}@type": target if key else None, f"{name}@name": self._name(target, key)}
            else:
                cells[name] = value
        return cells

    def _name(self, target: str, key: str | None) -> str | None:
        """The primary name of a row, where it is there and has one."""
        table = self.tables.get(target)
        if table is None or table.primary_name is None or key is None:
            return None
        query = f"select {quoted(table.primary_name)} from {self.place(target)} where {quoted(table.key)} = ?"
        found = self.run(query, [key]).fetchone()
        return found[0] if found else None

    def _pointing(self, table: Table, column: Column, key: str) -> list[str]:
        query = (
            f"select {quoted(table.key)} from {self.place(table.name)} "
            f'where {quoted(column.name)} = ? and not "@deleted" order by "@row"'
        )
        return [value for (value,) in self.run(query, [key]).fetchall()]

    def _stamps(self, table: Table, *names: str) -> dict[str, datetime]:
        now = self.clock.now().replace(microsecond=0)
        return {column.name: now for column in table.columns if column.name in names}

    def _next_key(self, name: str) -> str:
        count = self.number(f"select count(*) from {self.place(name)}")
        return f"0e00{self.tables[name].code % 10_000:04d}-0000-4000-8000-{count + 1:012d}"
