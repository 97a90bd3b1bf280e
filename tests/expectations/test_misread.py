"""A file that is misread as a whole stops the day, though none of its rows is in a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

import pytest
import yaml

from config.errors import ContractBroken
from config.workspace import Workspace
from expectations.check import check
from expectations.report import CheckReport
from extract.fetch import fetch
from extract.load import load
from tests.conftest import MakeWorkspace

DAY = date(2026, 6, 30)
COLUMNS = {"lead_id": "id", "status": "state", "created_at": "created"}
ISO, GERMAN = "%Y-%m-%d", "%d.%m.%Y"

Today = Callable[..., CheckReport]


def leads(rows: Iterable[int], written: str = ISO) -> str:
    """An export with a lead for each number."""
    made = [f"L{number},open,{date(2026, 1, 1) + timedelta(days=number):{written}}" for number in rows]
    return "\n".join(["id,state,created", *made]) + "\n"


@pytest.fixture
def today(make_workspace: MakeWorkspace) -> Today:
    """Reads the files, loads and checks: ``today({"leads.csv": ...}, later=1, date_formats=[...])``."""

    def done(inputs: dict[str, str], *, later: int = 0, date_formats: tuple[str, ...] = ()) -> CheckReport:
        table = {"entity": "leads", "files": "leads*.csv", "columns": COLUMNS, "date_formats": list(date_formats)}
        workspace: Workspace = make_workspace({"sources/files.yml": yaml.safe_dump({"tables": [table]})}, dict(inputs))
        day = DAY + timedelta(days=later)
        fetch(workspace, "files", as_of=day)
        load(workspace, as_of=day)
        return check(workspace, "raw", as_of=day)

    return done


def test_a_file_in_another_format_is_told_with_an_example_and_what_to_check(today: Today) -> None:
    with pytest.raises(ContractBroken, match="Of 30 rows 30") as error:
        today({"leads.csv": leads(range(30), GERMAN)})
    assert "raw.files__leads: more than half of the rows of each file can be read: 30 of 30 rows" in str(error.value)
    assert "leads.csv, row 1, created (created_at): '01.01.2026' is not an ISO 8601 date" in str(error.value)
    assert "date_formats and decimal_mark in config/sources/files.yml" in str(error.value)


def test_it_is_told_beside_a_good_file_and_every_day_until_it_is_mended(today: Today) -> None:
    both = {"leads_old.csv": leads(range(300)), "leads_new.csv": leads(range(300, 330), GERMAN)}
    with pytest.raises(ContractBroken, match="30 of 330 rows"):
        today(both)
    with pytest.raises(ContractBroken, match="30 of 330 rows"):
        today({}, later=1)
    assert today({}, later=1, date_formats=(ISO, GERMAN)).broken == ()


def test_another_content_of_the_file_mends_it(today: Today) -> None:
    with pytest.raises(ContractBroken, match=r"leads\.csv, row 1"):
        today({"leads.csv": leads(range(30), GERMAN)})
    assert today({"leads.csv": leads(range(30))}).broken == ()


@pytest.mark.parametrize(("bad", "rows"), [(15, 30), (10, 19)])
def test_up_to_half_of_the_rows_or_most_of_a_few_are_bad_rows(bad: int, rows: int, today: Today) -> None:
    report = today({"leads.csv": leads(range(bad), GERMAN) + leads(range(bad, rows)).partition("\n")[2]})
    assert report.broken == ()


def test_a_file_that_is_gone_does_not_count(today: Today, make_workspace: MakeWorkspace) -> None:
    with pytest.raises(ContractBroken, match=r"leads_bad\.csv, row 1"):
        today({"leads.csv": leads(range(30)), "leads_bad.csv": leads(range(30, 60), GERMAN)})
    (make_workspace().input_folder / "leads_bad.csv").unlink()
    assert today({}, later=1).broken == ()
