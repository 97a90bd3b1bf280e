"""The page about the tables: what is published, what lies behind it, and the canonical entities."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from cli.reference.markdown import code, page, table
from config.schema.canonical import ENTITIES, Entity

_INTRODUCTION = """Readers use the **published** tables: `published/current` in the data folder holds them as a DuckDB
file and as Parquet. Everything else is in the warehouse, which one process at a time may open, and is listed here for
those who build on it. Instants are UTC; `as_of_date` is a day by whose end everything in the row was known."""
_LAYERS: Final = {
    "marts": "Published",
    "features": "Features and labels",
    "intermediate": "Intermediate steps",
    "history": "History",
    "staging": "Staging",
}
_RAW: Final = (
    "raw.<source>__<entity>",
    "One row per row of a file that was loaded, append-only: the columns of the canonical entity, and these.",
)


@dataclass(frozen=True)
class _Table:
    """A table, what one row of it is, and its columns: name, type, meaning."""

    name: str
    meaning: str
    columns: tuple[tuple[str, str, str], ...]


def tables_page(project: Path) -> str:
    """The page, from dbt's YAML, ``warehouse/tables.py`` and the canonical entities."""
    models = project / "dbt_project" / "models"
    sections = [_layer(title, _models(models / layer)) for layer, title in _LAYERS.items()]
    hand_written = [
        table
        for path in sorted((project / "warehouse").glob("*tables.py"))
        for table in _hand_written(path.read_text(encoding="utf-8"))
    ]
    sections.append(_layer("Written by hand", hand_written))
    sections.append("## Canonical entities\n\nWhat every source is mapped to, whatever it calls its columns.")
    sections += [_entity(entity) for entity in ENTITIES.values()]
    return page("Tables", _INTRODUCTION, sections)


def _layer(title: str, tables: Iterable[_Table]) -> str:
    return "\n\n".join([f"## {title}", *(_section(each) for each in tables)])


def _section(described: _Table) -> str:
    typed = any(kind for _, kind, _ in described.columns)
    headings = ["column", "type", "meaning"] if typed else ["column", "meaning"]
    rows = [[code(name), *([kind] if typed else []), meaning] for name, kind, meaning in described.columns]
    return "\n\n".join([f"### {described.name}", described.meaning, table(headings, rows)])


def _models(folder: Path) -> list[_Table]:
    read = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.yml"))]
    models = [model for content in read for model in content.get("models", [])]
    return [
        _Table(model["name"], " ".join(model["description"].split()), tuple(_column(each) for each in model["columns"]))
        for model in sorted(models, key=lambda model: str(model["name"]))
    ]


def _column(column: dict[str, Any]) -> tuple[str, str, str]:
    return column["name"], column.get("data_type", ""), column.get("description", "")


def _hand_written(source: str) -> list[_Table]:
    """The tables of ``warehouse/tables.py`` with its comments: one above each table, one beside a column."""
    comments = {
        token.start[0]: token.string.removeprefix("#").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found: list[tuple[str, str, list[tuple[str, str, str]]]] = []
    above: list[str] = []
    for number, line in enumerate(source.splitlines(), 1):
        opened = re.match(r'\s+"(\w+\.\w+)": \{', line)
        if line.startswith("ROW_COLUMNS"):
            found.append((*_RAW, []))
        if opened:
            found.append((opened[1], " ".join(above), []))
        if found and not line.strip().startswith("#"):
            beside = comments.get(number, "")
            found[-1][2].extend((name, kind, beside) for name, kind in re.findall(r'"(\w+)": "([\w ]+)"', line))
        above = [*above, comments[number]] if line.strip().startswith("#") else []
    return [_Table(name, meaning, tuple(columns)) for name, meaning, columns in found]


def _entity(entity: Entity) -> str:
    rows = [
        [
            code(column.name) + (" (key)" if column.name in entity.key else ""),
            column.type,
            column.meaning + (": " + ", ".join(code(value) for value in column.values) if column.values else ""),
        ]
        for column in entity.columns
    ]
    return f"### {entity.name}\n\n{table(['column', 'type', 'meaning'], rows)}"
