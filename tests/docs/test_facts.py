"""Every fact of docs/facts.md is held by the tests that it names and no other, or by a decision that says why not."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.tree import PROJECT, dotted, files, parsed, place, plant

PAGE = "docs/facts.md"
SECTIONS = {"1a", "1b", "1c", "1d", "1e", "2"}
MARK = "pytest.mark.fact"
HEADING = re.compile(r"## (\w+)\b")
RULED = re.compile(r"\|[-| ]+\|")
FACT = re.compile(r"`(?P<id>(?P<section>\d[a-z]?)\.[a-z0-9-]+)`")
TEST = re.compile(r"`(tests/[\w/]+\.py::test_\w+)`")
DECISION = re.compile(r"\[[^]]+\]\((decisions/[\w.-]+)\)")


@dataclass(frozen=True)
class Fact:
    """A row of the page: its id, the section it stands in, and what holds it."""

    id: str
    section: str
    tests: frozenset[str]
    decisions: frozenset[str]


def facts(tree: Path) -> tuple[list[Fact], list[str]]:
    """The rows of the page, and the lines of its tables that are none."""
    found, odd, section, is_heading = [], [], "", False
    for line in (tree / PAGE).read_text(encoding="utf-8").splitlines():
        heading = HEADING.match(line)
        section = heading[1] if heading else section
        if not line.startswith("|") or RULED.fullmatch(line):
            is_heading = False
        elif not is_heading and line.startswith("| id |"):
            is_heading = True
        else:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            known, held = FACT.fullmatch(cells[0]), cells[-1]
            else_said = TEST.sub("", DECISION.sub("", held)).strip(", ")
            if known is None or len(cells) != 4 or not cells[1] or known["section"] != section or else_said:
                odd.append(f"{PAGE}: no row of a fact of section {section}: {line[:60]}")
            else:
                tests, decisions = frozenset(TEST.findall(held)), frozenset(DECISION.findall(held))
                found.append(Fact(known["id"], section, tests, decisions))
    return found, odd


def marks(tree: Path) -> tuple[defaultdict[str, set[str]], list[str]]:
    """Fact to the tests that name it, and the marks that no test bears or that name nothing."""
    named: defaultdict[str, set[str]] = defaultdict(set)
    odd = []
    for path in files(tree, ".py"):
        if "mark.fact" not in path.read_text(encoding="utf-8"):
            continue
        module, borne = parsed(path), set[ast.expr]()
        for test in (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)):
            for mark in (each for each in test.decorator_list if isinstance(each, ast.Call)):
                names = [each.value for each in mark.args if isinstance(each, ast.Constant)]
                if dotted(mark.func) == MARK and names and test.name.startswith("test_"):
                    borne.add(mark.func)
                    for name in names:
                        named[str(name)].add(f"{path.relative_to(tree).as_posix()}::{test.name}")
        odd += [
            f"{place(tree, path, node)}: a mark that no test bears, or that names no fact"
            for node in ast.walk(module)
            if isinstance(node, ast.Attribute) and dotted(node) == MARK and node not in borne
        ]
    return named, odd


def violations(tree: Path) -> list[str]:
    """Where the page, the marks on tests and the decisions disagree."""
    known, odd_lines = facts(tree)
    named, odd_marks = marks(tree)
    ids, empty = [fact.id for fact in known], SECTIONS - {fact.section for fact in known}
    found = odd_lines + odd_marks
    found += [f"{PAGE}: {name} stands there twice" for name in sorted(set(ids)) if ids.count(name) > 1]
    found += [f"{PAGE}: section {section} has no facts" for section in sorted(empty)]
    for fact in known:
        marked = named[fact.id]
        if not fact.tests and not fact.decisions:
            found.append(f"{PAGE}: nothing holds {fact.id}; name a test or a decision")
        found += [f"{PAGE}: {test} is not marked with {fact.id}" for test in sorted(fact.tests - marked)]
        found += [f"{PAGE}: {fact.id} does not name {test}, which is marked" for test in sorted(marked - fact.tests)]
        for decision in sorted(fact.decisions):
            path = tree / "docs" / decision
            if not path.is_file() or f"`{fact.id}`" not in path.read_text(encoding="utf-8"):
                found.append(f"{PAGE}: docs/{decision} does not mention {fact.id}")
    for path in (path for path in files(tree, ".md") if path.parent.name == "decisions"):
        for name in {mention["id"] for mention in FACT.finditer(path.read_text(encoding="utf-8"))}:
            named[name].add(path.relative_to(tree).as_posix())
    unknown = ((name, where) for name in sorted(named.keys() - ids) for where in sorted(named[name]))
    return found + [f"{where}: {name} is no fact of {PAGE}" for name, where in unknown]


def test_every_fact_is_held() -> None:
    assert violations(PROJECT) == []


GOOD_PAGE = "".join(
    f"## {each} Title\n\n| id | fact | here | held by |\n|---|---|---|---|\n{{{each}}}\n" for each in sorted(SECTIONS)
)
GOOD_ROWS = {
    "1a": "| `1a.grades` | A to D. | | `tests/test_a.py::test_grades` |",
    **{section: f"| `{section}.x` | X. | Not so. | [1](decisions/0001-x.md) |" for section in SECTIONS - {"1a"}},
}
GOOD_TEST = '@pytest.mark.fact("1a.grades")\ndef test_grades() -> None: ...\n'
GOOD_DECISION = " ".join(f"`{section}.x`" for section in SECTIONS - {"1a"})


def planted(tmp_path: Path, row: str = GOOD_ROWS["1a"], test: str = GOOD_TEST, decision: str = GOOD_DECISION) -> Path:
    """A project with one fact that a test holds, and one in each other section that a decision holds."""
    page = GOOD_PAGE
    for section, good in GOOD_ROWS.items():
        page = page.replace(f"{{{section}}}", row if section == "1a" else good)
    return plant(tmp_path, {PAGE: page, "tests/test_a.py": test, "docs/decisions/0001-x.md": decision})


def test_what_is_held_is_not_found(tmp_path: Path) -> None:
    assert violations(planted(tmp_path)) == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"{GOOD_ROWS['1a']}\n{GOOD_ROWS['1a']}", "1a.grades stands there twice"),
        ("| `1a.grades` | A to D. | | |", "nothing holds 1a.grades"),
        (f"{GOOD_ROWS['1a'][:-1]} (open) |", "no row of a fact of section 1a"),
        ("| `1a.other` | A to D. | | `tests/test_a.py::test_grades` |", "1a.grades is no fact of docs/facts.md"),
        (GOOD_ROWS["1a"].replace("test_grades", "test_gone"), "1a.grades does not name tests/test_a.py::test_grades"),
        ("| `1a.grades` | A to D. | `tests/test_a.py::test_grades` |", "no row of a fact of section 1a"),
        ("| `1b.grades` | A to D. | | `tests/test_a.py::test_grades` |", "no row of a fact of section 1a"),
        ("| grades | A to D. | | `tests/test_a.py::test_grades` |", "no row of a fact of section 1a"),
        (f"{GOOD_ROWS['1a'][:-1]} [2](decisions/0002-no.md) |", "docs/decisions/0002-no.md does not mention 1a.grades"),
        ("", "section 1a has no facts"),
    ],
)
def test_a_row_that_nothing_holds_is_found(row: str, message: str, tmp_path: Path) -> None:
    assert any(message in line for line in violations(planted(tmp_path, row)))


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("def test_grades() -> None: ...\n", "tests/test_a.py::test_grades is not marked with 1a.grades"),
        (GOOD_TEST + GOOD_TEST.replace("test_grades", "test_more"), "does not name tests/test_a.py::test_more"),
        (GOOD_TEST.replace("1a.grades", "1a.colours"), "tests/test_a.py::test_grades: 1a.colours is no fact"),
        (GOOD_TEST + 'pytestmark = pytest.mark.fact("1a.grades")\n', "test_a.py:3: a mark that no test bears"),
        (GOOD_TEST + "@pytest.mark.fact()\ndef test_b() -> None: ...\n", "test_a.py:3: a mark that no test bears"),
    ],
)
def test_a_mark_that_the_page_does_not_name_is_found(test: str, message: str, tmp_path: Path) -> None:
    assert any(message in line for line in violations(planted(tmp_path, test=test)))


def test_a_decision_that_does_not_mention_the_fact_is_found(tmp_path: Path) -> None:
    assert violations(planted(tmp_path, decision=GOOD_DECISION.replace("`2.x`", "`2.y`"))) == [
        "docs/facts.md: docs/decisions/0001-x.md does not mention 2.x",
        "docs/decisions/0001-x.md: 2.y is no fact of docs/facts.md",
    ]
