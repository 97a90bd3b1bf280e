"""A file that cannot be read at all is told with file, column, line and what to do; the others go on."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from config.errors import ContractBroken, SourceUnavailable
from extract.fetch import fetch
from extract.load import load
from tests.extract.organisations import GOOD, LEADS, Organised, accounts, fetched, packaged, rows


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
