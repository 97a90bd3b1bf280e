"""An organisation's tables as Azure Synapse Link writes them into a lake: model.json and CSV without headers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Literal

from extract.sources.dataverse.emulator.render import quoted, text
from extract.sources.dataverse.emulator.schema import Column, Kind, Table
from extract.sources.dataverse.emulator.store import Store

Layout = Literal["in place", "append", "folders"]
_TYPES: Final[dict[Kind, str]] = {
    "key": "guid",
    "lookup": "guid",
    "integer": "int64",
    "bigint": "int64",
    "picklist": "int64",
    "state": "int64",
    "status": "int64",
    "decimal": "decimal",
    "money": "decimal",
    "double": "double",
    "boolean": "boolean",
    "datetime": "dateTime",
    "date": "dateTime",
}
_INSTANT: Final = "%Y-%m-%dT%H:%M:%S.0000000Z"
_AMERICAN: Final = "%-m/%-d/%Y %-I:%M:%S %p"
_CSV: Final = "format csv, header false, force_quote *"
_LABELS: Final = "Microsoft.Athena.TrickleFeedService"
Pair = tuple[str, str]


class Lake:
    """Writes the store into a folder; each ``export`` brings the folder up to the store's present."""

    def __init__(self, store: Store, folder: Path, layout: Layout = "in place", names: Iterable[str] = ()) -> None:
        self._store, self.folder, self._layout = store, folder, layout
        self._names = tuple(names) or tuple(store.tables)
        self._written = 0

    def export(self, *, is_finished: bool = True) -> Path:
        """Write what there is, or what has changed since the last time; the folder that holds the new model.json.

        Args:
            is_finished: write model.json as well, which comes last.
        """
        until = self._store.settled_version()
        place = self.folder
        if self._layout == "folders":
            place /= self._store.clock.now().strftime("%Y-%m-%dT%H.%M.%SZ")
        entities = [self._table(self._store.tables[name], place, until) for name in self._names]
        for name in self._names:
            write_labels(place, self._store.tables[name])
        if is_finished:
            write_model(place, entities)
            self._written = until
        return place

    def _table(self, table: Table, place: Path, until: int) -> dict[str, Any]:
        (place / table.name).mkdir(parents=True, exist_ok=True)
        names = {column.name for column in table.columns}
        year = "coalesce(year(createdon), 1)" if "createdon" in names else "1"
        relation = self._store.place(table.name)
        changed = f'"@version" > {0 if self._layout == "in place" else self._written} and "@version" <= {until}'
        if self._layout == "in place":
            changed += ' and not "@deleted"'
        cursor = self._store.cursor()
        columns = lake_columns(table, has_deleted=self._layout != "in place")
        found = cursor.execute(f"select distinct {year} from {relation} where {changed} order by 1").fetchall()
        for (number,) in found:
            target = place / table.name / f"{number}.csv"
            fresh = target.with_suffix(".new")
            listed = ", ".join(f"{expression} as {quoted(name)}" for name, _, expression in columns)
            query = f'select {listed} from {relation} where {changed} and {year} = {number} order by "@version"'
            cursor.execute(f"copy ({query}) to {text(str(fresh))} ({_CSV})")
            if self._layout != "in place" and target.exists():
                fresh.write_bytes(target.read_bytes() + fresh.read_bytes())
            fresh.replace(target)
        if self._layout == "in place":
            for path in (place / table.name).glob("*.csv"):
                if path.stem not in {str(number) for (number,) in found}:
                    path.write_bytes(b"")
        paths = sorted((place / table.name).glob("*.csv"))
        return entity(table.name, [(name, kind) for name, kind, _ in columns], paths)


def lake_columns(table: Table, *, has_deleted: bool) -> list[tuple[str, str, str]]:
    """Name, type in model.json and SQL of each column of a table's CSV."""
    sink = f"strftime(timestamp '2026-01-01' + to_seconds(\"@version\"), {text(_AMERICAN)})"
    key = quoted(table.key)
    found = [("Id", "guid", key), ("SinkCreatedOn", "dateTime", sink), ("SinkModifiedOn", "dateTime", sink)]
    gone = 'case when "@deleted" then null else {} end' if has_deleted else "{}"
    for column in table.columns:
        kind = _TYPES.get(column.kind, "string")
        found.append((column.name, kind, gone.format(_value(column))))
        if column.kind == "lookup":
            typed = quoted(f"{column.name}@type")
            found.append((f"{column.name}_entitytype", "string", gone.format(typed)))
    found.append(("versionnumber", "int64", '"@version"'))
    if has_deleted:
        found.append(("IsDelete", "boolean", "case when \"@deleted\" then 'True' else 'False' end"))
    return found


def entity(name: str, columns: Iterable[Pair], paths: Iterable[Path]) -> dict[str, Any]:
    """A table as model.json describes it."""
    address = "https://lake.dfs.core.windows.net:443/dataverse-demo-org"
    return {
        "$type": "LocalEntity",
        "name": name,
        "description": name,
        "annotations": [{"name": "Athena:PartitionGranularity", "value": "Year"}],
        "attributes": [{"name": column, "dataType": kind, "maxLength": -1} for column, kind in columns],
        "partitions": [
            {
                "name": path.stem,
                "location": f"{address}/{name}/{path.name}",
                "fileFormatSettings": {"$type": "CsvFormatSettings", "columnHeaders": False, "delimiter": ","},
            }
            for path in paths
        ],
    }


def write_model(place: Path, entities: Iterable[dict[str, Any]]) -> None:
    """Write model.json, at once as a whole."""
    place.mkdir(parents=True, exist_ok=True)
    told = {"name": "cdm", "description": "cdm", "version": "1.0", "entities": list(entities)}
    fresh = place / "model.new"
    fresh.write_text(json.dumps(told), encoding="utf-8")
    fresh.replace(place / "model.json")


def write_labels(place: Path, table: Table) -> None:
    """Write the labels of a table's option sets."""
    told: dict[str, list[dict[str, Any]]] = {"OptionSetMetadata": [], "StateMetadata": [], "StatusMetadata": []}
    for column in table.columns:
        for option in column.options:
            one = {"EntityName": table.name, "LocalizedLabel": option.label, "LocalizedLabelLanguageCode": 1033}
            one |= {"IsUserLocalizedLabel": True}
            if column.kind in {"state", "status"}:
                told[f"{column.kind.capitalize()}Metadata"].append(one | {column.kind.capitalize(): option.value})
            else:
                told["OptionSetMetadata"].append(one | {"OptionSetName": column.name, "Option": option.value})
    (place / _LABELS).mkdir(parents=True, exist_ok=True)
    (place / _LABELS / f"{table.name}-EntityMetadata.json").write_text(json.dumps(told), encoding="utf-8")


def _value(column: Column) -> str:
    place = quoted(column.name)
    if column.kind == "datetime":
        return f"strftime({place}, {text(_INSTANT)})"
    if column.kind == "date":
        return f"strftime({place}::timestamp, {text(_INSTANT)})"
    if column.kind == "boolean":
        return f"case when {place} then 'True' when not {place} then 'False' end"
    return f"{place}::varchar"
