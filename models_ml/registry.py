"""The MLflow registry: where fitted models live, and which of them is in use (aliases ``champion`` and ``previous``).

Kept in SQLite under the data folder; ``MLFLOW_TRACKING_URI`` points a team at its own server instead.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

# Read by mlflow when it is imported.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

import mlflow
import mlflow.pyfunc
from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from config.workspace import Workspace

_LOG = logging.getLogger(__name__)

CHAMPION: Final = "champion"
PREVIOUS: Final = "previous"
_SERVER: Final = "MLFLOW_TRACKING_URI"
_MODEL_ID: Final = "sales_insights_model_id"
_REQUIREMENTS: Final = ("lightgbm", "numpy", "pandas", "scikit-learn", "scipy")
_MODEL: Final = "model"
_EVALUATION: Final = "evaluation"


@dataclass(frozen=True)
class Version:
    """A registered model: its number in the registry, its run, and the id that ``scores.models`` knows it by."""

    number: int
    run_id: str
    model_id: str


@dataclass(frozen=True)
class Logged:
    """What is kept with a model: how it was made, how good it is, and the files that prove it.

    Attributes:
        loader_module: the module whose ``_load_pyfunc`` reads ``model_folder``.
        model_folder: the fitted model, as files.
        evaluation_folder: predictions on the hold-out and the attribute report.
        parameters, metrics: shown by MLflow beside the model.
    """

    loader_module: str
    model_folder: Path
    evaluation_folder: Path
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]


def prepare(workspace: Workspace) -> None:
    """Create the store, or bring it up to date, and one experiment per score. Slow once, so done at set-up."""
    client = _client(workspace)
    for score_name in workspace.config.scores:
        _experiment(client, workspace, score_name)


def find(workspace: Workspace, score_name: str, model_id: str) -> Version | None:
    """The registered version of a model, or None where it was never registered."""
    found = _client(workspace).search_model_versions(f"name = '{score_name}' and tags.{_MODEL_ID} = '{model_id}'")
    return _version(min(found, key=lambda each: int(each.version))) if found else None


def register(workspace: Workspace, score_name: str, model_id: str, logged: Logged) -> Version:
    """Keep a fitted model; one that is already registered under this id is returned and nothing is added.

    A kill before the last step leaves a run without a registered version, which nothing refers to.
    """
    existing = find(workspace, score_name, model_id)
    if existing:
        return existing
    client = _client(workspace)
    _ensure_model(client, score_name)
    with mlflow.start_run(
        experiment_id=_experiment(client, workspace, score_name), run_name=model_id, tags={_MODEL_ID: model_id}
    ) as run:
        run_id = run.info.run_id
        _log_facts(client, run_id, logged)
        client.log_artifacts(run_id, str(logged.evaluation_folder), _EVALUATION)
        model = mlflow.pyfunc.log_model(
            name=_MODEL,
            loader_module=logged.loader_module,
            data_path=str(logged.model_folder),
            pip_requirements=[f"{name}=={version(name)}" for name in _REQUIREMENTS],
        )
    created = client.create_model_version(score_name, model.model_uri, run_id, tags={_MODEL_ID: model_id})
    _LOG.info("%s: model %s registered as version %s", score_name, model_id, created.version)
    return _version(created)


def load(workspace: Workspace, score_name: str, found: Version) -> Any:
    """The fitted model of a version, as its loader module returns it."""
    _client(workspace)
    return mlflow.pyfunc.load_model(f"models:/{score_name}/{found.number}").get_raw_model()


def evaluation_folder(workspace: Workspace, found: Version, into: Path) -> Path:
    """A copy, below ``into``, of the files that were kept with a version to prove how good it is."""
    return Path(_client(workspace).download_artifacts(found.run_id, _EVALUATION, str(into)))


def in_use(workspace: Workspace, score_name: str, alias: str = CHAMPION) -> Version | None:
    """The version that an alias points to, or None."""
    try:
        return _version(_client(workspace).get_model_version_by_alias(score_name, alias))
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise


def put_to_use(workspace: Workspace, score_name: str, found: Version) -> None:
    """Make a version the champion, and the champion until now the previous one. Doing it twice changes nothing.

    ``previous`` is set first: a kill between both leaves the old champion under both names, and a repetition mends it.
    """
    champion = in_use(workspace, score_name)
    if champion and champion.number == found.number:
        return
    client = _client(workspace)
    if champion:
        client.set_registered_model_alias(score_name, PREVIOUS, str(champion.number))
    client.set_registered_model_alias(score_name, CHAMPION, str(found.number))


def _client(workspace: Workspace) -> MlflowClient:
    """A client of the workspace's store, which also becomes the one that mlflow's own functions use."""
    server = os.environ.get(_SERVER)
    uri = server or f"sqlite:///{_store(workspace.data.mlflow)}"
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    if not server:
        # mlflow writes its own choice into the environment, where it would pass for an administrator's.
        os.environ.pop(_SERVER, None)
    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def _store(folder: Path) -> Path:
    """The store's file, made aside and renamed: mlflow makes its tables in steps, and half of them would stay so."""
    folder.mkdir(parents=True, exist_ok=True)
    store, aside = folder / "mlflow.db", folder / "mlflow.db.part"
    if store.exists():
        return store
    with (folder / "mlflow.db.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not store.exists():
            for left in folder.glob(f"{aside.name}*"):
                left.unlink()
            MlflowClient(tracking_uri=f"sqlite:///{aside}").search_experiments()
            aside.replace(store)
    return store


def _experiment(client: MlflowClient, workspace: Workspace, score_name: str) -> str:
    """The id of the score's experiment; two lanes that create it at once end with the same one."""
    name = f"score {score_name}"
    found = client.get_experiment_by_name(name)
    if found is None:
        place = None if os.environ.get(_SERVER) else str(workspace.data.mlflow / "artifacts" / score_name)
        try:
            return str(client.create_experiment(name, artifact_location=place))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            found = client.get_experiment_by_name(name)
    return str(found.experiment_id) if found else name


def _ensure_model(client: MlflowClient, score_name: str) -> None:
    try:
        client.create_registered_model(score_name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _log_facts(client: MlflowClient, run_id: str, logged: Logged) -> None:
    metrics = [Metric(name, value, 0, 0) for name, value in logged.metrics.items()]
    client.log_batch(run_id, metrics, [Param(name, value) for name, value in logged.parameters.items()])


def _version(found: ModelVersion) -> Version:
    return Version(int(found.version), str(found.run_id), str(found.tags.get(_MODEL_ID, "")))
