"""What scores when the registry fails: the copy that was kept, and it says so."""

from __future__ import annotations

import numpy as np
import pytest

from config.errors import ContractBroken, SourceUnavailable
from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring.apply import apply
from models_ml.scoring.in_use import model_in_use
from models_ml.scoring.promote import promote
from models_ml.scoring.train import train
from models_ml.scoring.validate import validate
from tests.models_ml.scoring.company import rows_of

PREDICTIONS = "select record_id, probability from scores.predictions order by record_id"


@pytest.fixture
def in_use(company: Workspace) -> Workspace:
    for verb in (train, validate, promote):
        verb(company, "lead")
    return company


def alter(workspace: Workspace) -> None:
    (trees,) = workspace.data.mlflow.rglob("trees.txt")
    trees.write_text(trees.read_text().replace("leaf_value=", "leaf_value=9", 1))


def test_a_model_file_that_was_altered_is_named_and_never_scores(in_use: Workspace) -> None:
    alter(in_use)
    with pytest.raises(ContractBroken, match="altered or are damaged"):
        apply(in_use, "lead")
    assert rows_of(in_use, PREDICTIONS) == []


def test_the_kept_copy_goes_on_where_the_file_was_altered(in_use: Workspace) -> None:
    apply(in_use, "lead")
    before = rows_of(in_use, PREDICTIONS)
    alter(in_use)
    report = apply(in_use, "lead")
    assert rows_of(in_use, PREDICTIONS) == before
    assert "altered or are damaged" in report.runs[0].because
    assert "the kept copy" in report.runs[0].because


def test_the_kept_copy_goes_on_where_the_registry_does_not_answer(
    in_use: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(in_use, "lead")
    before = rows_of(in_use, PREDICTIONS)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    report = apply(in_use, "lead")
    assert rows_of(in_use, PREDICTIONS) == before
    assert "does not answer" in report.runs[0].because
    with pytest.raises(SourceUnavailable, match=r"does not answer.*MLFLOW_TRACKING_URI"):
        registry.find(in_use, "LeadScoring", "any")


def test_the_copy_predicts_as_the_model_does(in_use: Workspace) -> None:
    first, kept = model_in_use(in_use, "LeadScoring"), model_in_use(in_use, "LeadScoring")
    assert first is not None
    assert kept is not None
    alter(in_use)
    copy = model_in_use(in_use, "LeadScoring")
    assert copy is not None
    assert copy.note
    assert np.array_equal(copy.learner.coefficients, first.learner.coefficients)
    assert copy.learner.trees.model_to_string() == first.learner.trees.model_to_string()
