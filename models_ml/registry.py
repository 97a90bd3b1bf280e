"""The MLflow registry: where fitted models live, and which version of each is in use.

A model of the configuration is a registered model of the same name; each training of it is a version; the aliases
``champion`` and ``previous`` say which is in use and which was before. Kept in SQLite under the data folder;
``MLFLOW_TRACKING_URI`` points a team at its own server instead.
"""

from __future__ import annotations

import hashlib
import importlib
import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Protocol

import mlflow.artifacts
import mlflow.pyfunc
from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models import Model

from config.errors import ContractBroken
from config.workspace import Workspace
from models_ml.registry_client import SERVER, client_of, reached

_LOG = logging.getLogger(__name__)

CHAMPION: Final = "champion"
PREVIOUS: Final = "previous"
_MODEL_ID: Final = "sales_insights_model_id"
_DIGEST: Final = "sales_insights_digest"
_DIGEST_LENGTH: Final = 16
_REQUIREMENTS: Final = ("lightgbm", "numpy", "pandas", "scikit-learn", "scipy")
_MODEL: Final = "model"
_EVALUATION: Final = "evaluation"


class Loader(Protocol):
    """A module that reads the files of a fitted model, in MLflow's terms."""

    _load_pyfunc: Callable[[str], Any]


@dataclass(frozen=True)
class Version:
    """A version of a model: its number in the registry, its run, and the id that ``scores.models`` knows it by.

    ``digest`` is the hash of the fitted model's files as they were registered.
    """

    number: int
    run_id: str
    model_id: str
    digest: str = ""


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


@reached
def prepare(workspace: Workspace) -> None:
    """Create the store, or bring it up to date, and one experiment per model. Slow once, so done at set-up."""
    client = client_of(workspace)
    for score_name, score in workspace.config.scores.items():
        for model in score.all_models(score_name):
            _experiment(client, workspace, model.name)


@reached
def find(workspace: Workspace, model_name: str, model_id: str) -> Version | None:
    """The registered version of a model, or None where it was never registered."""
    found = client_of(workspace).search_model_versions(f"name = '{model_name}' and tags.{_MODEL_ID} = '{model_id}'")
    return _version(min(found, key=lambda each: int(each.version))) if found else None


@reached
def register(workspace: Workspace, model_name: str, model_id: str, logged: Logged) -> Version:
    """Keep a fitted model; one that is already registered under this id is returned and nothing is added.

    A kill before the last step leaves a run without a registered version, which nothing refers to.
    """
    existing = find(workspace, model_name, model_id)
    if existing:
        return existing
    client = client_of(workspace)
    _ensure_model(client, model_name)
    with mlflow.start_run(
        experiment_id=_experiment(client, workspace, model_name), run_name=model_id, tags={_MODEL_ID: model_id}
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
    tags = {_MODEL_ID: model_id, _DIGEST: digest_of(logged.model_folder)}
    created = client.create_model_version(model_name, model.model_uri, run_id, tags=tags)
    _LOG.info("%s: model %s registered as version %s", model_name, model_id, created.version)
    return _version(created)


@reached
def load(workspace: Workspace, model_name: str, found: Version) -> Any:
    """The fitted model of a version, as its loader module returns it.

    Raises:
        ContractBroken: where its files are not those that were registered, or another version of the product saved it.
    """
    client_of(workspace)
    with tempfile.TemporaryDirectory() as folder:
        fetched = Path(mlflow.artifacts.download_artifacts(f"models:/{model_name}/{found.number}", dst_path=folder))
        flavor = Model.load(str(fetched)).flavors["python_function"]
        data = fetched / flavor["data"]
        if digest_of(data) != found.digest:
            raise ContractBroken(
                f"Model {found.model_id}: its files in the registry are not the ones that were registered: they were "
                "altered or are damaged. Restore them from a backup, go back ('sales-insights revert'), or train anew."
            )
        try:
            module: Loader = importlib.import_module(flavor["loader_module"])
            load_files = module._load_pyfunc
        except (ModuleNotFoundError, AttributeError) as error:
            raise ContractBroken(
                f"Model {found.model_id} was saved by another version of the product ({error}). Train the score again: "
                "'sales-insights train', 'validate', 'promote'."
            ) from error
        return load_files(str(data))


def digest_of(folder: Path) -> str:
    """The hash of all files of a folder, by name and content."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:_DIGEST_LENGTH]


@reached
def evaluation_folder(workspace: Workspace, found: Version, into: Path) -> Path:
    """A copy, below ``into``, of the files that were kept with a version to prove how good it is."""
    return Path(client_of(workspace).download_artifacts(found.run_id, _EVALUATION, str(into)))


@reached
def in_use(workspace: Workspace, model_name: str, alias: str = CHAMPION) -> Version | None:
    """The version that an alias points to, or None."""
    try:
        return _version(client_of(workspace).get_model_version_by_alias(model_name, alias))
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise


@reached
def put_to_use(workspace: Workspace, model_name: str, found: Version) -> None:
    """Make a version the champion, and the champion until now the previous one. Doing it twice changes nothing.

    ``previous`` is set first: a kill between both leaves the old champion under both names, and a repetition mends it.
    """
    champion = in_use(workspace, model_name)
    if champion and champion.number == found.number:
        return
    client = client_of(workspace)
    if champion:
        client.set_registered_model_alias(model_name, PREVIOUS, str(champion.number))
    client.set_registered_model_alias(model_name, CHAMPION, str(found.number))


@reached
def go_back(workspace: Workspace, model_name: str, previous: Version) -> None:
    """Make the previous version the champion; there is no previous one then. Doing it twice changes nothing."""
    client = client_of(workspace)
    client.set_registered_model_alias(model_name, CHAMPION, str(previous.number))
    if in_use(workspace, model_name, PREVIOUS):
        client.delete_registered_model_alias(model_name, PREVIOUS)


@reached
def take_out_of_use(workspace: Workspace, model_name: str) -> Version | None:
    """Take the aliases away; returns the version that was in use. Doing it twice changes nothing."""
    champion = in_use(workspace, model_name)
    client = client_of(workspace)
    for alias in (PREVIOUS, CHAMPION):  # the champion last: after a kill in between it is still there to be found
        if in_use(workspace, model_name, alias):
            client.delete_registered_model_alias(model_name, alias)
    return champion


@reached
def versions(workspace: Workspace, model_name: str) -> list[Version]:
    """All versions of a model, the newest first."""
    found = client_of(workspace).search_model_versions(f"name = '{model_name}'")
    return sorted((_version(each) for each in found), key=lambda version: -version.number)


@reached
def delete(workspace: Workspace, model_name: str) -> None:
    """Remove a model with all its versions and runs; where there is none, nothing happens."""
    client = client_of(workspace)
    for each in versions(workspace, model_name):
        client.delete_run(each.run_id)
    try:
        client.delete_registered_model(model_name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise


def _experiment(client: MlflowClient, workspace: Workspace, model_name: str) -> str:
    """The id of the model's experiment; two lanes that create it at once end with the same one."""
    name = f"model {model_name}"
    found = client.get_experiment_by_name(name)
    if found is None:
        place = None if os.environ.get(SERVER) else str(workspace.data.mlflow / "artifacts" / model_name)
        try:
            return str(client.create_experiment(name, artifact_location=place))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            found = client.get_experiment_by_name(name)
    return str(found.experiment_id) if found else name


def _ensure_model(client: MlflowClient, model_name: str) -> None:
    try:
        client.create_registered_model(model_name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _log_facts(client: MlflowClient, run_id: str, logged: Logged) -> None:
    metrics = [Metric(name, value, 0, 0) for name, value in logged.metrics.items()]
    client.log_batch(run_id, metrics, [Param(name, value) for name, value in logged.parameters.items()])


def _version(found: ModelVersion) -> Version:
    return Version(
        int(found.version), str(found.run_id), str(found.tags.get(_MODEL_ID, "")), str(found.tags.get(_DIGEST, ""))
    )
