"""No row is lost, none is counted twice, none is shifted, whatever the file looks like."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from functools import cache
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from config.schema.sources.files import Table
from extract.mapping.convert import Origin, convert
from extract.mapping.expressions import declare
from extract.sources.files.read import NoRows, open_rows

NOTES = Table(entity="notes", files="n.csv", columns={"note_id": "id", "created_at": "at", "body": "text"})
HEADER = "id,at,text,more\n"
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXTS = st.text(st.sampled_from("ab\", \n\r;é€\t'\\{}$1."), max_size=6)
Accounts = tuple[tuple[int, int, int], dict[int, tuple[str, str | None, str]], dict[int, str]]


@cache
def declared() -> duckdb.DuckDBPyConnection:
    """One connection for all examples."""
    connection = duckdb.connect(":memory:")
    declare(connection, ".", "UTC")
    return connection


def taken(content: str, *, suspicious: bool = False) -> Accounts | None:
    """The counts, the good rows by number and the reasons by number; None for a file without rows."""
    connection = declared()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "staging").mkdir()
        (folder / "n.csv").write_text(content, encoding="utf-8", newline="")
        try:
            opened = open_rows(connection, NOTES, folder / "n.csv", folder / "staging", suspicious=suspicious)
        except NoRows:
            return None
        counts = convert(connection, NOTES, opened, Origin("files", "n.csv", "b", "2026-06-30"), folder)
        good = connection.execute(
            f"select _row_number, note_id, body, custom from read_parquet('{folder / 'rows.parquet'}')"
        ).fetchall()
        aside = connection.execute(
            f"select row_number, reason from read_parquet('{folder / 'quarantine.parquet'}')"
        ).fetchall()
        return counts, {number: (key, body, custom) for number, key, body, custom in good}, dict(aside)


@QUICK
@given(st.text(st.sampled_from('ab1", \n\r'), max_size=60), st.booleans())
@example('"\n"', False)
@example('1,2026-01-01,"a\n2,2026-01-01,b,c\n', True)
def test_every_record_of_any_text_is_good_or_set_aside(text: str, suspicious: bool) -> None:
    found = taken(HEADER + text, suspicious=suspicious)
    if found is None:
        assert not text.strip("\r\n")
        return
    (read, good, aside), rows, reasons = found
    assert (len(rows), len(reasons)) == (good, aside)
    assert sorted([*rows, *reasons]) == list(range(1, read + 1))


Row = tuple[str, str]
ROWS = st.lists(
    st.one_of(st.tuples(TEXTS, TEXTS), st.sampled_from(["x", "1,2", "1,2,3,4,5", 'a,"b"c,d,e'])), max_size=12
)


@QUICK
@given(ROWS, st.sampled_from(["\n", "\r\n"]))
def test_sound_rows_between_broken_ones_keep_their_numbers_and_their_texts(mixed: list[Row | str], end: str) -> None:
    if mixed:
        # A column of one's own that holds numbers alone is told as numbers ("1." as "1"); here it holds a text too.
        mixed = [*mixed, ("", "text")]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator=end)
    for number, row in enumerate(mixed, 1):
        if isinstance(row, str):
            file.write(row + end)
        else:
            writer.writerow([f"N{number}", "2026-01-01", *row])
    found = taken(HEADER.replace("\n", end) + file.getvalue())
    if found is None:
        assert not mixed
        return
    _, rows, reasons = found
    assert sorted(reasons) == [number for number, row in enumerate(mixed, 1) if isinstance(row, str)]
    for number, row in enumerate(mixed, 1):
        if not isinstance(row, str):
            key, body, custom = rows[number]
            expected = [text.strip(" \t\r\n") or None for text in row]
            assert (key, body, json.loads(custom).get("more")) == (f"N{number}", *expected)


@QUICK
@given(ROWS)
def test_the_fast_and_the_careful_reader_agree_on_sound_files(mixed: list[Row | str]) -> None:
    file = io.StringIO()
    sound = [row for row in mixed if not isinstance(row, str)]
    csv.writer(file, lineterminator="\n").writerows([f"N{n}", "2026-01-01", *row] for n, row in enumerate(sound))
    assert taken(HEADER + file.getvalue()) == taken(HEADER + file.getvalue(), suspicious=True)


def test_a_record_that_only_duckdb_refuses_is_set_aside() -> None:
    long = "x" * 2_500_000
    found = taken(f"{HEADER}1,2026-01-01,a,b\n2,2026-01-01,{long},b\n3,2026-01-01,c,d\n")
    assert found is not None
    counts, good, reasons = found
    assert (counts, sorted(good), sorted(reasons)) == ((3, 2, 1), [1, 3], [2])
