"""A first mapping: it loads, it can be used at once, and it says what a person has to decide."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from config.errors import SourceUnavailable
from config.schema.sources.files import Settings
from config.workspace import PROJECT
from extract.fetch import fetch
from extract.sources.files.map import map_folder
from tests.extract.organisations import Organised

DATA = PROJECT.parent / "shared" / "data"
FILES = {
    "Deals.csv": (
        "Deal ID;Account Name;Deal Owner;Deal Stage;Amount;Created Date;Close Date;Region;Müll\n"
        "1;A;Ann;Proposal;1.234,50;31.12.2025 10:30;;N/A;x\n"
        "2;B;Bob;Closed Won;2.000,00;30.11.2025 09:15;15.01.2026 00:00;North;x\n"
        "3;B;Bob;Closed Lost;100,00;30.11.2025 09:15;16.01.2026 00:00;South;x\n"
    ).encode("cp1252"),
    "leads.jsonl": (
        b'{"lead_id": 1, "converted": "Yes", "created_at": "2026-01-01"}\n{"lead_id": 2, "converted": "No"}\n'
    ),
    "users.tsv": b"User ID\tName\tManager\n1\tAnn\tBob\n2\tBob\t\n",
    "weather.csv": b"day,rain\n1,2\n",
    "empty.csv": b"",
    "readme.pdf": b"%PDF",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "input"
    path.mkdir()
    for name, content in FILES.items():
        (path / name).write_bytes(content)
    return path


def test_a_mapping_is_proposed_and_can_be_used_at_once(folder: Path, organised: Organised) -> None:
    text = map_folder(folder)
    settings = Settings.model_validate(yaml.safe_load(text))
    deals, leads, users = settings.tables
    assert (deals.entity, deals.delimiter, deals.encoding, deals.decimal_mark) == ("opportunities", ";", "cp1252", ",")
    assert (deals.date_formats, deals.date_precision) == (("%d.%m.%Y %H:%M",), "second")
    assert deals.columns["owner_id"] == "Deal Owner"
    assert deals.values["status"] == {"Proposal": "open", "Closed Won": "won", "Closed Lost": "lost"}
    assert deals.empty_values == ("N/A",)
    assert (leads.format, leads.date_precision, leads.values["status"]["Yes"]) == ("jsonl", "day", "qualified")
    assert (users.format, users.columns["manager_id"]) == ("tsv", "Manager")
    assert "# weather.csv: no entity guessed. 1 rows: day, rain" in text
    assert "# empty.csv: it is empty." in text
    assert "CHECK" in text
    report = fetch(organised(*yaml.safe_load(text)["tables"]), "files")
    assert [(file.rows_read, file.rows_quarantined) for file in report.fetched.read] == [(3, 0), (2, 0), (2, 0)]


def test_a_folder_without_anything_known(tmp_path: Path) -> None:
    (tmp_path / "weather.csv").write_text("day,rain\n1,2\n")
    with pytest.raises(SourceUnavailable, match=r"docs/examples.*\n# weather.csv: no entity guessed"):
        map_folder(tmp_path)
    with pytest.raises(SourceUnavailable, match="there is no such folder"):
        map_folder(tmp_path / "nowhere")


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not on this machine")
@pytest.mark.parametrize(
    ("name", "entities"),
    [
        ("maven_crm", {"accounts", "opportunities", "products", "users"}),
        ("zoho_crm", {"accounts", "activities", "contacts", "leads", "opportunities", "products", "users"}),
        ("x_education_leads", {"leads"}),
    ],
)
def test_real_folders(name: str, entities: set[str]) -> None:
    settings = Settings.model_validate(yaml.safe_load(map_folder(DATA / name)))
    assert {table.entity for table in settings.tables} == entities
