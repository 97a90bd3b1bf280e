"""The only reader of YAML: files in, one frozen ``Config`` out, and every mistake told in the administrator's words."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.errors import ConfigError
from config.schema.forecast import Forecast
from config.schema.organisation import Organisation
from config.schema.schedule import Schedule
from config.schema.scores import Score

DEFAULTS: Final = Path(__file__).parent
_NEAR: Final = 0.6
S = TypeVar("S", bound=BaseModel)


@dataclass(frozen=True)
class Config:
    """All that an administrator has set, checked and typed."""

    organisation: Organisation
    forecast: Forecast
    schedule: Schedule
    scores: Mapping[str, Score]
    sources: Mapping[str, Any]


def load_config(folder: Path | None = None) -> Config:
    """Read the configuration.

    Args:
        folder: an organisation's own YAML files. It may hold only those that differ; a file it lacks is taken from
            ``config/``. None: ``config/`` alone.

    Raises:
        ConfigError: with every mistake found, each with file, line, key and what to write instead.
    """
    if folder is not None and not folder.is_dir():
        raise ConfigError(
            f"{folder}: there is no such folder. Set SALES_INSIGHTS_CONFIG to a folder of YAML files, or leave it out."
        )
    reader = _Reader(folder)
    organisation = reader.read("organisation.yml", Organisation)
    forecast = reader.read("forecast.yml", Forecast)
    schedule = reader.read("schedule.yml", Schedule)
    reader.refuse_unknown_scores()
    scores = {name: reader.read(f"scores/{name}.yml", Score) for name in reader.names("scores")}
    sources = {name: reader.read(f"sources/{name}.yml", source_schema(name)) for name in reader.names("sources")}
    reader.refuse_strays()
    reader.raise_mistakes()
    return Config(organisation, forecast, schedule, scores, sources)


def source_schema(name: str) -> type[BaseModel]:
    """The schema of ``sources/<name>.yml``.

    Raises:
        ConfigError: where the product has no source of that name.
    """
    module = f"config.schema.sources.{name}"
    try:
        return importlib.import_module(module).Settings  # type: ignore[no-any-return]
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        known = sorted(path.stem for path in (DEFAULTS / "schema" / "sources").glob("[a-z]*.py"))
        raise ConfigError(
            f"sources/{name}.yml: there is no source '{name}'. Name the file after one of: {', '.join(known)}."
        ) from error


class _Reader:
    """Reads one file after the other and gathers the mistakes of all, so that they can be put right in one go."""

    def __init__(self, folder: Path | None) -> None:
        self._folders = [DEFAULTS] if folder is None else [folder, DEFAULTS]
        self._mistakes: list[str] = []

    def names(self, subfolder: str) -> list[str]:
        """The names of all YAML files in a subfolder, of the organisation's folder and the defaults together."""
        return sorted({path.stem for folder in self._folders for path in (folder / subfolder).glob("*.yml")})

    def read(self, relative: str, schema: type[S]) -> S:
        """One file by its schema. After a mistake the value returned is not to be used: ``raise_mistakes`` ends it."""
        path = next((folder / relative for folder in self._folders if (folder / relative).is_file()), None)
        if path is None:
            self._mistakes.append(f"{relative}: the file is missing. Copy it from config/ and adapt it.")
            return schema.model_construct()
        try:
            text = path.read_text(encoding="utf-8-sig")
            content = yaml.safe_load(text)
            tree = yaml.compose(text)
        except UnicodeDecodeError as error:
            self._mistakes.append(f"{path}: not UTF-8 ({error.reason} at byte {error.start}). Save it as UTF-8.")
        except yaml.YAMLError as error:
            self._mistakes.append(_yaml_mistake(path, error))
        else:
            try:
                return schema.model_validate({} if content is None else content)
            except ValidationError as error:
                self._mistakes += [_told(path, tree, schema, detail) for detail in error.errors()]
        return schema.model_construct()

    def refuse_unknown_scores(self) -> None:
        """A score needs feature and label models of its name; those that exist are the ones in the defaults."""
        known = sorted(path.stem for path in (DEFAULTS / "scores").glob("*.yml"))
        for folder in self._folders[:-1]:
            for path in sorted((folder / "scores").glob("*.yml")):
                if path.stem not in known:
                    self._mistakes.append(
                        f"{path}: there is no score '{path.stem}'. Name it after one of: {', '.join(known)}."
                    )

    def refuse_strays(self) -> None:
        """A YAML file that nothing reads is a mistake: most likely its name has a typo."""
        known = {"organisation.yml", "forecast.yml", "schedule.yml"}
        for folder in self._folders[:-1]:
            for path in sorted(folder.rglob("*.y*ml")):
                relative = path.relative_to(folder).as_posix()
                parts = relative.split("/")
                if relative in known or (
                    len(parts) == 2 and parts[0] in {"scores", "sources"} and path.suffix == ".yml"
                ):
                    continue
                near = difflib.get_close_matches(relative, sorted(known), 1, _NEAR)
                hint = f" Did you mean '{near[0]}'?" if near else ""
                self._mistakes.append(f"{path}: nothing reads this file.{hint} Rename or remove it.")

    def raise_mistakes(self) -> None:
        """All mistakes as one ConfigError, or nothing."""
        if self._mistakes:
            raise ConfigError("\n".join(self._mistakes))


def _yaml_mistake(path: Path, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    place = f"{path}:{mark.line + 1}" if mark else str(path)
    problem = getattr(error, "problem", None) or str(error)
    return f"{place}: this is not YAML: {problem}. Check indentation, colons and quotes on this line and the one above."


def _told(path: Path, tree: yaml.Node | None, schema: type[BaseModel], detail: ErrorDetails) -> str:
    """One pydantic error in an administrator's words: file, line, key, what is wrong, what to write."""
    location = tuple(part for part in detail["loc"] if isinstance(part, int) or part not in {"int", "literal['all']"})
    key = ".".join(str(part) for part in location) or "the file"
    place = f"{path}:{_line(tree, location)}"
    match detail["type"]:
        case "extra_forbidden":
            known = _known_keys(schema, location[:-1])
            near = difflib.get_close_matches(str(location[-1]), known, 1, _NEAR)
            hint = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(known)}."
            return f"{place}: there is no key '{key}'; {hint}"
        case "missing":
            return f"{place}: '{key}' is missing; add it. It is: {_description(schema, location)}"
        case "value_error":
            return f"{place}: {key}: {detail['msg'].removeprefix('Value error, ')}."
        case _:
            return f"{place}: {key}: {detail['msg']}, but it says {detail['input']!r}. {_description(schema, location)}"


def _line(tree: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """The line of the key, or of the nearest thing above it that exists."""
    node, line = tree, 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _section(schema: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel] | None:
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


def _known_keys(schema: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    section = _section(schema, location)
    return sorted(section.model_fields) if section else []


def _description(schema: type[BaseModel], location: tuple[int | str, ...]) -> str:
    names = [part for part in location if isinstance(part, str)]
    for end in range(len(names), 0, -1):
        section = _section(schema, tuple(names[: end - 1]))
        field = section.model_fields.get(names[end - 1]) if section else None
        if field and field.description:
            return field.description
    return "See docs/reference/config.md."
