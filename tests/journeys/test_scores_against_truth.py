"""The demo's outcomes were drawn from stated probabilities: what the models say is held against them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from config.workspace import Workspace
from extract.demo import write_demo
from extract.demo.truth import true_probability, truth
from extract.fetch import fetch
from extract.load import load
from models_ml import metrics, registry
from models_ml.scoring.evaluation import Evaluation
from models_ml.scoring.leakage import BY_GATE
from models_ml.scoring.train import TrainReport, train
from models_ml.scoring.validate import validate
from models_ml.scoring.verdict import READY
from warehouse.dbt import build

PLANTED = {"lead": "bw_closing_remark_code", "opportunity": "bw_final_discount_pct"}
SIZE = "small"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small demo organisation, from its files to its features."""
    folder = tmp_path_factory.mktemp("demo")
    workspace = Workspace.open(
        {"SALES_INSIGHTS_DATA": str(folder / "data"), "SALES_INSIGHTS_INPUT": str(folder / "input")}
    )
    write_demo(workspace.input_folder, SIZE, None)
    fetch(workspace, "files")
    load(workspace)
    for layer in ("staging", "history", "intermediate", "features"):
        build(workspace, layer)
    return workspace


def holdout(workspace: Workspace, report: TrainReport, folder: Path) -> pd.DataFrame:
    """What the model said of the held-out records, beside what is true."""
    found = registry.find(workspace, report.model_name, report.model_id)
    assert found is not None
    rows = Evaluation.load(registry.evaluation_folder(workspace, found, folder)).holdout
    records = truth(SIZE, entity="lead" if report.model_name == "LeadScoring" else "opportunity")
    rows["truth"] = true_probability(records, rows["record_id"].to_numpy(), rows["as_of_date"].to_numpy())
    return rows


@pytest.mark.timeout(600)
@pytest.mark.parametrize("score_name", ["lead", "opportunity"])
def test_the_model_comes_near_the_truth(workspace: Workspace, score_name: str, tmp_path: Path) -> None:
    report = train(workspace, score_name)
    row = validate(workspace, score_name).row
    rows = holdout(workspace, report, tmp_path)
    labels, weights = rows["label"].to_numpy(dtype=bool), rows["weight"].to_numpy(dtype=np.float64)
    best = metrics.auc(labels, rows["truth"].to_numpy(), weights)
    assert best is not None
    assert row.auc is not None
    assert row.calibration_error is not None

    decisions = {decision.attribute: decision for decision in report.decisions}
    assert decisions[PLANTED[score_name]].decision == BY_GATE
    assert decisions[PLANTED[score_name]].reason.startswith("certain leak")
    assert 0.95 * best <= row.auc < best + 0.01
    assert row.calibration_error < 0.05
    assert row.verdict == READY
