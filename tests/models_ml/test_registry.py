"""Models in MLflow: registered once, put to use in an order that survives a kill."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient

from config.errors import ContractBroken
from config.workspace import Workspace
from models_ml import registry
from tests.conftest import MakeWorkspace
from tests.models_ml.scoring.company import give_store


@pytest.fixture
def workspace(make_workspace: MakeWorkspace, store: Path) -> Workspace:
    return give_store(make_workspace(), store)


@pytest.fixture
def logged(tmp_path: Path) -> registry.Logged:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "proof.txt").write_text("measured")
    return registry.Logged("models_ml.scoring.staged", folder, folder, {"a": "1"}, {"auc": 0.7})


def aliases(workspace: Workspace) -> dict[str, int]:
    client = MlflowClient(f"sqlite:///{workspace.data.mlflow / 'mlflow.db'}")
    return {name: int(number) for name, number in client.get_registered_model("lead").aliases.items()}


def test_a_model_is_registered_once(workspace: Workspace, logged: registry.Logged) -> None:
    first = registry.register(workspace, "lead", "lead-1", logged)
    again = registry.register(workspace, "lead", "lead-1", logged)
    assert again == first
    assert registry.find(workspace, "lead", "lead-1") == first
    assert registry.register(workspace, "lead", "lead-2", logged).number == 2


def test_a_model_of_another_version_of_the_product_is_told(workspace: Workspace, logged: registry.Logged) -> None:
    for number, gone in enumerate(("models_ml.scoring.gone", "models_ml.scoring.learner")):
        found = registry.register(workspace, "lead", f"old-{number}", replace(logged, loader_module=gone))
        with pytest.raises(ContractBroken, match="another version of the product"):
            registry.load(workspace, "lead", found)


def test_unknown_models_are_none(workspace: Workspace) -> None:
    assert registry.find(workspace, "lead", "lead-1") is None
    assert registry.in_use(workspace, "lead") is None


def test_the_champion_becomes_the_previous_one(workspace: Workspace, logged: registry.Logged) -> None:
    first, second = (registry.register(workspace, "lead", name, logged) for name in ("one", "two"))
    registry.put_to_use(workspace, "lead", first)
    assert aliases(workspace) == {"champion": 1}
    registry.put_to_use(workspace, "lead", second)
    registry.put_to_use(workspace, "lead", second)
    assert aliases(workspace) == {"champion": 2, "previous": 1}


def test_a_kill_between_both_aliases_is_mended(workspace: Workspace, logged: registry.Logged) -> None:
    first, second = (registry.register(workspace, "lead", name, logged) for name in ("one", "two"))
    registry.put_to_use(workspace, "lead", first)
    MlflowClient(f"sqlite:///{workspace.data.mlflow / 'mlflow.db'}").set_registered_model_alias("lead", "previous", "1")
    assert registry.in_use(workspace, "lead") == first
    registry.put_to_use(workspace, "lead", second)
    assert aliases(workspace) == {"champion": 2, "previous": 1}


def test_what_proves_a_model_is_kept_with_it(workspace: Workspace, logged: registry.Logged, tmp_path: Path) -> None:
    found = registry.register(workspace, "lead", "one", logged)
    assert (registry.evaluation_folder(workspace, found, tmp_path) / "proof.txt").read_text() == "measured"
    assert list((workspace.data.mlflow / "artifacts").rglob("proof.txt")) != []


def test_a_store_left_half_made_is_made_anew(make_workspace: MakeWorkspace) -> None:
    workspace = make_workspace()
    workspace.data.mlflow.mkdir(parents=True)
    with sqlite3.connect(workspace.data.mlflow / "mlflow.db.part") as left:
        left.execute("create table _alembic_tmp_experiments (experiment_id integer)")
    registry.prepare(workspace)
    assert registry.find(workspace, "lead", "lead-1") is None
    assert [path.name for path in workspace.data.mlflow.glob("*.part*")] == []


def test_the_environment_is_left_as_it_was(workspace: Workspace) -> None:
    registry.prepare(workspace)
    assert "MLFLOW_TRACKING_URI" not in os.environ


def test_a_server_of_the_team_is_used(
    workspace: Workspace, logged: registry.Logged, tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = tmp_path / "server.db"
    server.write_bytes(store.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{server}")
    registry.register(workspace, "lead", "one", logged)
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert registry.find(workspace, "lead", "one") is None
