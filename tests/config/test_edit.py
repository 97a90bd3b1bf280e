"""Grades are written into a file of which nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.edit import edit_grades, edit_new_model
from config.errors import ConfigError
from config.load import DEFAULTS, load_config
from config.schema.grades import DEFAULT, Grades
from tests.conftest import PROJECT, write_files

NEW = Grades(A=70, B=50, C=30)
FILES = sorted([*(DEFAULTS / "scores").glob("*.yml"), *(PROJECT / "docs" / "examples").glob("*/scores/*.yml")])
COMMENTED = """# Ours.
horizon_days: 30   # a month

grades:  # agreed in March
  # the best
  A: 60  # call at once
  B: 40
  C: 20
# The end.
approval: manual
"""


def edited(folder: Path, text: str, grades: Grades | str) -> str:
    """The text after the edit, which is written and read again."""
    write_files(folder, {"scores/lead.yml": text})
    edit = edit_grades(folder, "lead", DEFAULT if isinstance(grades, str) else grades)
    edit.write()
    assert load_config(folder).scores["lead"].grades == grades
    return (folder / "scores" / "lead.yml").read_bytes().decode()


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_three_numbers_change_in_every_file_that_we_know(tmp_path: Path, path: Path) -> None:
    before = path.read_text(encoding="utf-8")
    after = edited(tmp_path, before, NEW)
    changed = [pair for pair in zip(before.splitlines(), after.splitlines(), strict=True) if pair[0] != pair[1]]
    assert 1 <= len(changed) <= 3
    assert edited(tmp_path, after, load_config().scores["lead"].grades) == before


def test_comments_stay(tmp_path: Path) -> None:
    assert edited(tmp_path, COMMENTED, NEW) == COMMENTED.replace("60", "70").replace("40", "50").replace("20", "30")


def test_minima_give_way_to_the_word_and_come_back(tmp_path: Path) -> None:
    derived = edited(tmp_path, COMMENTED, "default")
    assert derived.splitlines()[3:5] == ["grades: default  # agreed in March", "# The end."]
    assert edited(tmp_path, derived, NEW) == derived.replace(" default ", " {A: 70, B: 50, C: 30} ")


@pytest.mark.parametrize(
    "grades",
    [
        "grades: {A: [60, 100], B: [40, 59], C: [20, 39], D: [0, 19]}",
        "grades:\n  A: {from: 60, to: 100}\n  B: [40, 59]\n  C: [20, 39]\n  D: [0, 19]",
    ],
)
def test_ranges_become_minima(tmp_path: Path, grades: str) -> None:
    after = edited(tmp_path, f"horizon_days: 30\n{grades}  # so\napproval: auto\n", NEW)
    assert after == "horizon_days: 30\ngrades: {A: 70, B: 50, C: 30}  # so\napproval: auto\n"


def test_the_marks_of_other_editors_stay(tmp_path: Path) -> None:
    text = "\ufeffhorizon_days: 30\r\ngrades: {A: 60, B: 40, C: 20, D: 0}\r\napproval: auto"
    assert edited(tmp_path, text, NEW) == text.replace("60", "70").replace("40", "50").replace("20", "30")


def test_a_folder_without_the_file_gets_the_shipped_one(tmp_path: Path) -> None:
    edit = edit_grades(tmp_path, "lead", NEW)
    assert not (tmp_path / "scores").exists()
    edit.write()
    assert load_config(tmp_path).scores["lead"] == load_config().scores["lead"].model_copy(update={"grades": NEW})
    assert [path.name for path in (tmp_path / "scores").iterdir()] == ["lead.yml"]


def test_the_diff_says_what_changes_and_nothing_where_nothing_does(tmp_path: Path) -> None:
    write_files(tmp_path, {"scores/lead.yml": COMMENTED})
    diff = edit_grades(tmp_path, "lead", Grades(A=61, B=40, C=20)).diff()
    assert [line for line in diff.splitlines() if line[0] in "+-"][2:] == [
        "-  A: 60  # call at once",
        "+  A: 61  # call at once",
    ]
    assert edit_grades(tmp_path, "lead", Grades(A=60, B=40, C=20)).diff() == ""


def test_a_shared_value_is_left_to_the_administrator(tmp_path: Path) -> None:
    text = "horizon_days: 30\nsnapshot_ages_days: [&a 60, 70]\ngrades: {A: *a, B: 40, C: 20}\n"
    write_files(tmp_path, {"scores/lead.yml": text})
    with pytest.raises(ConfigError, match=r"Write them by hand: grades: \{A: 70, B: 50, C: 30\}"):
        edit_grades(tmp_path, "lead", NEW)


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_models_are_added_to_every_file_that_we_know(tmp_path: Path, path: Path) -> None:
    before = path.read_text(encoding="utf-8")
    write_files(tmp_path, {"scores/lead.yml": before})
    for name, chosen in (("One", ("country", ["Germany", "France"])), ("Two", None)):
        edit_new_model(tmp_path, "lead", name, chosen).write()
    one, already_there, two = load_config(tmp_path).scores["lead"].models
    assert one.filter is not None
    assert (one.name, one.filter.column, one.filter.values) == ("One", "country", ("Germany", "France"))
    assert (already_there.name, already_there.filter) == ("LeadScoring", None)
    assert (two.name, two.filter) == ("Two", None)
    after = (tmp_path / "scores" / "lead.yml").read_text(encoding="utf-8")
    assert after.startswith(before.rstrip())


def test_a_model_with_a_filter_goes_first_and_one_for_all_records_last(tmp_path: Path) -> None:
    models = "models:  # ours\n    - name: First  # the first\n# The end.\n"
    write_files(tmp_path, {"scores/lead.yml": "horizon_days: 30\n" + models + "grades: {A: 60, B: 40, C: 20}\n"})
    for name, chosen in (("Second", None), ("Web", ("source", ["Web"]))):
        edit_new_model(tmp_path, "lead", name, chosen).write()
    assert [model.name for model in load_config(tmp_path).scores["lead"].models] == ["Web", "First", "Second"]
    text = (tmp_path / "scores" / "lead.yml").read_text()
    assert "# The end." in text
    assert "- name: First  # the first\n" in text


def test_models_on_one_line_are_left_to_a_person(tmp_path: Path) -> None:
    text = "horizon_days: 30\nmodels: [{name: First}]\ngrades: {A: 60, B: 40, C: 20}\n"
    write_files(tmp_path, {"scores/lead.yml": text})
    with pytest.raises(ConfigError, match="Add by hand"):
        edit_new_model(tmp_path, "lead", "Second", None)
