"""The only reader of YAML: files in, one frozen ``Config`` out, and every mistake told in the administrator's words."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from config.errors import ConfigError
from config.mistakes import nearest, not_yaml, told
from config.schema.forecast import Forecast
from config.schema.organisation import Organisation
from config.schema.schedule import Schedule
from config.schema.scores import Score, process_mistakes

DEFAULTS: Final = Path(__file__).parent
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
    sources = reader.read_sources()
    reader.refuse_names_of_two_scores(scores)
    reader.refuse_processes_without_stages(scores)
    reader.refuse_strays()
    reader.raise_mistakes()
    return Config(organisation, forecast, schedule, scores, sources)


def source_schema(name: str) -> type[BaseModel]:
    """The schema of ``sources/<name>.yml``.

    Raises:
        ConfigError: where the product has no source of that name.
    """
    known = sorted(path.stem for path in (DEFAULTS / "schema" / "sources").glob("[a-z]*.py"))
    if name not in known:
        raise ConfigError(f"there is no source '{name}'. Name the file after one of: {', '.join(known)}.")
    schema: type[BaseModel] = importlib.import_module(f"config.schema.sources.{name}").Settings
    return schema


class _Loader(yaml.CSafeLoader):  # type: ignore[misc]
    """YAML as an administrator means it: keys are texts as written, and a key that stands twice is a mistake.

    Dates stay texts as well, so that a day that does not exist is told by the schema, with its key.
    """

    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """One block of keys and values."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(problem="a key must be a word", problem_mark=key.start_mark)
            if key.value in seen:
                twice = f"the key '{key.value}' stands here twice"
                raise yaml.constructor.ConstructorError(problem=twice, problem_mark=key.start_mark)
            seen.add(key.value)
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}


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
            content = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
            tree = yaml.compose(text, _Loader)
        except UnicodeDecodeError as error:
            self._mistakes.append(f"{path}: not UTF-8 ({error.reason} at byte {error.start}). Save it as UTF-8.")
        except yaml.YAMLError as error:
            self._mistakes.append(not_yaml(path, error))
        else:
            try:
                return schema.model_validate({} if content is None else content)
            except ValidationError as error:
                self._mistakes += told(path, tree, schema, error)
        return schema.model_construct()

    def read_sources(self) -> dict[str, BaseModel]:
        """All of ``sources/*.yml``, each by the schema of its source."""
        sources = {}
        for name in self.names("sources"):
            try:
                schema = source_schema(name)
            except ConfigError as error:
                self._mistakes.append(f"sources/{name}.yml: {error}")
            else:
                sources[name] = self.read(f"sources/{name}.yml", schema)
        return sources

    def refuse_unknown_scores(self) -> None:
        """A score needs feature and label models of its name; those that exist are the ones in the defaults."""
        known = sorted(path.stem for path in (DEFAULTS / "scores").glob("*.yml"))
        for folder in self._folders[:-1]:
            for path in sorted((folder / "scores").glob("*.yml")):
                if path.stem not in known:
                    self._mistakes.append(
                        f"{path}: there is no score '{path.stem}'. Name it after one of: {', '.join(known)}."
                    )

    def refuse_names_of_two_scores(self, scores: Mapping[str, Score]) -> None:
        """The registry and Airflow know a model by its name alone."""
        if self._mistakes:
            return
        owner: dict[str, str] = {}
        for score, settings in scores.items():
            for model in settings.all_models(score):
                other = owner.setdefault(model.name.lower(), score)
                if other != score:
                    self._mistakes.append(
                        f"scores/{score}.yml: models: a model of scores/{other}.yml is named {model.name} as well; "
                        "give one of them another name."
                    )

    def refuse_processes_without_stages(self, scores: Mapping[str, Score]) -> None:
        """A business process is for records that have a stage."""
        if not self._mistakes:
            for score, settings in scores.items():
                self._mistakes += process_mistakes(score, settings.all_models(score))

    def refuse_strays(self) -> None:
        """A YAML file that nothing reads is a mistake: most likely its name has a typo."""
        known = {path.relative_to(DEFAULTS).as_posix() for path in DEFAULTS.rglob("*.yml")}
        for folder in self._folders[:-1]:
            for path in sorted(folder.rglob("*.y*ml")):
                relative = path.relative_to(folder).as_posix()
                parts = relative.split("/")
                if relative in known or (
                    len(parts) == 2 and parts[0] in {"scores", "sources"} and path.suffix == ".yml"
                ):
                    continue
                near = nearest(relative, known)
                hint = f" Did you mean '{near}'?" if near else ""
                self._mistakes.append(f"{path}: nothing reads this file.{hint} Rename or remove it.")

    def raise_mistakes(self) -> None:
        """All mistakes as one ConfigError, or nothing."""
        if self._mistakes:
            raise ConfigError("\n".join(self._mistakes))
