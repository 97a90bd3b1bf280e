"""The page about the configuration: every YAML file and key, from the schema."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cli.reference.markdown import code, page, table
from config.load import DEFAULTS, source_schema
from config.schema.forecast import Forecast
from config.schema.organisation import Organisation
from config.schema.schedule import Schedule
from config.schema.scores import Score

_INTRODUCTION = """Copy what differs from [`config/`](../../config) into a folder of your own and name it in
`SALES_INSIGHTS_CONFIG`; a file that your folder lacks is taken from `config/`. `sales-insights check-config` says what
is wrong: file, line, key, and what to write instead. A key that stands in no table below is a mistake.

Three environment variables say where things are: `SALES_INSIGHTS_CONFIG` (your YAML), `SALES_INSIGHTS_DATA` (all that
the pipeline keeps; default `data/`, or `data/<name of your folder>/`) and `SALES_INSIGHTS_INPUT` (the folder that the
`files` source reads; default `input/` in the data folder)."""
_LIST = "[]"


def config_page() -> str:
    """The page, from the schema of every file."""
    files: dict[str, type[BaseModel]] = {
        "organisation.yml": Organisation,
        "schedule.yml": Schedule,
        "forecast.yml": Forecast,
        "scores/<score>.yml": Score,
    }
    names = sorted(path.stem for path in (DEFAULTS / "schema" / "sources").glob("[a-z]*.py"))
    files |= {f"sources/{name}.yml": source_schema(name) for name in names}
    return page("Configuration", _INTRODUCTION, [_section(name, schema) for name, schema in files.items()])


def _section(file: str, schema: type[BaseModel]) -> str:
    rows = [
        [code(key), _type(field.annotation), _default(field), field.description or ""] for key, field in _keys(schema)
    ]
    sentence = (schema.__doc__ or "").strip().partition("\n\n")[0].replace("``", "`")
    return "\n\n".join([f"## {file}", sentence, table(["key", "type", "default", "meaning"], rows)])


def _keys(schema: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every key, those of a block after the block itself, as ``block.key``; ``[]`` marks a list of blocks."""
    for name, field in schema.model_fields.items():
        yield f"{prefix}{name}", field
        block = _block(field.annotation)
        if block:
            mark = _LIST if get_origin(_plain(field.annotation)) is tuple else ""
            yield from _keys(block, f"{prefix}{name}{mark}.")


def _block(annotation: Any) -> type[BaseModel] | None:
    plain = _plain(annotation)
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        return plain
    return next((found for part in get_args(plain) if (found := _block(part))), None)


def _plain(annotation: Any) -> Any:
    """The type without its annotations."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _type(annotation: Any) -> str:
    """A type in an administrator's words."""
    plain = _plain(annotation)
    origin, parts = get_origin(plain), get_args(plain)
    if origin in {Union, types.UnionType}:
        return " or ".join(_type(part) for part in parts if part is not type(None))
    if origin is Literal:
        return ", ".join(code(str(part)) for part in parts)
    if origin is tuple:
        return f"list of {_type(parts[0])}s"
    if origin is dict:
        value = _type(parts[1])
        return f"{_type(parts[0])}: {f'{{{value}}}' if ':' in value else value}"
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return names.get(plain, "block" if _block(plain) else str(getattr(plain, "__name__", plain)))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ("", (), {}) or isinstance(value, BaseModel):
        return ""
    return code(re.sub(r"^\((.*?),?\)$", r"[\1]", str(value)) if isinstance(value, tuple) else _yaml(value))


def _yaml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
