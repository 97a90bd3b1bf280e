"""All models of the configuration, and where each stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.schema.learning import Model
from config.schema.scores import overlap_warnings
from config.workspace import Workspace
from models_ml.scoring.standing import standing_of
from warehouse.connection import open_warehouse


@dataclass(frozen=True)
class ModelState:
    """One model: what it is for, its newest version and the one in use.

    ``attributes_used`` of ``attributes`` are what the newest version learns from; ``records`` is its filter in words,
    and whether it is per stage of the business process. ``drift`` is the status of the version in use when it was
    monitored last, None where it never was; ``lowered`` says since when its verdict is lowered, and why; empty where it
    is not.
    """

    score_name: str
    model_name: str
    records: str
    in_use: str | None
    newest: str | None
    auc: float | None
    verdict: str | None
    status: str
    attributes_used: int
    attributes: int
    drift: str | None = None
    lowered: str = ""


@dataclass(frozen=True)
class Models:
    """All models, and what is odd about them."""

    models: tuple[ModelState, ...]
    warnings: tuple[str, ...]


def models(workspace: Workspace) -> Models:
    """Every model of the configuration with the state of its newest version, and warnings of overlapping filters."""
    query = """
        select model_name, arg_max(model_id, model_number), arg_max(auc, model_number), arg_max(verdict, model_number),
            arg_max(status, model_number), any_value(model_id) filter (where status = 'champion')
        from scores.models group by model_name
    """
    used = """
        select model_id, count(*) filter (where decision in ('used', 'kept by the administrator')), count(*)
        from scores.attributes group by model_id
    """
    with open_warehouse(workspace) as connection:
        known = {row[0]: row[1:] for row in connection.execute(query).fetchall()}
        counted = {row[0]: row[1:] for row in connection.execute(used).fetchall()}
        standings = {row[-1]: standing_of(connection, row[-1], date.max) for row in known.values() if row[-1]}
    found = []
    for score_name, score in workspace.config.scores.items():
        for model in score.all_models(score_name):
            newest, auc, verdict, status, in_use = known.get(model.name, (None, None, None, "not trained", None))
            attributes = counted.get(newest, (0, 0))
            standing = standings.get(in_use)
            drift, lowered = (standing.status, standing.lowered) if standing else (None, "")
            state = (in_use, newest, auc, verdict, status, *attributes, drift, lowered)
            found.append(ModelState(score_name, model.name, _records(model), *state))
    warnings = [
        sentence
        for score_name, score in workspace.config.scores.items()
        for sentence in overlap_warnings(score_name, score.all_models(score_name))
    ]
    return Models(tuple(found), tuple(warnings))


def _records(model: Model) -> str:
    filtered = "all records" if model.filter is None else f"{model.filter.column}: {', '.join(model.filter.values)}"
    is_per_stage = model.business_process is not None and model.business_process.per_stage
    return f"{filtered}; per stage" if is_per_stage else filtered
