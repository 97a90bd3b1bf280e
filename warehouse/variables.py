"""What the SQL layers are told: the configuration as dbt's variables, and from which sources each entity comes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import duckdb

from config.schema.canonical import ENTITIES
from config.schema.learning import Model
from config.workspace import PROJECT, Workspace

Staged = dict[str, list[str]]
"""Entity to the sources it comes from."""

DBT_PROJECT: Final = PROJECT / "dbt_project"


def variables(workspace: Workspace, staged: Staged) -> dict[str, Any]:
    """What the SQL asks for by ``var()``: the configuration, and from which sources an entity comes."""
    organisation = workspace.config.organisation
    scores = {
        f"{name}_{key}": value
        for name, score in workspace.config.scores.items()
        for key, value in (
            ("models", [_model(name, model) for model in score.all_models(name)]),
            ("snapshot_ages_days", list(score.snapshot_ages_days)),
        )
    }
    return {
        "organisation": organisation.name,
        "currency": organisation.currency,
        "fiscal_start_month": organisation.fiscal_year.start_month,
        "fiscal_period": organisation.fiscal_year.period,
        "staged": staged,
    } | scores


def _model(score_name: str, model: Model) -> dict[str, Any]:
    """What labels depend on: the model's name, horizon, and target column with its values in small letters."""
    target = model.target
    return {
        "name": model.name,
        "horizon_days": model.horizon_days,
        "target": target
        and {
            "column": target.column,
            "is_custom": target.column not in _columns_of(score_name),
            "positive": [value.lower() for value in target.positive],
            "negative": [value.lower() for value in target.negative],
        },
    }


def _columns_of(score_name: str) -> set[str]:
    """The canonical columns of the entity that a score is about: the one whose key is ``<score>_id``."""
    entity = next(entity for entity in ENTITIES.values() if entity.key == (f"{score_name}_id",))
    return {column.name for column in entity.columns}


def staged_sources(folder: Path = DBT_PROJECT, sources: frozenset[str] | set[str] | None = None) -> Staged:
    """Entity to the sources with a staging model for it.

    Args:
        folder: the dbt project.
        sources: where given, only these; an entity that none of them delivers keeps all, so that its table exists.
    """
    everything: Staged = {}
    for entity, source in _staging_models(folder):
        everything.setdefault(entity, []).append(source)
    if sources is None:
        return everything
    return {entity: [one for one in found if one in sources] or found for entity, found in everything.items()}


def _staging_models(folder: Path = DBT_PROJECT) -> list[tuple[str, str]]:
    """Entity and source of every staging model, from the names ``stg_<source>__<entity>.sql``."""
    paths = sorted((folder / "models" / "staging").rglob("stg_*__*.sql"))
    parts = [path.stem.removeprefix("stg_").partition("__") for path in paths]
    return [(entity, source) for source, _, entity in parts]


def without_idle(staged: Staged) -> list[str]:
    """dbt's arguments that leave out the staging models of sources from which an entity does not come."""
    idle = [f"stg_{source}__{entity}" for entity, source in _staging_models() if source not in staged[entity]]
    return ["--exclude", *idle] if idle else []


def sources_in_use(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> set[str]:
    """The sources that are switched on, and those that were when they delivered something."""
    delivered = connection.execute("select distinct source from raw.batches").fetchall()
    on = {name for name, source in workspace.config.sources.items() if source.enabled}
    return on | {source for (source,) in delivered}
