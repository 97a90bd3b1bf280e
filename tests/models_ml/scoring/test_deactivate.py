"""A model out of use scores nothing, is not trained by itself, and can begin anew."""

from __future__ import annotations

import pytest

from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring.apply import apply
from models_ml.scoring.deactivate import deactivate
from models_ml.scoring.due import due
from models_ml.scoring.promote import promote
from models_ml.scoring.train import train
from models_ml.scoring.validate import validate
from tests.models_ml.scoring.company import rows_of


@pytest.mark.fact("1c.off")
def test_an_inactive_model_scores_nothing_until_it_is_trained_again(company: Workspace) -> None:
    for verb in (train, validate, promote):
        verb(company, "lead")
    assert apply(company, "lead").records_scored > 0
    assert "is out of use" in deactivate(company, "lead").lines()[0]
    report = apply(company, "lead")
    assert report.records_scored == 0
    assert "is 'inactive'" in report.runs[0].because
    assert rows_of(company, "select count(*) from scores.predictions") == [(0,)]
    assert not due(company, "lead").is_due
    assert deactivate(company, "lead").lines() == ["LeadScoring: no version was in use"]

    for verb in (train, validate, promote):
        verb(company, "lead")
    assert registry.in_use(company, "LeadScoring") is not None
    assert apply(company, "lead").records_scored > 0
