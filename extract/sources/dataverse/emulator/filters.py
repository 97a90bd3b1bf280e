"""``$filter``: comparisons joined by ``and`` and ``or``, as SQL for rows and as a predicate for metadata."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from extract.sources.dataverse.emulator.errors import bad_query

_TOKEN: Final = re.compile(r"\s*(?:(?P<paren>[()])|(?P<text>'(?:[^']|'')*')|(?P<word>[^\s()']+))")
_OPERATORS: Final = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_GUID: Final = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_NUMBER: Final = re.compile(r"^-?\d+(\.\d+)?$")
_INSTANT: Final = re.compile(r"^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$")
_WORDS: Final = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Comparison:
    """A column compared with a value."""

    name: str
    operator: str
    value: Any

    def sql(self, expression: Callable[[str], str], values: list[Any]) -> str:
        """As SQL; ``expression`` names the column, ``values`` collects the parameters."""
        column = expression(self.name)
        if self.value is None:
            return f"{column} is {'' if self.operator == 'eq' else 'not '}null"
        values.append(self.value)
        if self.operator == "ne":
            return f"{column} is distinct from ?"
        return f"{column} {_OPERATORS[self.operator]} ?"

    def holds(self, item: Mapping[str, Any]) -> bool:
        """Whether it holds of an item of the metadata."""
        if self.name not in item:
            raise bad_query(f"Could not find a property named '{self.name}'.")
        same = item[self.name] == self.value
        if self.operator not in {"eq", "ne"}:
            raise bad_query(f"The operator '{self.operator}' is not supported on metadata.")
        return bool(same == (self.operator == "eq"))


@dataclass(frozen=True)
class Joined:
    """Filters of which all (``and``) or any (``or``) must hold."""

    word: str
    parts: tuple[Filter, ...]

    def sql(self, expression: Callable[[str], str], values: list[Any]) -> str:
        """As SQL."""
        return "(" + f" {self.word} ".join(part.sql(expression, values) for part in self.parts) + ")"

    def holds(self, item: Mapping[str, Any]) -> bool:
        """Whether it holds of an item of the metadata."""
        found = [part.holds(item) for part in self.parts]
        return all(found) if self.word == "and" else any(found)


Filter = Comparison | Joined


def parse_filter(text: str) -> Filter:
    """The filter that the text says.

    Raises:
        ServiceError: where it cannot be understood.
    """
    tokens = _tokens(text)
    found = _either(tokens)
    if tokens:
        raise bad_query(f"Syntax error at position {len(text)} in '{text}'.")
    return found


def _tokens(text: str) -> list[str]:
    tokens, place = [], 0
    while place < len(text.rstrip()):
        match = _TOKEN.match(text, place)
        if match is None:
            raise bad_query(f"There is an unterminated literal at position {place} in '{text}'.")
        tokens.append(match.group().strip())
        place = match.end()
    return tokens


def _either(tokens: list[str]) -> Filter:
    parts = [_both(tokens)]
    while tokens and tokens[0] == "or":
        tokens.pop(0)
        parts.append(_both(tokens))
    return parts[0] if len(parts) == 1 else Joined("or", tuple(parts))


def _both(tokens: list[str]) -> Filter:
    parts = [_one(tokens)]
    while tokens and tokens[0] == "and":
        tokens.pop(0)
        parts.append(_one(tokens))
    return parts[0] if len(parts) == 1 else Joined("and", tuple(parts))


def _one(tokens: list[str]) -> Filter:
    if tokens and tokens[0] == "(":
        tokens.pop(0)
        inner = _either(tokens)
        if not tokens or tokens.pop(0) != ")":
            raise bad_query("Syntax error: a parenthesis is not closed.")
        return inner
    if len(tokens) < 3 or tokens[1] not in _OPERATORS:
        raise bad_query(f"Syntax error: a comparison was expected at '{' '.join(tokens[:3])}'.")
    name, operator, literal = (tokens.pop(0) for _ in range(3))
    return Comparison(name, operator, _value(literal))


def _value(literal: str) -> Any:
    if literal.startswith("'"):
        return literal[1:-1].replace("''", "'")
    if literal in _WORDS:
        return _WORDS[literal]
    if _GUID.match(literal):
        return literal.lower()
    if _NUMBER.match(literal):
        return float(literal) if "." in literal else int(literal)
    if _INSTANT.match(literal):
        moment = datetime.fromisoformat(literal)
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    raise bad_query(f"Unrecognized literal '{literal}'.")
