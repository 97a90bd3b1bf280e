"""Every kind of bad input: told with file, column and row; the good rows are loaded; no row is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from config.errors import ContractBroken, SourceUnavailable
from config.workspace import Workspace
from extract.fetch import FetchReport, fetch
from extract.load import load
from tests.extract.organisations import LEADS, Organised, packaged, rows

GOOD = "id,state,value,created\nL1,new,10.5,2026-01-05\nL2,good,,2026-01-06 13:45:00\n"


def fetched(workspace: Workspace, name: str, content: str | bytes) -> FetchReport:
    path = workspace.input_folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return fetch(workspace, "files")


def the_reasons(workspace: Workspace) -> list[tuple[int, str]]:
    return [(row["row_number"], row["reason"]) for row in packaged(workspace, "quarantine.parquet")]


def accounts(report: FetchReport) -> tuple[int, int, int]:
    (file,) = report.fetched.read
    assert file.rows_read == file.rows_loaded + file.rows_quarantined
    return file.rows_read, file.rows_loaded, file.rows_quarantined


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


def test_latin_1_without_being_told_names_line_and_encoding_and_the_others_go_on(organised: Organised) -> None:
    workspace = organised()
    (workspace.input_folder / "leads1.csv").write_text(GOOD)
    report = fetched(workspace, "leads2.csv", (GOOD + "Müller,new,1,2026-01-01\n").encode("latin-1"))
    assert [file.file for file in report.fetched.read] == ["leads1.csv"]
    (problem,) = report.fetched.problems
    assert (problem.kind, problem.line_number) == ("unreadable", 4)
    assert problem.message.startswith("leads2.csv (leads): line 4 is not utf-8. It fits cp1252")
    assert "'Müller,new,1,2026-01-01': write 'encoding: cp1252'" in problem.message


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-8-sig"])
def test_an_encoding_that_is_told_is_read(organised: Organised, encoding: str) -> None:
    workspace = organised(LEADS | {"encoding": encoding})
    assert accounts(fetched(workspace, "leads.csv", (GOOD + "Müller,new,1,2026-01-01\n").encode(encoding))) == (3, 3, 0)
    assert packaged(workspace)[2]["lead_id"] == "Müller"


def test_utf_16_without_being_told_is_recognised(organised: Organised) -> None:
    workspace = organised()
    with pytest.raises(ContractBroken, match="encoding: utf-16"):
        fetched(workspace, "leads.csv", GOOD.encode("utf-16"))


@pytest.mark.parametrize(
    ("content", "told"), [("", "it is empty"), ("id,state,value,created\n", "a header and no rows")]
)
def test_an_empty_file_is_a_problem_of_that_file(organised: Organised, content: str, told: str) -> None:
    workspace = organised()
    (workspace.input_folder / "leads1.csv").write_text(GOOD)
    report = fetched(workspace, "leads2.csv", content)
    (problem,) = report.fetched.problems
    assert problem.kind == "empty"
    assert problem.file == "leads2.csv"
    assert told in problem.message
    assert len(report.fetched.read) == 1


def test_a_missing_file_suggests_the_nearest_name(organised: Organised) -> None:
    workspace = organised(LEADS, {"entity": "users", "files": "user.csv", "columns": {"user_id": "u"}})
    (workspace.input_folder / "users.csv").write_text("u\nU1\n")
    (problem,) = fetched(workspace, "leads.csv", GOOD).fetched.problems
    assert problem.kind == "missing"
    assert "user.csv (users): there is no such file" in problem.message
    assert "Is it 'users.csv'?" in problem.message


def test_a_mapped_column_that_the_file_lacks_suggests_the_nearest(organised: Organised) -> None:
    workspace = organised()
    (workspace.input_folder / "leads1.csv").write_text(GOOD)
    report = fetched(workspace, "leads2.csv", GOOD.replace("created", "Create d"))
    (problem,) = report.fetched.problems
    assert (problem.kind, problem.column_name, problem.line_number) == ("mapping", "created", 1)
    assert "line 1 has no column 'created' (mapped at columns.created_at), did you mean 'Create d'?" in problem.message


def test_another_delimiter_is_recognised(organised: Organised) -> None:
    workspace = organised()
    with pytest.raises(ContractBroken, match="separated by \";\": set 'delimiter'"):
        fetched(workspace, "leads.csv", GOOD.replace(",", ";"))


def test_a_file_that_disappears_between_listing_and_reading(
    organised: Organised, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = organised()
    (workspace.input_folder / "leads1.csv").write_text(GOOD)
    gone = workspace.input_folder / "leads2.csv"
    gone.write_text(GOOD)
    seen: list[Path] = []

    def gone_once_listed(path: Path) -> bool:
        there = path.exists()
        seen.append(path)
        if seen.count(gone) == 2:
            gone.unlink(missing_ok=True)
        return there

    monkeypatch.setattr(Path, "is_file", gone_once_listed)
    report = fetch(workspace, "files")
    (problem,) = report.fetched.problems
    assert (problem.kind, problem.file) == ("unreadable", "leads2.csv")
    assert "it was there and is no longer" in problem.message
    assert [file.file for file in report.fetched.read] == ["leads1.csv"]


def test_a_link_that_leads_nowhere_is_no_file(organised: Organised) -> None:
    workspace = organised()
    (workspace.input_folder / "leads1.csv").write_text(GOOD)
    (workspace.input_folder / "leads2.csv").symlink_to(workspace.input_folder / "nowhere")
    assert len(fetch(workspace, "files").fetched.read) == 1


def test_nothing_there_is_unavailable_and_nothing_readable_is_broken(organised: Organised) -> None:
    workspace = organised()
    with pytest.raises(SourceUnavailable, match="there is no such file"):
        fetch(workspace, "files")
    with pytest.raises(ContractBroken, match="it is empty"):
        fetched(workspace, "leads.csv", "")
    workspace.input_folder.joinpath("leads.csv").unlink()
    workspace.input_folder.rmdir()
    with pytest.raises(SourceUnavailable, match="SALES_INSIGHTS_INPUT"):
        fetch(workspace, "files")


def test_a_parquet_file_that_is_none_is_a_problem(organised: Organised) -> None:
    workspace = organised(LEADS | {"format": "parquet", "files": "leads.parquet"})
    with pytest.raises(ContractBroken, match="cannot be read as parquet"):
        fetched(workspace, "leads.parquet", "not Parquet at all, but long enough to have a footer")


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


def test_two_tables_of_one_entity_may_not_read_the_same_file(organised: Organised) -> None:
    workspace = organised(LEADS, LEADS | {"files": "leads.csv", "key_prefix": "x-"})
    (problem,) = fetched(workspace, "leads.csv", GOOD).fetched.problems
    assert "another table of leads reads this file already" in problem.message


def test_problems_and_totals_reach_the_warehouse_and_the_log(
    organised: Organised, caplog: pytest.LogCaptureFixture
) -> None:
    workspace = organised(LEADS, {"entity": "users", "files": "users.csv", "columns": {"user_id": "u"}})
    report = fetched(workspace, "leads.csv", GOOD + "L3,x,1,2026-01-01\nL4,y,1,2026-01-01\n")
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        f"not read: {report.fetched.problems[0].message}"
    ]
    lines = load(workspace).lines()
    assert lines[0] == "2026-06-30: 1 files loaded: 4 rows read = 2 loaded + 2 quarantined."
    assert lines[1] == "leads.csv (leads): 4 rows read, 2 loaded, 2 in quarantine"
    assert lines[2].startswith("  2 x leads.csv, row 3, state (status): 'x' is not one of those")
    assert lines[3].startswith("not read: users.csv (users): there is no such file")
    assert rows(workspace, "select source, entity, file, kind from ops.source_problems") == [
        ("files", "users", "users.csv", "missing")
    ]
    (workspace.input_folder / "users.csv").write_text("u,v\nU1,1\n")
    fetch(workspace, "files")
    load(workspace)
    assert rows(workspace, "select * from ops.source_problems") == []


def test_no_open_handle_stays_on_the_input(organised: Organised) -> None:
    workspace = organised()
    fetched(workspace, "leads.csv", GOOD)
    assert list((workspace.data.packages / "files").glob(".writing*")) == []
    with pytest.raises(duckdb.IOException):
        duckdb.sql(f"from read_parquet('{workspace.data.packages}/files/*/staging/*')").fetchall()
