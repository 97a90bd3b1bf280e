"""What tests of models share: an MLflow store that is made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.workspace import Workspace
from tests.conftest import MakeWorkspace, write_files
from tests.kept_open import keeping_open, kept_open
from tests.models_ml.scoring.company import give_store, make_leads, make_store, write_leads

Made = Callable[..., Workspace]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow database."""
    return make_store(tmp_path_factory.mktemp("store"))


@pytest.fixture
def make_workspace(make_workspace: MakeWorkspace) -> Iterator[MakeWorkspace]:
    """The same, with warehouses that stay open."""
    with keeping_open(make_workspace) as made:
        yield made


@pytest.fixture
def company(make_workspace: MakeWorkspace, store: Path) -> Workspace:
    """A workspace with an empty MLflow store, and 900 leads whose attributes tell something of their outcome."""
    workspace = give_store(make_workspace({"scores/lead.yml": LEAD_YML}), store)
    write_leads(workspace, make_leads())
    return workspace


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, store: Path) -> Iterator[Workspace]:
    """The same, with a model of leads trained, validated and promoted; tests that share it must not change it."""
    from models_ml.scoring.promote import promote
    from models_ml.scoring.train import train
    from models_ml.scoring.validate import validate

    folder = tmp_path_factory.mktemp("trained")
    write_files(folder / "config", {"scores/lead.yml": LEAD_YML})
    workspace = Workspace.open(
        {"SALES_INSIGHTS_CONFIG": str(folder / "config"), "SALES_INSIGHTS_DATA": str(folder / "data")}
    )
    give_store(workspace, store)
    with kept_open(workspace):
        write_leads(workspace, make_leads())
        for verb in (train, validate, promote):
            verb(workspace, "lead")
        yield workspace


LEAD_YML = """
horizon_days: 60
snapshot_ages_days: [0, 7]
grades: {A: 60, B: 40, C: 20}
"""
