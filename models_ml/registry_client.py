"""How the MLflow registry is reached: a SQLite store of the workspace's own, or a server that the environment names."""

from __future__ import annotations

import fcntl
import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from requests.exceptions import RequestException
from sqlalchemy.exc import SQLAlchemyError

from config.errors import SourceUnavailable
from config.workspace import Workspace

SERVER: Final = "MLFLOW_TRACKING_URI"
_UNREACHED: Final = ("INTERNAL_ERROR", "TEMPORARILY_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED")
P = ParamSpec("P")
R = TypeVar("R")


def reached(asked: Callable[P, R]) -> Callable[P, R]:
    """Tell a registry that does not answer from one that answers and says no."""

    @functools.wraps(asked)
    def asking(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return asked(*arguments, **named)
        except (RequestException, SQLAlchemyError, MlflowException) as error:
            if isinstance(error, MlflowException) and error.error_code not in _UNREACHED:
                raise
            server = os.environ.get(SERVER, "the SQLite file of the data folder")
            raise SourceUnavailable(
                f"The model registry ({server}) does not answer: {error}. Models in use go on scoring from their kept "
                "copies; nothing is trained or put to use until it answers. Start it or mend MLFLOW_TRACKING_URI."
            ) from error

    return asking


def client_of(workspace: Workspace) -> MlflowClient:
    """A client of the workspace's store, which also becomes the one that mlflow's own functions use."""
    server = os.environ.get(SERVER)
    uri = server or f"sqlite:///{_store(workspace.data.mlflow)}"
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    if not server:
        # mlflow writes its own choice into the environment, where it would pass for an administrator's.
        os.environ.pop(SERVER, None)
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
