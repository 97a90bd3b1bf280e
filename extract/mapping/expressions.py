"""Texts into values, as SQL. Every expression is null exactly where the text does not say such a value."""

from __future__ import annotations

from typing import Final

import duckdb

from config.schema.canonical import Column
from config.schema.mapping import Mapping

_SPACE: Final = r"\s\x{00A0}\x{202F}"
_SIGN: Final = r"\p{Sc}|[A-Z]{1,3}\p{Sc}|[A-Z]{3}"
_NUMBER: Final = (
    rf"^(\()?[{_SPACE}]*([+-])?[{_SPACE}]*(?:{_SIGN})?[{_SPACE}]*([+-])?[{_SPACE}]*"
    rf"((?:\d{{1,3}}(?:[<group>{_SPACE}'’]\d{{2,3}})*[<group>{_SPACE}'’]\d{{3}}|\d+)?(?:[<mark>]\d*)?(?:[eE][+-]?\d+)?)"
    rf"[{_SPACE}]*([KkMmB]|[Bb]n|[Mm]n)?[{_SPACE}]*(?:{_SIGN})?[{_SPACE}]*(\))?$"
)
_LONGEST_NUMBER: Final = 60
_WHITE: Final = " \\t\\r\\n\u00a0\u202f"


def declare(connection: duckdb.DuckDBPyConnection, decimal_mark: str, time_zone: str) -> None:
    """Make the macros that the expressions below use, for numbers and instants as a table writes them.

    ``clean(t)``: t without the white space around it, null when nothing is left. ``as_number(t)``: a double; thousands
    separators, a currency sign or code, K, M or B and brackets for a negative are understood. ``plain(t)``: the same
    number as the shortest text with a decimal point. ``as_instant(t)``: ISO 8601, in the organisation's zone unless it
    has an offset, as UTC. ``as_local(t)``: ISO 8601 as it is written.
    """
    group = "," if decimal_mark == "." else "."
    pattern = _NUMBER.replace("<group>", group).replace("<mark>", decimal_mark).replace("'", "''")
    digits = f"replace(regexp_replace(said.digits, '[{group}{_SPACE}''’]', '', 'g'), '{decimal_mark}', '.')"
    power = "case lower(said.suffix[1]) when 'k' then 1e3 when 'm' then 1e6 when 'b' then 1e9 else 1 end"
    negative = "said.opening = '(' or said.sign = '-' or said.inner = '-'"
    value = f"round(try_cast({digits} as double) * ({power}) * case when {negative} then -1 else 1 end, 6)"
    quick = "isfinite(try_cast(t as double)) and not contains(t, '_')" if decimal_mark == "." else "false"
    said = f"regexp_extract(t, '{pattern}', ['opening', 'sign', 'inner', 'digits', 'suffix', 'closing'])"
    # A macro repeats its argument wherever it is used; the list of one makes DuckDB match the pattern once.
    in_pairs = "(said.opening = '') = (said.closing = '')"
    matched = f"list_transform([{said}], lambda said: case when {in_pairs} then {value} end)[1]"
    whole = "d = floor(d) and abs(d) < 1e15"
    shortest = f"case when {whole} then cast(cast(d as bigint) as varchar) else cast(d as varchar) end"
    declarations = [
        f"clean(t) as nullif(trim(t, E'{_WHITE}'), '')",
        f"spelled(t) as case when length(t) < {_LONGEST_NUMBER} and regexp_matches(t, '[0-9]') then {matched} end",
        f"as_number(t) as case when {quick} then try_cast(t as double) else spelled(t) end",
        f"shortest(d) as {shortest}",
        "plain(t) as shortest(as_number(t))",
        "dated(t) as case when regexp_matches(t, '^[0-9]{4}-[0-9]') then t end",
        # The same as timezone('UTC', ...), which takes much longer.
        "as_instant(t) as make_timestamp(epoch_us(try_cast(dated(t) as timestamptz)))",
        "as_local(t) as try_cast(dated(t) as timestamp)",
    ]
    for declaration in declarations:
        connection.execute(f"create or replace macro {declaration}")
    connection.execute(f"set TimeZone = {quoted(time_zone)}")


def typed(column: Column, text: str, table: Mapping, *, is_dated: bool = False) -> str:
    """The value of a canonical column from a source's text (cleaned: not empty).

    Args:
        column: what it becomes.
        text: SQL of the text.
        table: its values, date formats and precision.
        is_dated: the source column is a date by type: its text is ISO 8601 whatever the formats say.
    """
    if column.name in table.values:
        return _mapped(text, table.values[column.name])
    number, lower = f"as_number({text})", f"lower({text})"
    exact = table.date_precision == "second"
    moment = _moment(text, table, local=column.type == "date" or not exact, is_dated=is_dated)
    match column.type:
        case "number":
            value = number
        case "integer":
            value = f"case when {number} = floor({number}) then cast({number} as bigint) end"
        case "boolean":
            value = f"try_cast(case {lower} when 'yes' then 'true' when 'no' then 'false' else {lower} end as boolean)"
        case "date":
            value = f"cast({moment} as date)"
        case "timestamp":
            value = moment if exact else f"date_trunc('{_unit(table)}', {moment})"
        case _:
            value = _allowed(text, column.values) if column.values else text
    return value


def expected(column: Column, table: Mapping) -> str:
    """What a text would have had to be, in words."""
    if column.name in table.values:
        return f"one of those listed under values: {', '.join(key or '(empty)' for key in table.values[column.name])}"
    match column.type:
        case "number":
            return f"a number with '{table.decimal_mark}' before the decimals"
        case "integer":
            return "a whole number"
        case "boolean":
            return "yes or no, true or false"
        case "date" | "timestamp":
            return f"a date as {' or '.join(table.date_formats)}" if table.date_formats else "an ISO 8601 date"
        case _:
            return f"one of {', '.join(column.values)}"


def can_fail(column: Column, table: Mapping) -> bool:
    """Whether a text may not be a value of the column: any text is a text."""
    return column.type != "text" or bool(column.values) or column.name in table.values


def _unit(table: Mapping) -> str:
    return "month" if table.date_precision == "month" else "day"


def _moment(text: str, table: Mapping, *, local: bool, is_dated: bool) -> str:
    """A timestamp: as written when ``local``, else in UTC."""
    iso = f"as_local({text})" if local else f"as_instant({text})"
    tried = [_by_format(text, pattern, local=local) for pattern in table.date_formats]
    if is_dated or not tried:
        tried = [iso, *tried]
    if table.date_precision == "month" and not table.date_formats:
        tried.append(f"try_strptime({text}, '%Y-%m')")
    return f"coalesce({', '.join(tried)})" if len(tried) > 1 else tried[0]


def _by_format(text: str, pattern: str, *, local: bool) -> str:
    read = f"try_strptime({text}, {quoted(pattern)})"
    # With %z the result has an offset, without it is taken to be in the session's zone, which is the organisation's.
    return f"cast({read} as timestamp)" if local else f"timezone('UTC', cast({read} as timestamptz))"


def _mapped(text: str, values: dict[str, str]) -> str:
    cases = " ".join(
        f"when {quoted(source)} then {quoted(canonical)}" for source, canonical in values.items() if source
    )
    return f"case {text} {cases} end" if cases else f"case when false then {text} end"


def _allowed(text: str, values: tuple[str, ...]) -> str:
    listed = ", ".join(quoted(value) for value in values)
    return f"case when lower({text}) in ({listed}) then lower({text}) end"


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def named(column: str) -> str:
    """A column's name as an SQL identifier."""
    return '"' + column.replace('"', '""') + '"'
