"""What an administrator reads after a mistake in YAML: the file, the line, the key, and what to write instead."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.load import DEFAULTS, load_config, source_schema
from tests.conftest import write_files

ORGANISATION = "name: Acme\ncurrency: USD\n"
SCORE = "horizon_days: 30\ngrades: {A: 60, B: 40, C: 20}\n"
SOURCES = ", ".join(sorted(path.stem for path in (DEFAULTS / "schema" / "sources").glob("[a-z]*.py")))


def mistakes(folder: Path, files: dict[str, str | bytes]) -> list[str]:
    """The lines of the error that a folder with these files is answered with, without the folder's path."""
    write_files(folder, files)
    with pytest.raises(ConfigError) as raised:
        load_config(folder)
    return str(raised.value).replace(f"{folder}/", "").splitlines()


def test_the_shipped_configuration_is_in_order() -> None:
    config = load_config()
    assert set(config.scores) == {"lead", "opportunity"}
    assert config.organisation.as_of == date(2026, 6, 30)


def test_an_organisation_names_only_the_files_that_differ(tmp_path: Path) -> None:
    write_files(tmp_path, {"organisation.yml": ORGANISATION, "scores/lead.yml": SCORE})
    config, shipped = load_config(tmp_path), load_config()
    assert (config.organisation.name, config.organisation.as_of) == ("Acme", None)
    assert config.scores["lead"].horizon_days == 30
    assert config.scores["opportunity"] == shipped.scores["opportunity"]
    assert config.forecast == shipped.forecast


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    write_files(tmp_path, {"organisation.yml": b"\xef\xbb\xbf" + ORGANISATION.encode()})
    assert load_config(tmp_path).organisation.name == "Acme"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no such folder\. Set SALES_INSIGHTS_CONFIG"):
        load_config(tmp_path / "missing")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (
            {"organisation.yml": ORGANISATION + "fiscal_year:\n  start_mouth: 4\n"},
            "organisation.yml:4: there is no key 'fiscal_year.start_mouth'; did you mean 'start_month'?",
        ),
        (
            {"organisation.yml": ORGANISATION + "colour: red\n"},
            "organisation.yml:3: there is no key 'colour'; known keys: as_of, currency, fiscal_year, name, time_zone.",
        ),
        (
            {"organisation.yml": "name: Acme\n"},
            "organisation.yml:1: 'currency' is missing; add it. It is: ISO 4217 code of the currency that all amounts "
            "are in.",
        ),
        (
            {"scores/lead.yml": SCORE.replace("B: 40", "B: 60")},
            "scores/lead.yml:2: grades: A (60) must begin above B (60) and B above C (20): the ranges would overlap or "
            "leave a gap.",
        ),
        (
            {"scores/lead.yml": SCORE + "training_window: recent\n"},
            "scores/lead.yml:3: training_window: 'recent' is no such window; write 'all', or '3 months' to '2 years', "
            "or 90 to 731 days.",
        ),
        (
            {"organisation.yml": ORGANISATION + "time_zone: Europe/Brelin\n"},
            "organisation.yml:3: time_zone: 'Europe/Brelin' is not an IANA time zone; write one like 'Europe/Berlin' "
            "or 'UTC'.",
        ),
        (
            {"organisation.yml": ORGANISATION + "time_zone: Asia\n"},
            "organisation.yml:3: time_zone: 'Asia' is not an IANA time zone; write one like 'Europe/Berlin' or 'UTC'.",
        ),
        (
            {"organisation.yml": ORGANISATION.replace("Acme", "12")},
            "organisation.yml:1: name: YAML reads 12 here; to mean a text put it in quotes.",
        ),
        (
            {"organisation.yml": ORGANISATION + "fiscal_year: 4\n"},
            "organisation.yml:3: fiscal_year: write keys and values under it, 'key: value', a line each.",
        ),
        (
            {"organisation.yml": "- name\n- currency\n"},
            "organisation.yml:1: the file: write keys and values under it, 'key: value', a line each.",
        ),
        (
            {"organisation.yml": "name: Acme\n currency: USD\n"},
            "organisation.yml:2: this is not YAML: mapping values are not allowed in this context. Check indentation, "
            "colons and quotes on this line and the one above.",
        ),
        (
            {"organisation.yml": ORGANISATION + "name: Ajax\n"},
            "organisation.yml:3: this is not YAML: the key 'name' stands here twice. Check indentation, colons and "
            "quotes on this line and the one above.",
        ),
        (
            {"organisation.yml": ORGANISATION + "[a, b]: c\n"},
            "organisation.yml:3: this is not YAML: a key must be a word. Check indentation, colons and quotes on this "
            "line and the one above.",
        ),
        (
            {"organisation.yml": "name: Müller\n".encode("latin-1")},
            "organisation.yml: not UTF-8 (invalid start byte at byte 7). Save it as UTF-8.",
        ),
        (
            {"organization.yml": ORGANISATION},
            "organization.yml: nothing reads this file. Did you mean 'organisation.yml'? Rename or remove it.",
        ),
        (
            {"scores/lead.yaml": SCORE},
            "scores/lead.yaml: nothing reads this file. Did you mean 'scores/lead.yml'? Rename or remove it.",
        ),
        (
            {"scores/leed.yml": SCORE},
            "scores/leed.yml: there is no score 'leed'. Name it after one of: lead, opportunity.",
        ),
        (
            {"sources/salesforce.yml": "enabled: true\n"},
            f"sources/salesforce.yml: there is no source 'salesforce'. Name the file after one of: {SOURCES}.",
        ),
        (
            {"sources/my.files.yml": "enabled: true\n"},
            f"sources/my.files.yml: there is no source 'my.files'. Name the file after one of: {SOURCES}.",
        ),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, files: dict[str, str | bytes], told: str) -> None:
    assert mistakes(tmp_path, files) == [told]


def test_a_day_that_does_not_exist_is_told_with_its_key(tmp_path: Path) -> None:
    (told,) = mistakes(tmp_path, {"organisation.yml": ORGANISATION + "as_of: 2026-02-30\n"})
    assert told.startswith("organisation.yml:3: as_of: input should be a valid date")
    assert "'2026-02-30'" in told


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "organisation.yml": "name: Acme\ncurrency: dollars\ncolor: red\n",
        "forecast.yml": "minimum_weeks: 2\n",
        "sources/crm.yml": "enabled: true\n",
    }
    told = mistakes(tmp_path, files)
    assert [line.partition(": ")[0] for line in told] == [
        "organisation.yml:2",
        "organisation.yml:3",
        "forecast.yml:1",
        "sources/crm.yml",
    ]


def test_keys_are_texts_as_they_are_written(tmp_path: Path) -> None:
    values = "{status: {Yes: qualified, 0: open}}"
    table = f"{{entity: leads, files: a.csv, columns: {{lead_id: Id, status: Done}}, values: {values}}}"
    write_files(tmp_path, {"sources/files.yml": f"tables:\n  - {table}\n"})
    (read,) = load_config(tmp_path).sources["files"].tables
    assert read.values["status"] == {"Yes": "qualified", "0": "open"}


def test_every_source_has_a_schema() -> None:
    assert source_schema("files").model_fields
    with pytest.raises(ConfigError, match=r"there is no source '__init__'"):
        source_schema("__init__")
