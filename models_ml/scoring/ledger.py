"""What is written down about models: the rows of ``scores.models`` and ``scores.attributes``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from config.errors import ConfigError, ContractBroken
from config.schema.learning import Model
from config.schema.scores import Score
from config.workspace import Workspace
from models_ml.scoring.leakage import Decision
from warehouse.connection import transaction


@dataclass(frozen=True)
class ModelRow:
    """A row of ``scores.models``: one version of a model, without the instant it was written."""

    score_name: str
    model_name: str
    model_id: str
    as_of_date: date
    training_records: int
    holdout_records: int
    holdout_from: date | None
    base_rate: float | None
    auc: float | None
    auc_low: float | None
    auc_high: float | None
    brier: float | None
    calibration_error: float | None
    verdict: str | None
    status: str
    because: str
    setup: str
    model_number: int = 0
    weaknesses: str | None = None


_COLUMNS = ", ".join(field.name for field in fields(ModelRow))


def settings_of(workspace: Workspace, score_name: str) -> Score:
    """The settings of a score.

    Raises:
        ConfigError: where there is no such score.
    """
    scores = workspace.config.scores
    if score_name not in scores:
        raise ConfigError(f"There is no score '{score_name}'. Name one of: {', '.join(sorted(scores))}.")
    return scores[score_name]


def model_of(workspace: Workspace, score_name: str, model_name: str | None) -> Model:
    """The settings of a model; without a name, of the only one that the score has.

    Raises:
        ConfigError: where there is no such score or model, or none is named although there are several.
    """
    models = settings_of(workspace, score_name).all_models(score_name)
    names = ", ".join(model.name for model in models)
    if model_name is None and len(models) > 1:
        raise ConfigError(f"The score '{score_name}' has several models. Name one of: {names}.")
    found = next((model for model in models if model_name in (None, model.name)), None)
    if found is None:
        raise ConfigError(f"The score '{score_name}' has no model '{model_name}'. Name one of: {names}.")
    return found


def newest(connection: duckdb.DuckDBPyConnection, model_name: str, day: date, *, of_the_day: bool) -> ModelRow | None:
    """The version that was trained last, of the day alone or up to the day; None where there is none."""
    relation = "=" if of_the_day else "<="
    return _one(
        connection,
        f"where model_name = $model_name and as_of_date {relation} $day order by as_of_date desc, model_number desc",
        {"model_name": model_name, "day": day},
    )


def by_id(connection: duckdb.DuckDBPyConnection, score_name: str, model_id: str) -> ModelRow | None:
    """The model of that id, or None."""
    return _one(
        connection,
        "where score_name = $score_name and model_id = $model_id",
        {"score_name": score_name, "model_id": model_id},
    )


def in_use(connection: duckdb.DuckDBPyConnection, score_name: str, model_id: str) -> ModelRow:
    """The model of that id, which the registry says is in use.

    Raises:
        ContractBroken: where this warehouse does not know it.
    """
    row = by_id(connection, score_name, model_id)
    if row is None:
        raise ContractBroken(
            f"scores.models: {model_id} is in use in the registry and not known to this warehouse. Put the "
            f"warehouse back that knows it, or train the model again: 'sales-insights train {score_name}'."
        )
    return row


def champion(connection: duckdb.DuckDBPyConnection, model_name: str) -> ModelRow | None:
    """The version in use, or None."""
    return _one(connection, "where model_name = $model_name and status = 'champion'", {"model_name": model_name})


def write_trained(connection: duckdb.DuckDBPyConnection, row: ModelRow, decisions: Sequence[Decision]) -> None:
    """Note a model and its attribute report; one noted before keeps what was measured and becomes the newest."""
    values = asdict(row) | {"trained_at": _now()}
    del values["model_number"]
    key = {"score_name": row.score_name, "model_id": row.model_id}
    numbered = key | {"model_name": row.model_name}
    with transaction(connection):
        if by_id(connection, row.score_name, row.model_id) is None:
            names = ", ".join(values)
            connection.execute(
                f"insert into scores.models ({names}) values ({', '.join(f'${name}' for name in values)})", values
            )
        connection.execute(
            "update scores.models set model_number = (select coalesce(max(model_number), 0) + 1 from scores.models "
            "where model_name = $model_name and model_id <> $model_id) "
            "where score_name = $score_name and model_id = $model_id",
            numbered,
        )
        connection.execute("delete from scores.attributes where score_name = $score_name and model_id = $model_id", key)
        for decision in decisions:
            attribute = key | asdict(decision)
            connection.execute(
                f"insert into scores.attributes ({', '.join(attribute)}) "
                f"values ({', '.join(f'${name}' for name in attribute)})",
                attribute,
            )


def write_measured(connection: duckdb.DuckDBPyConnection, row: ModelRow) -> None:
    """Note what was measured on a model and what follows; a model in use, or once in use, keeps that status."""
    values: dict[str, Any] = asdict(row)
    measured = (
        "holdout_records", "base_rate", "auc", "auc_low", "auc_high", "brier", "calibration_error", "verdict",
        "because", "weaknesses",
    )  # fmt: skip
    with transaction(connection):
        connection.execute(
            f"update scores.models set {', '.join(f'{name} = ${name}' for name in measured)}, status = case "
            "when status in ('champion', 'previous') then status else $status end "
            "where score_name = $score_name and model_id = $model_id",
            {name: values[name] for name in (*measured, "status", "score_name", "model_id")},
        )


def write_in_use(
    connection: duckdb.DuckDBPyConnection, model_name: str, model_id: str | None, previous: str | None, left: str
) -> None:
    """Mirror the registry: which version is in use and which one was before.

    Args:
        connection: to the warehouse.
        model_name: of the model.
        model_id: the version in use now; None where none is.
        previous: the version to which 'revert' goes back; None where there is none.
        left: the status of a version that is neither any more.
    """
    with transaction(connection):
        connection.execute(
            "update scores.models set status = case when model_id = $model_id then 'champion' "
            "when model_id = $previous then 'previous' when status in ('champion', 'previous') then $left "
            "else status end where model_name = $model_name",
            {"model_name": model_name, "model_id": model_id, "previous": previous, "left": left},
        )


def write_ended(connection: duckdb.DuckDBPyConnection, model_name: str, status: str) -> None:
    """Note that a model was taken out of use ('inactive') or deleted: its newest version says so, none is in use."""
    write_in_use(connection, model_name, None, None, left="validated")
    which = "model_name = $name"
    if status != "deleted":
        which += " and model_number = (select max(model_number) from scores.models where model_name = $name)"
    connection.execute(
        f"update scores.models set status = $status where {which}", {"name": model_name, "status": status}
    )


def write_status(connection: duckdb.DuckDBPyConnection, row: ModelRow, status: str, because: str) -> None:
    """Note what a person decided about a version."""
    connection.execute(
        "update scores.models set status = ?, because = ? where score_name = ? and model_id = ?",
        [status, because, row.score_name, row.model_id],
    )


def _one(connection: duckdb.DuckDBPyConnection, condition: str, values: dict[str, Any]) -> ModelRow | None:
    found = connection.execute(f"select {_COLUMNS} from scores.models {condition} limit 1", values).fetchone()
    return ModelRow(*found) if found else None


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def filled_on_open(connection: duckdb.DuckDBPyConnection, score_name: str, model_id: str) -> dict[str, float]:
    """Attribute to the share of open records (0-1) that filled it when the model was trained, where known."""
    found = connection.execute(
        "select attribute, filled_open from scores.attributes "
        "where score_name = ? and model_id = ? and filled_open is not null",
        [score_name, model_id],
    ).fetchall()
    return dict(found)


def leaks_learnt(connection: duckdb.DuckDBPyConnection, row: ModelRow, champion: ModelRow) -> list[str]:
    """Suspected attributes that the model in use has learnt from and that are excluded from the new one."""
    found = connection.execute(
        "select attribute from scores.attributes where score_name = $score and model_id = $champion "
        "and decision in ('used', 'kept by the administrator') intersect select attribute from scores.attributes "
        "where score_name = $score and model_id = $new and decision like 'excluded by%' and suspected "
        "order by attribute",
        {"score": row.score_name, "champion": champion.model_id, "new": row.model_id},
    ).fetchall()
    return [attribute for (attribute,) in found]


def leaks_reported(connection: duckdb.DuckDBPyConnection, row: ModelRow) -> tuple[list[str], list[str]]:
    """Suspected attributes of a version: those that were left out, and those that it uses all the same."""
    found = connection.execute(
        "select attribute, decision like 'excluded by%' from scores.attributes "
        "where score_name = ? and model_id = ? and suspected order by attribute",
        [row.score_name, row.model_id],
    ).fetchall()
    return [name for name, is_out in found if is_out], [name for name, is_out in found if not is_out]
