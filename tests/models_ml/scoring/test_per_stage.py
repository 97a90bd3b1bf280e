"""A model with learners of single stages lives as any other: trained, measured, promoted, applied, explained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from config.workspace import Workspace
from models_ml.scoring import evaluation
from models_ml.scoring.apply import apply
from models_ml.scoring.explain import explain
from models_ml.scoring.in_use import model_in_use
from models_ml.scoring.models import models
from models_ml.scoring.promote import promote
from models_ml.scoring.staged import StagedLearner
from models_ml.scoring.stages import StageModel
from models_ml.scoring.train import train
from models_ml.scoring.validate import validate
from tests.conftest import MakeWorkspace
from tests.models_ml.scoring.company import give_store, make_leads, rows_of, write_leads
from warehouse.connection import open_warehouse

OPPORTUNITY_YML = """
horizon_days: 60
snapshot_ages_days: [0]
grades: {A: 60, B: 40, C: 20}
business_process: {per_stage: true}
"""
CHOSEN = (
    StageModel("Qualify", 1, 100, 100, because="The simpler model stays."),
    StageModel("Propose", 2, 100, 100, "both", "It won.", 0.6, 0.7),
)


@pytest.fixture
def deals(make_workspace: MakeWorkspace, store: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """500 opportunities in two stages, of which the back-test is taken to have chosen ``CHOSEN``."""
    workspace = give_store(make_workspace({"scores/opportunity.yml": OPPORTUNITY_YML}), store)
    rows = make_leads(500, strength=4)
    stage = np.random.default_rng(1).choice(["Qualify", "Propose"], len(rows))
    write_leads(workspace, rows.assign(stage=stage), ages=(0,), model_names=("OpportunityScoring",))
    with open_warehouse(workspace) as connection:
        for kind in ("feat", "label"):
            connection.execute(f"alter table features.{kind}_lead rename to {kind}_opportunity")
    monkeypatch.setattr(evaluation, "choose_stages", lambda *_: CHOSEN)
    return workspace


@pytest.mark.fact("2.per-stage")
def test_a_model_per_stage_lives_as_any_other(deals: Workspace) -> None:
    train(deals, "opportunity")
    lines = validate(deals, "opportunity").lines()
    assert "stage Propose (100 + 100 closed records): the mean of that and its own. It won." in lines
    promote(deals, "opportunity")
    apply(deals, "opportunity")
    explain(deals, "opportunity")

    found = model_in_use(deals, "OpportunityScoring")
    assert found is not None
    assert isinstance(found.learner, StagedLearner)
    assert [(own.stage, own.share) for own in found.learner.own] == [("Propose", 0.5)]
    listed = {one.model_name: one.records for one in models(deals).models}
    assert listed == {"LeadScoring": "all records", "OpportunityScoring": "all records; per stage"}
    told = "select stage, position, scored_by, because, auc_all, auc_chosen from scores.stages order by position"
    assert rows_of(deals, told) == [
        ("Qualify", 1, "all stages", "The simpler model stays.", None, None),
        ("Propose", 2, "both", "It won.", 0.6, 0.7),
    ]
    for file in deals.data.mlflow.rglob("stages.json"):
        file.write_text("[]")
    kept = model_in_use(deals, "OpportunityScoring")
    assert kept is not None
    assert "were altered" in kept.note
    assert isinstance(kept.learner, StagedLearner)

    adds_up = """
        select count(*), bool_and(total = score) from (
            select p.score, any_value(r.base_points) + sum(r.points) as total
            from scores.predictions p join scores.reasons r using (score_name, record_id, as_of_date)
            group by p.record_id, p.score)
    """
    ((records, is_so),) = rows_of(deals, adds_up)
    assert records > 10
    assert is_so
    assert {stage for (stage,) in rows_of(deals, "select distinct stage from scores.influence")} == {
        "", "Qualify", "Propose",
    }  # fmt: skip
