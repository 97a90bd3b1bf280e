"""Mistakes in YAML in an administrator's words: file, line, key, what is wrong, and what to write instead."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_NEAR: Final = 0.6
_Location = tuple[int | str, ...]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like the one given, or None where none is like it."""
    return next(iter(difflib.get_close_matches(name, sorted(known), 1, _NEAR)), None)


def not_yaml(path: Path, error: yaml.YAMLError) -> str:
    """A file that is no YAML, or that says something twice."""
    mark = getattr(error, "problem_mark", None)
    place = f"{path}:{mark.line + 1}" if mark else str(path)
    problem = getattr(error, "problem", None) or str(error)
    return f"{place}: this is not YAML: {problem}. Check indentation, colons and quotes on this line and the one above."


def told(path: Path, tree: yaml.Node | None, schema: type[BaseModel], error: ValidationError) -> list[str]:
    """Every mistake of a file, one message per key: of a value that may be of several kinds, all kinds are named."""
    by_location: dict[_Location, list[ErrorDetails]] = defaultdict(list)
    for detail in error.errors():
        by_location[_location(tree, schema, detail["loc"])].append(detail)
    return [_told(path, tree, schema, location, details) for location, details in by_location.items()]


def _location(tree: yaml.Node | None, schema: type[BaseModel], reported: _Location) -> _Location:
    """Where pydantic reports a mistake, without the names it gives to the kinds a value may be of."""
    location: _Location = ()
    for part in reported:
        extended = (*location, part)
        if isinstance(part, int) or part in _known_keys(schema, location) or _reach(tree, extended)[1] is not None:
            location = extended
    return location


def _told(
    path: Path, tree: yaml.Node | None, schema: type[BaseModel], location: _Location, details: list[ErrorDetails]
) -> str:
    """One mistake in an administrator's words: file, line, key, what is wrong, what to write."""
    detail = details[0]
    key = ".".join(str(part) for part in location) or "the file"
    place = f"{path}:{_reach(tree, location)[0]}"
    match detail["type"]:
        case "extra_forbidden":
            known = _known_keys(schema, location[:-1])
            near = nearest(str(location[-1]), known)
            hint = f"did you mean '{near}'?" if near else f"known keys: {', '.join(known)}."
            return f"{place}: there is no key '{key}'; {hint}"
        case "missing":
            return f"{place}: '{key}' is missing; add it. It is: {_description(schema, location)}"
        case "value_error":
            return f"{place}: {key}: {detail['msg'].removeprefix('Value error, ')}."
        case "model_type" | "dict_type":
            return f"{place}: {key}: write keys and values under it, 'key: value', a line each."
        case "string_type":
            return f"{place}: {key}: YAML reads {detail['input']!r} here; to mean a text put it in quotes."
        case _:
            reasons = " or ".join(dict.fromkeys(part["msg"][:1].lower() + part["msg"][1:] for part in details))
            return f"{place}: {key}: {reasons}, but it says {detail['input']!r}. {_description(schema, location)}"


def _reach(tree: yaml.Node | None, location: _Location) -> tuple[int, yaml.Node | None]:
    """The line of the key at a location, or of the nearest key above it that exists; and what stands there, or None."""
    node, line = tree, 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if pair is None:
                return line, None
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            return line, None
    return line, node


def _section(schema: type[BaseModel], location: _Location) -> type[BaseModel] | None:
    """The schema of the block that a location lies in, walking through lists and optional values."""
    section: type[BaseModel] | None = schema
    for part in location:
        if isinstance(part, int):
            continue
        field = section.model_fields.get(part) if section else None
        section = _model_within(field.annotation) if field else None
    return section


def _model_within(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in getattr(annotation, "__args__", ()) if (found := _model_within(part))), None)


def _known_keys(schema: type[BaseModel], location: _Location) -> list[str]:
    section = _section(schema, location)
    return sorted(section.model_fields) if section else []


def _description(schema: type[BaseModel], location: _Location) -> str:
    names = [part for part in location if isinstance(part, str)]
    for end in range(len(names), 0, -1):
        section = _section(schema, tuple(names[: end - 1]))
        field = section.model_fields.get(names[end - 1]) if section else None
        if field and field.description:
            return field.description
    return "See docs/reference/config.md."
