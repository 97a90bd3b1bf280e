"""Deleting shows first, needs that nothing trains the model again, and keeps what it scored."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring.apply import apply
from models_ml.scoring.delete import delete
from models_ml.scoring.due import due
from models_ml.scoring.promote import promote
from models_ml.scoring.train import train
from models_ml.scoring.validate import validate
from tests.conftest import MakeWorkspace
from tests.models_ml.conftest import LEAD_YML
from tests.models_ml.scoring.company import give_store, make_leads, rows_of, write_leads


@pytest.mark.fact("1c.delete-retrain-off")
def test_a_model_that_is_trained_by_itself_is_not_deleted(company: Workspace) -> None:
    with pytest.raises(ConfigError, match="retrain_automatically: false"):
        delete(company, "lead", None, True)


@pytest.mark.fact("1c.delete-model")
def test_a_deleted_model_leaves_its_past(make_workspace: MakeWorkspace, store: Path) -> None:
    workspace = give_store(make_workspace({"scores/lead.yml": LEAD_YML + "retrain_automatically: false\n"}), store)
    write_leads(workspace, make_leads())
    for verb in (train, validate, promote):
        verb(workspace, "lead")
    scored = apply(workspace, "lead").records_scored
    (model_id,) = [version.model_id for version in registry.versions(workspace, "LeadScoring")]

    shown = delete(workspace, "lead")
    assert shown.versions == (model_id,)
    assert "nothing was deleted" in shown.lines()[0]
    assert registry.in_use(workspace, "LeadScoring") is not None

    assert delete(workspace, "lead", None, True).versions == (model_id,)
    assert registry.versions(workspace, "LeadScoring") == []
    assert rows_of(workspace, "select status from scores.models") == [("deleted",)]
    assert rows_of(workspace, "select count(*) from scores.predictions") == [(scored,)]
    assert not due(workspace, "lead").is_due
    assert delete(workspace, "lead", None, True).versions == ()
