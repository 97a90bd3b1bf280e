"""A file as a relation of texts: nothing is typed yet, so nothing can silently become null.

Whatever the format, ``open_rows`` leaves in a DuckDB connection

    source_rows(_row_number bigint, c0 varchar, c1 varchar, ...)      one row per record that could be taken apart
    broken_rows(_row_number bigint, broken varchar, text varchar)     the others, as they stand in the file

Parquet is read in place; CSV and JSON lines are staged once as Parquet, in the package's folder.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import duckdb

from config.schema.sources.files import Table
from extract.mapping.expressions import quoted
from extract.mapping.parquet import Opened, open_parquet
from extract.sources.files.lines import line_end, quoted_record, read_header, records

_NOT_A_TEXT: Final = "\x01\x02"
"""Nothing in a file reads like this, so that an empty field stays an empty text and is never a null."""
_LONGEST_LINE: Final = 2_000_000


class NoRows(Exception):
    """A file is empty, or holds a header and nothing else."""


def open_rows(
    connection: duckdb.DuckDBPyConnection, table: Table, path: Path, staging: Path, *, suspicious: bool
) -> Opened:
    """Make ``source_rows`` and ``broken_rows`` of a file.

    Args:
        connection: in memory; its settings are the caller's.
        table: how the file is said to be.
        path: the file, UTF-8 if it is a text.
        staging: an empty folder for what has to be written on the way.
        suspicious: do not try the fast reader (zero bytes were seen).

    Raises:
        NoRows: where there is nothing to read.
        duckdb.Error: where the file is not of its format.
    """
    connection.execute("create or replace table broken_rows(_row_number bigint, broken varchar, text varchar)")
    match table.format:
        case "parquet":
            opened = open_parquet(connection, path, table.decimal_mark)
        case "jsonl":
            opened = _json_lines(connection, path, staging, table.decimal_mark)
        case _:
            opened = _csv(connection, path, staging, _delimiter(table), suspicious)
    held = connection.execute(
        "select (select count(*) from source_rows) + (select count(*) from broken_rows)"
    ).fetchone()
    if not held or not held[0]:
        raise NoRows("it has a header and no rows")
    return opened


def _delimiter(table: Table) -> str:
    return "\t" if table.format == "tsv" else table.delimiter or ","


def _csv(connection: duckdb.DuckDBPyConnection, path: Path, staging: Path, delimiter: str, suspicious: bool) -> Opened:
    header = read_header(path, delimiter)
    if header is None:
        raise NoRows("it is empty")
    columns = [f"c{number}" for number in range(len(header.names))]
    # A blank line is no record, but DuckDB takes it for one where there is a single column.
    fast = not suspicious and len(columns) > 1
    if not (fast and _csv_fast(connection, path, staging, delimiter, columns, header.lines)):
        _csv_careful(connection, path, staging, delimiter, columns, header.lines)
    return Opened(header.names)


def _reader(path: Path, delimiter: str, columns: list[str], skip: int) -> str:
    declared = "{" + ", ".join(f"'{column}': 'VARCHAR'" for column in columns) + "}"
    return (
        f"read_csv({quoted(str(path))}, columns={declared}, auto_detect=false, header=false, skip={skip}, "
        f"delim={quoted(delimiter)}, quote='\"', escape='\"', nullstr={quoted(_NOT_A_TEXT)}, strict_mode=true, "
        f"encoding='utf-8', max_line_size={_LONGEST_LINE})"
    )


def _csv_fast(
    connection: duckdb.DuckDBPyConnection, path: Path, staging: Path, delimiter: str, columns: list[str], skip: int
) -> bool:
    """The whole file at DuckDB's speed. False, and nothing made, where it has so much as one broken record."""
    staged = staging / "staged.parquet"
    reader = _reader(path, delimiter, columns, skip)
    try:
        _stage(connection, f"select row_number() over () as _row_number, * from {reader}", staged)
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return False
    _show(connection, staged)
    return True


def _csv_careful(
    connection: duckdb.DuckDBPyConnection, path: Path, staging: Path, delimiter: str, columns: list[str], skip: int
) -> None:
    """Sort the records first; DuckDB then reads the sound ones, each with its number in front."""
    sound, broken = staging / "sound.csv", staging / "broken.jsonl"
    number = 0
    with (
        path.open(encoding="utf-8-sig", newline=line_end(path)) as file,
        sound.open("w", encoding="utf-8", newline="") as good,
        broken.open("w", encoding="utf-8") as bad,
    ):
        for _ in range(skip):
            next(file)
        for number, record in enumerate(records(file, delimiter, len(columns)), 1):
            if record.broken:
                bad.write(json.dumps([number, record.broken, record.text.replace("\0", "\u2400")]) + "\n")
            else:
                text = quoted_record(record.text, delimiter) if "\r" in record.text else record.text
                good.write(f"{number}{delimiter}{text}\n")
    connection.execute(
        "insert into broken_rows select cast(json ->> 0 as bigint), json ->> 1, json ->> 2 "
        f"from read_ndjson_objects({quoted(str(broken))})"
    )
    staged = staging / "staged.parquet"
    reader = _reader(sound, delimiter, ["_row_number", *columns], 0)
    reader = (
        reader.removesuffix(")")
        + ", new_line='\\n', store_rejects=true, rejects_table='refused', rejects_scan='refused_scan')"
    )
    _stage(connection, f"select * replace (cast(_row_number as bigint) as _row_number) from {reader}", staged)
    _show(connection, staged)
    _insert_refused(connection, number)


def _insert_refused(connection: duckdb.DuckDBPyConnection, last: int) -> None:
    """Should DuckDB refuse a record that looked sound, it is broken too: every number is in one table or the other."""
    connection.execute(
        f"""
        insert into broken_rows
        with missing as (
            select number from range(1, {last + 1}) numbers(number)
            anti join source_rows on source_rows._row_number = number
            anti join broken_rows on broken_rows._row_number = number
        )
        select
            missing.number,
            coalesce(any_value(error_message), 'it cannot be read'),
            coalesce(any_value(csv_line), '')
        from missing left join refused on regexp_matches(trim(csv_line), '^' || missing.number || '[^0-9]')
        group by missing.number
        """
    )


def _json_lines(connection: duckdb.DuckDBPyConnection, path: Path, staging: Path, decimal_mark: str) -> Opened:
    lines, staged = staging / "lines.parquet", staging / "staged.parquet"
    reader = (
        f"read_csv({quoted(str(path))}, columns={{'line': 'VARCHAR'}}, auto_detect=false, header=false, delim='\x1f', "
        f"quote='', escape='', max_line_size={_LONGEST_LINE})"
    )
    _stage(
        connection, f"select row_number() over () as _row_number, ltrim(line, '\ufeff') as line from {reader}", lines
    )
    told = "case when json_valid(line) then json_type(line) end as kind"
    kind = f"from (select *, {told} from read_parquet({quoted(str(lines))}))"
    connection.execute(
        f"insert into broken_rows select _row_number, 'it is not a JSON object', line {kind} "
        "where trim(line) <> '' and kind is distinct from 'OBJECT'"
    )
    found = connection.execute(
        f"select key, min(_row_number * 100000 + place) from (select _row_number, unnest(json_keys(line)) as key, "
        f"generate_subscripts(json_keys(line), 1) as place {kind} where kind = 'OBJECT') group by key order by 2"
    ).fetchall()
    names = tuple(name for name, _ in found)
    if not names:
        raise NoRows("it holds no JSON object")
    fields = dict.fromkeys(names, "JSON" if decimal_mark == "," else "VARCHAR")
    values = [_json_value(f"taken[{quoted(name)}]", decimal_mark) for name in names]
    taken = f"json_transform(line, {quoted(json.dumps(fields))}) as taken"
    texts = ", ".join(f"{value} as c{number}" for number, value in enumerate(values))
    _stage(
        connection,
        f"select _row_number, {texts} from (select _row_number, {taken} {kind} where kind = 'OBJECT')",
        staged,
    )
    _show(connection, staged)
    return Opened(names)


def _json_value(token: str, decimal_mark: str) -> str:
    """A JSON value as text. Its numbers have a decimal point; where the mapping says a comma, they are given one."""
    if decimal_mark == ".":
        return token
    number = f"replace({token}, '.', ',')"
    return f"case when starts_with({token}, '\"') then json_extract_string({token}, '$') else {number} end"


def _stage(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    connection.execute(f"copy ({query}) to {quoted(str(path))} (format parquet)")


def _show(connection: duckdb.DuckDBPyConnection, staged: Path) -> None:
    connection.execute(f"create or replace view source_rows as from read_parquet({quoted(str(staged))})")
