"""Writing a value into an administrator's YAML, and nothing else: comments, order and line breaks stay as they are.

A library that writes YAML anew would wrap and unwrap the lines of everyone else's texts; so the value is replaced in
the text, at the place where the parser found it.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from config.errors import ConfigError
from config.load import DEFAULTS
from config.schema.grades import DEFAULT, Grades, GradesOrDefault
from config.schema.scores import default_name

_KEY: Final = "grades"
_MODELS: Final = "models"


@dataclass(frozen=True)
class Edit:
    """A file as it is and as it would be."""

    path: Path
    before: str
    after: str

    def diff(self) -> str:
        """What changes, as a unified diff; empty where nothing does."""
        name = str(self.path)
        before, after = self.before.splitlines(keepends=True), self.after.splitlines(keepends=True)
        return "".join(difflib.unified_diff(before, after, fromfile=name, tofile=name, n=1))

    def write(self) -> None:
        """Write the file, whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(f".{self.path.name}.part")
        part.write_bytes(self.after.encode())
        part.replace(self.path)


def edit_grades(folder: Path, score_name: str, grades: GradesOrDefault) -> Edit:
    """The edit that writes grades into ``scores/<score>.yml`` of an organisation's folder.

    Where the folder has no such file, the edit makes it from the shipped one.

    Raises:
        ConfigError: where the file writes its grades in a way that cannot be replaced in place (as an alias, say).
    """
    path = folder / "scores" / f"{score_name}.yml"
    before = path.read_bytes().decode() if path.is_file() else ""
    text = before or (DEFAULTS / "scores" / f"{score_name}.yml").read_text(encoding="utf-8")
    after = _with_grades(text, grades)
    wanted = grades if grades == DEFAULT else _minima(grades)
    if not _says(after, {**_read(text), _KEY: wanted}):
        raise ConfigError(
            f"{path}: the grades cannot be replaced without changing other keys. Write them by hand: "
            f"grades: {_flow(grades)}"
        )
    return Edit(path, before, after)


def edit_new_model(folder: Path, score_name: str, name: str, chosen: tuple[str, list[str]] | None) -> Edit:
    """The edit that puts one more model into ``models`` in ``scores/<score>.yml`` of an organisation's folder.

    One with a filter comes first, one without comes last: a record is scored by the first model that takes it. Where
    the file names no models, the one that the score has all the same is named too.

    Args:
        folder: the organisation's own; where it has no such file, the edit makes it from the shipped one.
        score_name: the score.
        name: of the new model.
        chosen: column and values of its filter; None: it is for all records.

    Raises:
        ConfigError: where the file writes its models in a way that cannot be added to in place (on one line, say).
    """
    path = folder / "scores" / f"{score_name}.yml"
    before = path.read_bytes().decode() if path.is_file() else ""
    text = before or (DEFAULTS / "scores" / f"{score_name}.yml").read_text(encoding="utf-8")
    model: dict[str, Any] = {"name": name}
    if chosen:
        model["filter"] = {"column": chosen[0], "values": chosen[1]}
    content = _read(text)
    others = content.get(_MODELS) or [{"name": default_name(score_name)}]
    wanted = [model, *others] if chosen else [*others, model]
    after = _with_model(text, model, wanted)
    if not _says(after, {**content, _MODELS: wanted}):
        raise ConfigError(
            f"{path}: its models cannot be added to without changing other lines. Add by hand under 'models:'\n"
            f"{_entries([model])}"
        )
    return Edit(path, before, after)


def _with_model(text: str, model: dict[str, Any], wanted: list[dict[str, Any]]) -> str:
    """The text with one more model, before or after those that it names."""
    models = next((pair[1] for pair in yaml.compose(text).value if pair[0].value == _MODELS), None)
    if models is None or not models.value:
        return f"{text.rstrip()}\n{_MODELS}:\n{_entries(wanted)}"
    first = models.value[0].start_mark.index
    line = text.rfind("\n", 0, first) + 1
    entry = _entries([model], text[line:first].partition("-")[0])
    if wanted[0] is model:
        return f"{text[:line]}{entry}{text[line:]}"
    last = text.find("\n", _end(models)) + 1 or len(text)  # what stands beside the last one stays there
    return f"{text[:last].rstrip()}\n{entry}{text[last:]}"


def _entries(models: list[dict[str, Any]], indent: str = "  ") -> str:
    return "".join(f"{indent}{line}\n" for line in yaml.safe_dump(models, sort_keys=False).splitlines())


def _with_grades(text: str, grades: GradesOrDefault) -> str:
    start = len(text) - len(text.lstrip("\ufeff"))  # the parser does not count a byte order mark
    body = text[start:]
    key, value = next(pair for pair in yaml.compose(body, yaml.SafeLoader).value if pair[0].value == _KEY)
    if isinstance(grades, Grades) and (edited := _minima_replaced(body, value, _minima(grades))):
        return text[:start] + edited
    colon = body.index(":", key.end_mark.index) + 1
    comment, new_line, _ = body[colon : value.start_mark.index].partition("\n")
    kept = comment.rstrip() if new_line else ""  # of a block, what stands beside its key
    return f"{text[:start]}{body[:colon]} {_flow(grades)}{'  ' + kept.strip() if kept else ''}{body[_end(value) :]}"


def _minima_replaced(body: str, value: yaml.Node, minima: dict[str, int]) -> str:
    """The text with new minima in place of the old ones; empty where the file does not write minima."""
    if not isinstance(value, yaml.MappingNode):
        return ""
    found = {key.value: scalar for key, scalar in value.value if isinstance(scalar, yaml.ScalarNode)}
    if len(found) < len(value.value) or not minima.keys() <= found.keys():
        return ""
    for grade, scalar in sorted(found.items(), key=lambda pair: -pair[1].start_mark.index):
        if grade in minima:
            body = f"{body[: scalar.start_mark.index]}{minima[grade]}{body[scalar.end_mark.index :]}"
    return body


def _end(node: yaml.Node) -> int:
    """Where a value ends; the parser counts comments that follow a block as part of it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _minima(grades: Grades) -> dict[str, int]:
    return grades.model_dump()


def _flow(grades: GradesOrDefault) -> str:
    if isinstance(grades, Grades):
        return "{" + ", ".join(f"{grade}: {minimum}" for grade, minimum in _minima(grades).items()) + "}"
    return grades


def _says(text: str, wanted: dict[str, Any]) -> bool:
    """Whether the YAML says what it should; an alias whose anchor was replaced makes it say nothing."""
    try:
        return _read(text) == wanted
    except yaml.YAMLError:
        return False


def _read(text: str) -> dict[str, Any]:
    """What the YAML says; of grades written as minima without the D that always begins at 0."""
    content: dict[str, Any] = yaml.safe_load(text.lstrip("\ufeff"))
    grades = content.get(_KEY)
    if isinstance(grades, dict) and grades.get("D") == 0:
        del grades["D"]
    return content
