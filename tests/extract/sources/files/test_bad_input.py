"""Every kind of bad input: told with file, column and row; the good rows are loaded; no row is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from config.workspace import Workspace
from tests.extract.organisations import GOOD, LEADS, Organised, accounts, fetched, packaged


def the_reasons(workspace: Workspace) -> list[tuple[int, str]]:
    return [(row["row_number"], row["reason"]) for row in packaged(workspace, "quarantine.parquet")]


def test_good_rows_are_typed_and_nothing_is_set_aside(organised: Organised) -> None:
    workspace = organised()
    assert accounts(fetched(workspace, "leads.csv", GOOD)) == (2, 2, 0)
    first, second = packaged(workspace)
    assert (first["lead_id"], first["status"], first["estimated_amount"]) == ("L1", "open", 10.5)
    assert (second["estimated_amount"], str(second["created_at"])) == (None, "2026-01-06 13:45:00")
    assert [row["_row_number"] for row in (first, second)] == [1, 2]


@pytest.mark.parametrize(
    ("line", "column", "told"),
    [
        ("L9,new,1,31/02/2026", "created_at", "created (created_at): '31/02/2026' is not an ISO 8601 date"),
        ("L9,new,1,epoch", "created_at", "'epoch' is not"),
        (
            "L9,won,1,2026-01-01",
            "status",
            "state (status): 'won' is not one of those listed under values: new, good, bad",
        ),
        ("L9,New,1,2026-01-01", "status", "'New' is not one of those listed"),
        (
            'L9,new,"1.234,56",2026-01-01',
            "estimated_amount",
            "value (estimated_amount): '1.234,56' is not a number with '.'",
        ),
        ("L9,new,nan,2026-01-01", "estimated_amount", "'nan' is not a number"),
        ("L9,new,1_0,2026-01-01", "estimated_amount", "'1_0' is not a number"),
        (",new,1,2026-01-01", "lead_id", "id (lead_id): is empty; it is the key"),
        ("  ,new,1,2026-01-01", "lead_id", "is empty; it is the key"),
        ("L1,new,1,2026-01-01", "lead_id", "id: the key 'L1' is in row 1 already"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(organised: Organised, line: str, column: str, told: str) -> None:
    workspace = organised()
    assert accounts(fetched(workspace, "leads.csv", f"{GOOD}{line}\nL3,bad,3,2026-01-07\n")) == (4, 3, 1)
    (aside,) = packaged(workspace, "quarantine.parquet")
    assert aside["reason"].startswith("leads.csv, row 3, ")
    assert told in aside["reason"]
    assert (aside["row_number"], aside["column_name"], aside["file"]) == (3, column, "leads.csv")
    assert json.loads(aside["content"])["created"] == line.rsplit(",", 1)[1]
    assert [row["lead_id"] for row in packaged(workspace)] == ["L1", "L2", "L3"]


def test_a_row_with_three_faults_has_three_reasons_and_counts_once(organised: Organised) -> None:
    workspace = organised()
    report = fetched(workspace, "leads.csv", GOOD + ",won,x,2026-01-01\n")
    assert accounts(report) == (3, 2, 1)
    assert [row["column_name"] for row in packaged(workspace, "quarantine.parquet")] == [
        "estimated_amount",
        "lead_id",
        "status",
    ]


def test_a_repeated_key_after_a_bad_row_of_that_key_is_good(organised: Organised) -> None:
    workspace = organised()
    report = fetched(workspace, "leads.csv", "id,state,value,created\nL1,new,x,2026-01-05\nL1,new,1,2026-01-05\n")
    assert accounts(report) == (2, 1, 1)
    assert packaged(workspace)[0]["_row_number"] == 2


@pytest.mark.parametrize(
    ("lines", "broken", "good"),
    [
        ("L3,new,1\n", {3: "3 columns, the header has 4"}, []),
        ("L3,new,1,2026-01-01,more\n", {3: "5 columns, the header has 4"}, []),
        ('L3,"new"x,1,2026-01-01\n', {3: "text follows a closing quote"}, []),
        ('L3,"new,1,2026-01-01\n', {3: "a quote is opened and never closed"}, []),
        ("L3,new,1,2026-01", {3: "not an ISO"}, []),
        ("L3,ne", {3: "2 columns"}, []),
        ('L3,"new,1,2026-01-01\nL4,"new",1,2026-01-01\n', {3: "a quote is opened and not closed"}, [(4, "L4")]),
        ('L3,"new,1,2026-01-01\nL4,new,1,2026-01-01\nL5,"new,1', {3: "not closed", 5: "never closed"}, [(4, "L4")]),
        ("L3,n\0ew,1,2026-01-01\nL4,new,1,2026-01-01\n", {3: "zero bytes"}, [(4, "L4")]),
        ("\n\nL3,new\n\nL4,new,1,2026-01-01\n", {3: "2 columns"}, [(4, "L4")]),
    ],
)
def test_a_broken_line_costs_itself_alone(
    organised: Organised, lines: str, broken: dict[int, str], good: list[tuple[int, str]]
) -> None:
    workspace = organised()
    fetched(workspace, "leads.csv", GOOD + lines)
    reasons = dict(the_reasons(workspace))
    assert reasons.keys() == broken.keys()
    for number, told in broken.items():
        assert told in reasons[number]
    loaded = [(row["_row_number"], row["lead_id"]) for row in packaged(workspace)]
    assert loaded == [(1, "L1"), (2, "L2"), *good]


def test_a_broken_line_is_kept_as_it_was_read(organised: Organised) -> None:
    workspace = organised()
    fetched(workspace, "leads.csv", GOOD + 'L3,"ha\\lf\n')
    (aside,) = packaged(workspace, "quarantine.parquet")
    assert json.loads(aside["content"]) == {"line": 'L3,"ha\\lf'}


def test_quotes_delimiters_and_line_ends_within_fields_are_text(organised: Organised) -> None:
    workspace = organised()
    text = 'id,state,value,created,note\r\nL1,new,1,2026-01-01,"a ""b"", c\r\nd"\r\nL2,new,1,2026-01-01,5" pipe\r\n'
    for broken_line in ("", "L3\r\n"):
        fetched(workspace, f"leads{len(broken_line)}.csv", text + broken_line)
    notes = [json.loads(row["custom"])["note"] for row in packaged(workspace)]
    assert notes == ['a "b", c\r\nd', '5" pipe'] * 2


def test_a_byte_order_mark_is_not_part_of_the_first_column(organised: Organised) -> None:
    workspace = organised()
    assert accounts(fetched(workspace, "leads.csv", b"\xef\xbb\xbf" + GOOD.encode())) == (2, 2, 0)
    assert accounts(fetched(workspace, "leads2.csv", b"\xef\xbb\xbf" + GOOD.encode() + b"L3\n")) == (3, 2, 1)


def test_json_lines_that_are_broken_are_set_aside(organised: Organised) -> None:
    workspace = organised(LEADS | {"format": "jsonl", "files": "leads.jsonl"})
    lines: list[Any] = [
        {"id": "L1", "state": "new", "value": 1.5, "created": "2026-01-01"},
        [1],
        {"id": 7, "state": "new"},
    ]
    text = "\n".join(json.dumps(line) for line in lines) + '\n\n{"id": "L4", "sta'
    assert accounts(fetched(workspace, "leads.jsonl", text)) == (4, 2, 2)
    assert [row["lead_id"] for row in packaged(workspace)] == ["L1", "7"]
    assert [(number, reason.split(": ", 1)[1]) for number, reason in the_reasons(workspace)] == [
        (2, "it is not a JSON object"),
        (5, "it is not a JSON object"),
    ]
