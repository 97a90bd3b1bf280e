"""Putting a model to use, once and again."""

from __future__ import annotations

import pytest

from config.errors import GateNotPassed
from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring.promote import promote
from models_ml.scoring.train import train
from models_ml.scoring.validate import validate
from tests.models_ml.scoring.company import make_leads, rows_of, write_leads
from warehouse.connection import open_warehouse

STATUSES = "select status from scores.models order by model_number"


@pytest.mark.fact("1c.accuracy-first")
def test_a_model_that_is_not_validated_is_not_promoted(company: Workspace) -> None:
    with pytest.raises(GateNotPassed, match=r"There is no version of 2026-06-30\. Run 'sales-insights validate lead'"):
        promote(company, "lead")
    train(company, "lead")
    with pytest.raises(GateNotPassed, match="is 'trained'"):
        promote(company, "lead")
    assert registry.in_use(company, "LeadScoring") is None


@pytest.mark.fact("1c.apply")
def test_promoting_twice_changes_nothing_and_a_kill_in_between_is_mended(company: Workspace) -> None:
    first = train(company, "lead").model_id
    validate(company, "lead")
    promote(company, "lead")
    assert promote(company, "lead").lines() == [f"LeadScoring: {first} is in use"]
    assert rows_of(company, STATUSES) == [("champion",)]

    write_leads(company, make_leads(seed=11))
    second = train(company, "lead").model_id
    validate(company, "lead")
    found = registry.find(company, "LeadScoring", second)
    assert found is not None
    registry.put_to_use(company, "LeadScoring", found)  # killed before scores.models was written
    report = promote(company, "lead")
    assert (report.model_id, report.previous) == (second, first)
    assert rows_of(company, STATUSES) == [("previous",), ("champion",)]
    assert promote(company, "lead") == report


@pytest.mark.fact("1c.publish-not-ready")
def test_a_refused_model_is_not_promoted(company: Workspace) -> None:
    train(company, "lead")
    with open_warehouse(company) as connection:
        connection.execute("update scores.models set status = 'refused', because = 'Too weak.'")
    with pytest.raises(GateNotPassed, match=r"is 'refused'\. Too weak"):
        promote(company, "lead")
