"""What the values of a file show: encoding, delimiter, decimal mark, key, dates, statuses. For ``map`` only."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import duckdb

from config.schema.canonical import ENTITIES
from config.schema.mapping import ROW_NUMBER
from config.schema.sources.files import Table
from extract.mapping.expressions import declare, quoted
from extract.sources.files.guess import canonical_value, columns_of, entity_of, regarding_of
from extract.sources.files.lines import read_header
from extract.sources.files.read import NoRows, open_rows
from extract.sources.files.text import Undecodable, scan

FORMATS: Final = {".csv": "csv", ".txt": "csv", ".tsv": "tsv", ".tab": "tsv", ".parquet": "parquet", ".jsonl": "jsonl"}
_DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLE: Final = 5_000
_MOST_VALUES: Final = 40
_DAYS: Final = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d %b, %Y", "%d %b %Y", "%b %d, %Y", "%Y%m%d"
)  # fmt: skip
_TIMES: Final = (" %H:%M:%S", " %H:%M", " %I:%M %p", "")
_DATE_FORMATS: Final = (*(day + time for time in _TIMES for day in _DAYS), "%Y-%m", "%m/%Y", "%b %Y")
_NOTHINGS: Final = ("Select", "N/A", "n/a", "NULL", "null", "None", "-", "--", "#N/A")


@dataclass
class Found:
    """What was found out about one file. ``remarks`` that begin with CHECK are for a person to decide."""

    file: str
    names: tuple[str, ...]
    rows: int
    settings: dict[str, str] = field(default_factory=dict)
    entity: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str | None]] = field(default_factory=dict)
    regarding: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def examine(path: Path) -> Found | str:
    """What a file is; or, as text, why it cannot be read."""
    found = Found(path.name, (), 0)
    kind = FORMATS[path.suffix.lower()]
    if kind != "csv":
        found.settings["format"] = kind
    with tempfile.TemporaryDirectory() as temporary, duckdb.connect(":memory:") as connection:
        staging = Path(temporary)
        text = path
        try:
            if kind != "parquet":
                text = _as_utf8(path, staging / "text", found)
            if kind == "csv":
                _sniff_delimiter(text, found)
            table = Table.model_construct(**{**Table.model_construct().model_dump(), **found.settings})
            declare(connection, ".", "UTC")
            opened = open_rows(connection, table, text, staging, suspicious=False)
        except NoRows as error:
            return f"{error}."
        except Undecodable as error:
            return f"line {error.line} is in no known encoding."
        except duckdb.Error as error:
            return f"cannot be read ({str(error).splitlines()[0]})."
        found.names = opened.names
        _examine_rows(connection, found, opened.dated)
    return found


def _as_utf8(path: Path, copy: Path, found: Found) -> Path:
    try:
        scan(path, None, None)
    except Undecodable as error:
        if error.fits is None:
            raise
        found.settings["encoding"] = error.fits
        found.remarks.append(f"encoding guessed; line {error.line} then reads: {error.example}")
        scan(path, error.fits, copy)
        return copy
    return path


def _sniff_delimiter(path: Path, found: Found) -> None:
    widths = {mark: len(header.names) for mark in _DELIMITERS if (header := read_header(path, mark))}
    best = max(widths, key=lambda mark: widths[mark], default=",")
    if best != "," and widths[best] > widths[","]:
        found.settings["delimiter"] = best


def _examine_rows(connection: duckdb.DuckDBPyConnection, found: Found, dated: frozenset[str]) -> None:
    connection.execute(f"create table sample_rows as select * from source_rows limit {_SAMPLE}")
    row = connection.execute("select count(*) from source_rows").fetchone()
    found.rows = int(row[0]) if row else 0
    found.entity = entity_of(found.file, found.names)
    if found.entity is None:
        return
    place = {name: f"clean(c{number})" for number, name in enumerate(found.names)}
    found.columns = columns_of(found.entity, found.names)
    _sniff_decimals(connection, found, place)
    if not _settle_key(connection, found, place):
        return
    _settle_dates(connection, found, place, dated)
    _settle_values(connection, found, place)
    _settle_empty(connection, found, place)
    if set(found.columns.values()) == {ROW_NUMBER}:
        found.remarks = [f"it looks like {found.entity}, but none of its columns was recognised"]
        found.entity = None
        return
    found.regarding = regarding_of(found.entity, found.names)
    found.constants = {"type": kind} if (kind := activity_type(found)) else {}


def _settle_key(connection: duckdb.DuckDBPyConnection, found: Found, place: dict[str, str]) -> bool:
    """Keys must be filled and unique: else the number of the row is the key. False: it cannot be this entity."""
    assert found.entity is not None  # noqa: S101 - the caller asked
    keys = ENTITIES[found.entity].key
    lacking = [key for key in keys if key not in found.columns]
    if len(keys) > 1 and lacking:
        found.remarks.append(f"it looks like {found.entity}, but has no {', '.join(lacking)}, part of the key")
        found.entity = None
        return False
    texts = ", ".join(place.get(found.columns.get(key, ""), "null") for key in keys)
    asked = connection.execute(
        f"select count(*), count(distinct ({texts})), count({texts.split(', ')[0]}) from source_rows"
    )
    total, distinct, filled = asked.fetchone() or (0, 0, 0)
    if total == distinct == filled:
        return True
    if len(keys) == 1:
        for name in found.names:
            values = connection.execute(f"select count(distinct {place[name]}) from source_rows").fetchone()
            if values and values[0] == total and _looks_like_a_key(name):
                found.columns[keys[0]] = name
                found.remarks.append(f"CHECK: {keys[0]}: '{name}' is filled and unique, so it was taken as the key")
                return True
        found.remarks.append(f"CHECK: {keys[0]}: no column found that is filled and unique; the row number stands in")
        found.columns[keys[0]] = ROW_NUMBER
    else:
        found.remarks.append(f"CHECK: {', '.join(keys)} repeat in {total - distinct:,} rows; those will be quarantined")
    return True


def _looks_like_a_key(name: str) -> bool:
    return any(part in name.lower() for part in ("id", "number", "no", "key", "code", "name"))


def _sniff_decimals(connection: duckdb.DuckDBPyConnection, found: Found, place: dict[str, str]) -> None:
    """A comma where more values of the number columns can be read with it than with a point."""
    assert found.entity is not None  # noqa: S101 - the caller asked
    numbers = [name for name in found.columns if ENTITIES[found.entity].column(name).type == "number"]
    if not numbers or found.settings.get("format") in {"parquet", "jsonl"}:
        return
    total = " + ".join(f"count(as_number({place[found.columns[name]]}))" for name in numbers)
    readable = {}
    for mark in (",", "."):
        declare(connection, mark, "UTC")
        row = connection.execute(f"select {total} from sample_rows").fetchone()
        readable[mark] = row[0] if row else 0
    if readable[","] > readable["."]:
        found.settings["decimal_mark"] = ","


def _settle_dates(
    connection: duckdb.DuckDBPyConnection, found: Found, place: dict[str, str], dated: frozenset[str]
) -> None:
    """Formats that read all dates, and how exact these are. Columns that no format reads are not mapped."""
    assert found.entity is not None  # noqa: S101 - the caller asked
    kinds = {name: ENTITIES[found.entity].column(name).type for name in found.columns}
    columns = [name for name, kind in kinds.items() if kind in {"date", "timestamp"}]
    formats: list[str] = []
    finest = "month"
    for name in columns:
        text = place[found.columns[name]]
        read = "as_local" if found.columns[name] in dated else None
        pattern = None if read else _format_of(connection, text)
        if not read and pattern is None:
            source = found.columns.pop(name)
            found.remarks.append(
                f"CHECK: {name}: '{source}' holds dates in no known format; set date_formats and map it"
            )
            continue
        formats += [pattern] if pattern and pattern not in formats else []
        finest = min(finest, _precision(connection, text, pattern), key=("second", "day", "month").index)
    if formats:
        found.settings["date_formats"] = json.dumps(formats)
    if any(name in found.columns for name in columns):
        found.settings["date_precision"] = finest
    elif found.entity in {"leads", "opportunities"}:
        found.settings["date_precision"] = "order"
        found.columns["record_order"] = ROW_NUMBER
        found.remarks.append("CHECK: no dates; record_order must be a column that grows with time, or the file's order")


def _format_of(connection: duckdb.DuckDBPyConnection, text: str) -> str | None:
    """The format that reads every date of a column, "" for ISO 8601, None for none."""
    tried = {"": f"as_local({text})"} | {
        pattern: f"try_strptime({text}, {quoted(pattern)})" for pattern in _DATE_FORMATS
    }
    asked = ", ".join(f"count({read})" for read in tried.values())
    row = connection.execute(f"select count({text}), {asked} from sample_rows").fetchone() or (0,)
    return next((pattern for pattern, count in zip(tried, row[1:], strict=True) if row[0] and count == row[0]), None)


def _precision(connection: duckdb.DuckDBPyConnection, text: str, pattern: str | None) -> str:
    if pattern and "%d" not in pattern:
        return "month"
    read = f"try_strptime({text}, {quoted(pattern)})" if pattern else f"as_local({text})"
    row = connection.execute(f"select bool_and({read} = date_trunc('day', {read})) from sample_rows").fetchone()
    return "day" if row and row[0] else "second"


def _settle_values(connection: duckdb.DuckDBPyConnection, found: Found, place: dict[str, str]) -> None:
    """Values of columns that only take certain ones. A column whose values mean nothing to us is not mapped."""
    assert found.entity is not None  # noqa: S101 - the caller asked
    entity = ENTITIES[found.entity]
    if found.entity == "opportunities" and "status" not in found.columns and "stage" in found.columns:
        found.columns["status"] = found.columns["stage"]
    for column in [column for column in entity.columns if column.values and column.name in found.columns]:
        text = place.get(found.columns[column.name])
        if text is None:
            continue
        rows = connection.execute(
            f"select {text}, count(*) from source_rows where {text} is not null group by 1 order by 2 desc, 1 "
            f"limit {_MOST_VALUES + 1}"
        ).fetchall()
        guessed = {value: canonical_value(found.entity, column.name, value) for value, _ in rows}
        if len(rows) > _MOST_VALUES or not any(guessed.values()):
            source = found.columns.pop(column.name)
            found.remarks.append(
                f"CHECK: {column.name}: the values of '{source}' are none of {', '.join(column.values)}"
            )
            continue
        found.values[column.name] = guessed
    if found.entity in {"leads", "opportunities"} and "status" not in found.columns:
        found.remarks.append("CHECK: status: no column found that tells the outcome; without it there is no score")


def _settle_empty(connection: duckdb.DuckDBPyConnection, found: Found, place: dict[str, str]) -> None:
    """Texts that people and programs write for nothing."""
    listed = ", ".join(quoted(text) for text in _NOTHINGS)
    asked = ", ".join(f"list(distinct {text}) filter ({text} in ({listed}))" for text in place.values())
    row = connection.execute(f"select {asked} from sample_rows").fetchone() or ()
    used = {text for texts in row for text in texts or ()}
    if used:
        found.settings["empty_values"] = json.dumps([text for text in _NOTHINGS if text in used])


def activity_type(found: Found) -> str | None:
    """The kind of activity that a file's name tells, where no column does."""
    if found.entity != "activities" or "type" in found.columns:
        return None
    return canonical_value("activities", "type", found.file.lower().removesuffix("s"))
