"""What the documentation names exists: YAML keys, DAGs, links, tables. Commands: ``tests/house/test_commands.py``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.schema.canonical import ENTITIES
from tests.house.test_config_keys import keys, sections
from tests.house.tree import PROJECT, dag_files, files, plant

LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
DAG_LIKE = re.compile(r"[a-z]+_(?:daily|weekly|monthly|models)")
TABLE = re.compile(r"(raw|quarantine|quality|scores|forecasts|ops)\.([a-z_]+)")
NO_TABLES = {"yml", "md", "py"}


def documents(tree: Path) -> list[Path]:
    """The pages people read: README, CHANGELOG and all of ``docs/``."""
    return [path for path in files(tree, ".md") if len(path.relative_to(tree).parts) == 1 or "docs" in path.parts]


def broken_links(tree: Path) -> list[str]:
    """Links to files that are not there, and to headings that the page does not have."""
    found = []
    for path in documents(tree):
        for target in LINK.findall(path.read_text(encoding="utf-8")):
            name, _, heading = target.partition("#")
            goal = (path.parent / name).resolve() if name else path
            if "://" in target:
                continue
            if not goal.exists() or (heading and heading not in _headings(goal)):
                found.append(f"{path.relative_to(tree).as_posix()}: {target}")
    return found


def _headings(path: Path) -> set[str]:
    lines = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


def unknown_keys(tree: Path) -> list[str]:
    """Keys in blocks of YAML that neither the schema nor a canonical entity knows."""
    known = keys(sections())
    return [
        f"{path.relative_to(tree).as_posix()}: there is no key {key}"
        for path in documents(tree)
        for language, block in BLOCK.findall(path.read_text(encoding="utf-8"))
        if language in {"yaml", "yml"}
        for key in _keys(yaml.safe_load(block))
        if key not in known
    ]


def _keys(content: Any, within: str = "") -> Iterator[str]:
    """All keys but those that are the organisation's own: canonical columns and source values in a mapping."""
    if isinstance(content, list):
        for part in content:
            yield from _keys(part)
    elif isinstance(content, dict) and within not in {"columns", "values", "constants", "regarding"}:
        for key, value in content.items():
            yield str(key)
            yield from _keys(value, str(key))


def unknown_columns(tree: Path) -> list[str]:
    """Canonical columns in the mappings of the documentation that no entity has."""
    columns = {name for entity in ENTITIES.values() for name in entity.column_names}
    blocks = [
        (path, yaml.safe_load(block))
        for path in documents(tree)
        for language, block in BLOCK.findall(path.read_text(encoding="utf-8"))
        if language in {"yaml", "yml"}
    ]
    return [
        f"{path.relative_to(tree).as_posix()}: there is no canonical column {name}"
        for path, content in blocks
        if isinstance(content, dict)
        for table in content.get("tables", [])
        for name in table.get("columns", {})
        if name not in columns
    ]


def unknown_dags(tree: Path) -> list[str]:
    """Words in code that look like a DAG and are none."""
    dags = {path.stem for path in dag_files(tree)}
    others = {path.stem for path in files(tree, ".sql")}
    return [
        f"{path.relative_to(tree).as_posix()}: there is no DAG {word}"
        for path in documents(tree)
        for word in sorted(set(CODE.findall(path.read_text(encoding="utf-8"))))
        if DAG_LIKE.fullmatch(word) and word not in dags | others
    ]


def unknown_tables(tree: Path) -> list[str]:
    """Hand-written tables that ``warehouse/*tables.py`` do not have."""
    texts = [path.read_text(encoding="utf-8") for path in (tree / "warehouse").glob("*tables.py")]
    known = {name for text in texts for name in re.findall(r'"(\w+\.\w+)": \{', text)}
    return [
        f"{path.relative_to(tree).as_posix()}: there is no table {word}"
        for path in documents(tree)
        for word in sorted(set(CODE.findall(path.read_text(encoding="utf-8"))))
        if (match := TABLE.fullmatch(word)) and match[2] not in NO_TABLES and word not in known and "__" not in word
    ]


def unmentioned_pages(tree: Path) -> list[str]:
    """Pages that no other page leads to."""
    reached = {
        (path.parent / target.partition("#")[0]).resolve()
        for path in documents(tree)
        for target in LINK.findall(path.read_text(encoding="utf-8"))
    }
    return [
        f"{path.relative_to(tree).as_posix()}: no page leads here"
        for path in documents(tree)
        if len(path.relative_to(tree).parts) > 1
        and path.name != "README.md"
        and not {path.resolve(), path.parent.resolve()} & reached
    ]


RULES: list[Callable[[Path], list[str]]] = [
    broken_links,
    unknown_keys,
    unknown_columns,
    unknown_dags,
    unknown_tables,
    unmentioned_pages,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_documentation_names_what_exists(rule: Callable[[Path], list[str]]) -> None:
    assert documents(PROJECT) != []
    assert rule(PROJECT) == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (broken_links, "[a](missing.md)"),
        (broken_links, "# A title\n[a](#another-title)"),
        (unknown_keys, "```yaml\nhorizon_dayz: 60\n```"),
        (unknown_keys, "```yaml\ntables:\n  - {entity: leads, collumns: []}\n```"),
        (unknown_columns, "```yaml\ntables:\n  - {entity: leads, columns: {led_id: Id}}\n```"),
        (unknown_dags, "Trigger `ingest_weekly`."),
        (unknown_tables, "See `scores.modells`."),
        (unmentioned_pages, "Nobody links here."),
    ],
)
def test_what_does_not_exist_is_found(rule: Callable[[Path], list[str]], text: str, tmp_path: Path) -> None:
    warehouse = '_TABLES = {\n    "scores.models": {"a": "b"},\n}\n'
    tree = plant(tmp_path, {"docs/a.md": f"{text}\n", "warehouse/tables.py": warehouse, "dags/ingest_daily.py": ""})
    (tree / "README.md").write_text("" if rule is unmentioned_pages else "[a](docs/a.md)\n")
    assert len(rule(tree)) == 1


def test_what_exists_is_not_found(tmp_path: Path) -> None:
    text = "# A title\n[here](#a-title) `ingest_daily` `scores.models` `scores.yml` [web](https://example.org/x)\n"
    block = "```yaml\ntables:\n  - {entity: leads, columns: {lead_id: Id}, values: {status: {Anything: open}}}\n```\n"
    tables = '_TABLES = {\n    "scores.models": {"a": "b"},\n}\n'
    tree = plant(tmp_path, {"docs/a.md": text + block, "warehouse/tables.py": tables, "dags/ingest_daily.py": ""})
    (tree / "README.md").write_text("[a](docs/a.md)\n")
    assert [found for rule in RULES for found in rule(tree)] == []


def test_the_story_follows_every_verb_in_order() -> None:
    story = (PROJECT / "docs" / "a_day_of_a_lead.md").read_text(encoding="utf-8")
    learning = ["train", "validate", "approve", "promote"]
    scoring = ["apply", "explain", "monitor"]
    verbs = ["check_source", "fetch", "load", "check", "build", *learning, *scoring, "forecast", "publish"]
    verbs.append("score_arrivals")
    headings = re.findall(r"^## (\w+)$", story, re.MULTILINE)
    assert headings == verbs, list(difflib.unified_diff(verbs, headings, lineterm=""))
