"""The few marks of Markdown that the reference pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

MADE: Final = "<!-- Made by `sales-insights reference` from the code. Edit the code, not this page. -->"


def page(title: str, introduction: str, sections: Iterable[str]) -> str:
    """A page: where it comes from, its title, what it is about, its sections."""
    return "\n\n".join([MADE, f"# {title}", introduction, *sections]) + "\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; bars and line breaks in a cell do not break it."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines)


def code(text: str) -> str:
    """Text as code; nothing where there is no text."""
    return f"`{text}`" if text else ""


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
