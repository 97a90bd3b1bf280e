"""The gate: what opens it, what lowers the verdict, and what keeps it shut."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from config.errors import GateNotPassed
from config.workspace import Workspace
from models_ml.scoring.evaluation import Evaluation
from models_ml.scoring.ledger import ModelRow
from models_ml.scoring.train import train
from models_ml.scoring.validate import _worse_than, validate
from models_ml.scoring.verdict import NOT_READY, READY
from tests.models_ml.scoring.company import DAY, make_leads, rows_of, write_leads
from warehouse.connection import open_warehouse


def test_a_model_that_ranks_well_is_ready(trained: Workspace) -> None:
    report = validate(trained, "lead")
    assert report.row.verdict == READY
    assert report.lines()[0].startswith("LeadScoring: Ready to publish. LeadScoring-2026-06-30-")
    row = report.row
    assert row.auc_low is not None
    assert row.auc is not None
    assert row.auc_high is not None
    assert 0.65 <= row.auc_low < row.auc < row.auc_high
    assert row.calibration_error is not None
    assert row.calibration_error < 0.1


@pytest.mark.fact("1d.auc")
def test_figures_and_curves_are_written_with_the_verdict(trained: Workspace) -> None:
    row = validate(trained, "lead").row
    found = rows_of(trained, "select value, low, high from scores.accuracy where part = 'holdout' and measure = 'auc'")
    assert found == [(row.auc, row.auc_low, row.auc_high)]
    parts = {part for (part,) in rows_of(trained, "select distinct part from scores.accuracy")}
    assert parts >= {"holdout", "window", "segment", "random split", "member", "base rate", "logistic regression"}
    windows = rows_of(trained, "select begins from scores.accuracy where part = 'window' and measure = 'auc'")
    assert len(windows) >= 4
    held_out = rows_of(trained, "select min(low), max(high) from scores.accuracy where part = 'segment'")
    assert held_out[0][0] is not None
    assert rows_of(trained, "select count(*) from scores.curves where curve = 'gains'") == [(10,)]
    kept = rows_of(trained, "select sum(records), sum(positive_records) / sum(records) from scores.held_out")
    assert kept[0] == pytest.approx((row.holdout_records, row.base_rate), abs=1e-5)
    assert rows_of(trained, "select weaknesses from scores.models") == [(row.weaknesses,)]


def test_who_decides_reads_that_the_version_in_use_drifts(trained: Workspace) -> None:
    with open_warehouse(trained) as connection:
        connection.execute(
            "insert into scores.drift by name select model_id, as_of_date, 'model' as aspect, 'drifting' as status, "
            "'Web rose.' as because, as_of_date as drifting_since, verdict, 'OK to publish' as standing_verdict "
            "from scores.models where status = 'champion'"
        )
    told = validate(trained, "lead").lines()[-1]
    with open_warehouse(trained) as connection:
        connection.execute("delete from scores.drift")
    assert "drifting since 2026-06-30; 'Ready to publish' now counts as 'OK to publish'. Web rose." in told


@pytest.mark.fact("1c.accuracy-first")
def test_a_person_reads_all_that_matters_in_few_lines(trained: Workspace) -> None:
    told = validate(trained, "lead").lines()
    assert len(told) <= 15
    text = "\n".join(told)
    for words in (
        "Ready to publish", "logistic regression", "base rate", "a random split", "AUC by window", "score of",
        "calibration",
    ):  # fmt: skip
        assert words.lower() in text.lower()
    assert "leak" in told[-1]


def test_validating_a_model_in_use_leaves_it_in_use(trained: Workspace) -> None:
    before = rows_of(trained, "from scores.models")
    validate(trained, "lead")
    assert rows_of(trained, "from scores.models") == before
    assert rows_of(trained, "select status from scores.models") == [("champion",)]


@pytest.mark.fact("1c.retrain-below")
def test_shuffled_outcomes_stay_shut(company: Workspace) -> None:
    write_leads(company, make_leads(strength=0))
    train(company, "lead")
    with pytest.raises(GateNotPassed, match="hardly better than chance") as shut:
        validate(company, "lead")
    assert shut.value.measured is not None
    assert shut.value.measured < 0.55
    status, verdict, auc, because = rows_of(company, "select status, verdict, auc, because from scores.models")[0]
    assert (status, verdict) == ("refused", NOT_READY)
    assert abs(float(str(auc)) - 0.5) < 0.12
    assert because == shut.value.because


def test_without_a_trained_model_the_gate_is_shut(company: Workspace) -> None:
    with pytest.raises(GateNotPassed, match=r"could not be measured.*sales-insights train"):
        validate(company, "lead")


ROW = ModelRow(
    "lead", "LeadScoring", "new", DAY, 800, 200, None, base_rate=0.4, auc=0.75, auc_low=0.70, auc_high=0.8, brier=0.2,
    calibration_error=0.03, verdict=None, status="trained", because="", setup="",
)  # fmt: skip


def evaluation(records: int = 200) -> Evaluation:
    random = np.random.default_rng(2)
    labels = random.random(records) < 0.4
    good = np.where(labels, 0.6, 0.4) + random.normal(0, 0.1, records)
    frame = pd.DataFrame(
        {
            "record_id": [f"L{number}" for number in range(records)],
            "as_of_date": pd.Timestamp(DAY),
            "label_known_on": pd.Timestamp(DAY),
            "label": labels,
            "weight": 1.0,
            "probability": random.random(records),
            "champion_probability": good,
        }
    )
    return Evaluation(frame, "old", 100, 0.4)


@pytest.mark.fact("1c.retrain-95")
def test_a_clearly_better_champion_stays() -> None:
    champion = replace(ROW, model_id="old", as_of_date=DAY - timedelta(days=30), auc=0.6, status="champion")
    because = _worse_than(champion, ROW, evaluation())
    assert "old, is clearly better" in because
    assert "on 200 snapshots new to both" in because


@pytest.mark.fact("1c.retrain-95")
def test_what_the_champion_may_have_learnt_is_not_compared() -> None:
    champion = replace(ROW, model_id="old", as_of_date=DAY, auc=0.78, status="champion")
    assert _worse_than(champion, ROW, evaluation()) == ""
    champion = replace(champion, auc=0.80)
    assert "each on its own newest records" in _worse_than(champion, ROW, evaluation())


@pytest.mark.fact("1c.retrain-3-months")
def test_a_champion_of_more_than_three_months_gives_way() -> None:
    champion = replace(ROW, model_id="old", as_of_date=DAY - timedelta(days=92), auc=0.9, status="champion")
    assert "is clearly better" in _worse_than(champion, ROW, evaluation())
    assert _worse_than(replace(champion, as_of_date=DAY - timedelta(days=93)), ROW, evaluation()) == ""


def test_a_model_is_not_compared_with_itself() -> None:
    assert _worse_than(replace(ROW, auc=0.99), ROW, evaluation()) == ""


@pytest.mark.fact("1c.retrain-below")
def test_a_worse_model_is_refused_and_the_champion_stays(company: Workspace) -> None:
    train(company, "lead")
    validate(company, "lead")
    with open_warehouse(company) as connection:
        connection.execute(
            "update scores.models set status = 'champion', auc = 0.99, as_of_date = ?", [date(2026, 5, 1)]
        )
    write_leads(company, make_leads(seed=8))
    train(company, "lead")
    with pytest.raises(GateNotPassed, match="is clearly better"):
        validate(company, "lead")
    found = rows_of(company, "select status from scores.models order by model_number")
    assert found == [("champion",), ("refused",)]


def test_a_champion_that_has_learnt_from_a_leak_does_not_stand_in_the_way(company: Workspace) -> None:
    train(company, "lead")
    with open_warehouse(company) as connection:
        connection.execute(
            "update scores.models set status = 'champion', auc = 0.99, as_of_date = ?", [date(2026, 5, 1)]
        )
        connection.execute("update scores.attributes set attribute = 'Tags' where attribute = 'noise'")
    write_leads(company, make_leads(seed=8))
    train(company, "lead")
    with open_warehouse(company) as connection:
        connection.execute(
            "insert into scores.attributes (score_name, model_id, attribute, decision, suspected) "
            "select 'lead', model_id, 'Tags', 'excluded by the gate', true from scores.models where status = 'trained'"
        )
    assert validate(company, "lead").row.status == "validated"
