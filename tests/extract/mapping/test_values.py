"""Texts become values as the mapping says, and not otherwise."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import duckdb
import pytest

from config.workspace import Workspace
from extract.fetch import fetch
from tests.extract.organisations import Organised, packaged

OPPORTUNITIES: dict[str, Any] = {
    "entity": "opportunities",
    "files": "o.csv",
    "columns": {"opportunity_id": "$row", "estimated_amount": "v"},
}


def read(workspace: Workspace, content: str, name: str = "o.csv") -> list[dict[str, Any]]:
    (workspace.input_folder / name).write_bytes(content.encode())
    fetch(workspace, "files")
    return packaged(workspace)


@pytest.mark.parametrize(
    ("mark", "text", "value"),
    [
        (".", "$1,117.10K", 1_117_100.0),
        (".", "342.09", 342.09),
        (".", "$342.09K", 342_090.0),
        (".", "12,34,567", 1_234_567.0),
        (".", "(1,200.50)", -1_200.5),
        (".", "USD 5 M", 5e6),
        (".", "US$ 12", 12.0),
        (".", "-€3", -3.0),
        (".", "5 EUR", 5.0),
        (".", "1'000.5", 1000.5),
        (".", "1\u00a0000", 1000.0),
        (".", "1e3", 1000.0),
        (".", ".5", 0.5),
        (".", "1,5", None),
        (".", "1.234,56", None),
        (".", "(5", None),
        (".", "inf", None),
        (".", "12 apples", None),
        (",", "1.234,56", 1234.56),
        (",", "1,5", 1.5),
        (",", "1.234", 1234.0),
        (",", "€ 1.117,10K", 1_117_100.0),
        (",", "1,234.56", None),
        (",", "1.5", None),
    ],
)
def test_numbers(organised: Organised, mark: str, text: str, value: float | None) -> None:
    workspace = organised(OPPORTUNITIES | {"decimal_mark": mark})
    found = read(workspace, f'v,w\n"{text}",\n')
    assert [row["estimated_amount"] for row in found] == ([] if value is None else [value])


DATED: dict[str, Any] = {
    "entity": "opportunities",
    "files": "o.csv",
    "columns": {"opportunity_id": "$row", "created_at": "at", "estimated_close_on": "at"},
}


@pytest.mark.parametrize(
    ("precision", "formats", "text", "created", "closes"),
    [
        ("second", [], "2026-07-01 00:30:00", "2026-06-30 22:30:00", "2026-07-01"),
        ("second", [], "2026-07-01T00:30:00Z", "2026-07-01 00:30:00", "2026-07-01"),
        ("second", [], "2026-07-01T00:30:00+05:00", "2026-06-30 19:30:00", "2026-07-01"),
        ("second", [], "2026-01-01", "2025-12-31 23:00:00", "2026-01-01"),
        ("day", [], "2026-07-01 00:30:00", "2026-07-01 00:00:00", "2026-07-01"),
        ("month", [], "2024-03", "2024-03-01 00:00:00", "2024-03-01"),
        ("month", [], "2024-03-17", "2024-03-01 00:00:00", "2024-03-17"),
        ("month", ["%Y-%m"], "2024-03", "2024-03-01 00:00:00", "2024-03-01"),
        ("second", ["%d.%m.%Y %H:%M", "%d.%m.%Y"], "01.07.2026", "2026-06-30 22:00:00", "2026-07-01"),
        ("second", ["%d.%m.%Y %H:%M %z"], "01.07.2026 12:00 +0000", "2026-07-01 12:00:00", "2026-07-01"),
        ("day", ["%d %b, %Y %H:%M:%S"], "16 Apr, 2021 00:02:00", "2021-04-16 00:00:00", "2021-04-16"),
    ],
)
def test_instants_are_in_the_organisations_zone_and_days_are_not_moved(
    organised: Organised, precision: str, formats: list[str], text: str, created: str, closes: str
) -> None:
    table = DATED | {"date_precision": precision, "date_formats": formats}
    (row,) = read(organised(table, time_zone="Europe/Berlin"), f'at,x\n"{text}",\n')
    assert (str(row["created_at"]), str(row["estimated_close_on"])) == (created, closes)
    assert row["date_precision"] == precision


def test_unmapped_columns_are_custom_and_columns_of_numbers_have_a_decimal_point(organised: Organised) -> None:
    workspace = organised(OPPORTUNITIES | {"decimal_mark": ",", "ignore": ["secret"], "empty_values": ["Select"]})
    text = (
        'v;secret;count;price;code;mixed;empty;Größe "A";count\n'
        '1;s;1.500;"€ 2,50";007;1,5;;Select;x\n'
        "2;s;3;;042;abc;;klein;\n"
    ).replace(";", "\t")
    workspace = organised(
        OPPORTUNITIES
        | {"decimal_mark": ",", "ignore": ["secret"], "empty_values": ["Select"], "format": "tsv", "files": "o.tsv"}
    )
    first, second = read(workspace, text, "o.tsv")
    assert json.loads(first["custom"]) == {
        "count": "1500",
        "price": "2.5",
        "code": "007",
        "mixed": "1,5",
        "count_2": "x",
    }
    assert json.loads(second["custom"]) == {"count": "3", "code": "042", "mixed": "abc", 'Größe "A"': "klein"}


def test_constants_prefix_row_numbers_and_what_it_is_about(organised: Organised) -> None:
    table = {
        "entity": "activities",
        "files": "o.csv",
        "columns": {"activity_id": "$row", "status": "done"},
        "constants": {"type": "phonecall", "duration_minutes": "5"},
        "values": {"status": {"1": "completed", "": "open"}},
        "regarding": {"opportunity": "deal", "lead": "lead"},
        "key_prefix": "call-",
        "empty_values": ["0"],
    }
    first, second, third = read(organised(table), "done,deal,lead\n1,D1,L1\n,0,L2\n1,,\n")
    assert [row["activity_id"] for row in (first, second, third)] == ["call-1", "call-2", "call-3"]
    assert [row["status"] for row in (first, second, third)] == ["completed", "open", "completed"]
    assert (first["type"], first["duration_minutes"]) == ("phonecall", 5.0)
    assert (first["regarding_entity"], first["regarding_id"]) == ("opportunity", "D1")
    assert (second["regarding_entity"], second["regarding_id"]) == ("lead", "L2")
    assert (third["regarding_entity"], third["regarding_id"]) == (None, None)
    assert json.loads(first["custom"]) == {"deal": "D1", "lead": "L1"}


def test_one_source_column_may_feed_several_canonical_ones(organised: Organised) -> None:
    table = {
        "entity": "opportunities",
        "files": "o.csv",
        "columns": {"opportunity_id": "id", "stage": "stage", "status": "stage"},
        "values": {"status": {"Offer": "open", "Won!": "won"}},
    }
    (row, _) = read(organised(table), "id,stage\n1,Offer\n2,Won!\n")
    assert (row["stage"], row["status"], row["custom"]) == ("Offer", "open", "{}")


def test_values_that_are_typed_already_are_taken_as_they_are(organised: Organised) -> None:
    table = {
        "entity": "opportunities",
        "files": "o.parquet",
        "format": "parquet",
        "decimal_mark": ",",
        "date_formats": ["%d.%m.%Y"],
        "columns": {"opportunity_id": "id", "estimated_amount": "v", "created_at": "at", "estimated_close_on": "day"},
    }
    workspace = organised(table, time_zone="Europe/Berlin")
    duckdb.sql(
        "copy (select 4711::double as id, 1234.5::double as v, timestamp '2026-07-01 12:00:00' as at, "
        "date '2026-07-01' as day, ['a', 'b'] as tags, 0.25::decimal(9,2) as share, 'nan'::double as hole) "
        f"to '{workspace.input_folder / 'o.parquet'}' (format parquet)"
    )
    fetch(workspace, "files")
    (row,) = packaged(workspace)
    assert (row["opportunity_id"], row["estimated_amount"]) == ("4711", 1234.5)
    assert (str(row["created_at"]), row["estimated_close_on"]) == ("2026-07-01 10:00:00", date(2026, 7, 1))
    assert json.loads(row["custom"]) == {"tags": '["a","b"]', "share": "0.25"}


def test_json_numbers_have_a_point_whatever_the_mapping_says(organised: Organised) -> None:
    table = OPPORTUNITIES | {"files": "o.jsonl", "format": "jsonl", "decimal_mark": ","}
    lines = [{"v": 1234.5, "n": {"a": [1]}, "t": True}, {"v": "1.234,5", "late": "x"}, {"v": None}]
    found = read(organised(table), "\n".join(json.dumps(line) for line in lines), "o.jsonl")
    assert [row["estimated_amount"] for row in found] == [1234.5, 1234.5, None]
    assert [json.loads(row["custom"]) for row in found] == [{"n": '{"a":[1]}', "t": "true"}, {"late": "x"}, {}]
