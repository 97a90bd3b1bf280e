"""Training: registered once, explained, and refused in words where there is too little to learn from."""

from __future__ import annotations

import numpy as np
import pytest

from config.errors import ConfigError, GateNotPassed
from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring.train import train
from tests.models_ml.scoring.company import make_leads, rows_of, write_leads
from warehouse.connection import open_warehouse


@pytest.mark.fact("1c.create")
def test_a_model_is_trained_registered_and_explained(company: Workspace) -> None:
    report = train(company, "lead")
    assert report.model_id.startswith("LeadScoring-2026-06-30-")
    assert "measure it" in report.lines()[0]
    row = rows_of(company, "select status, verdict, auc, training_records, model_number from scores.models")
    assert row == [("trained", None, None, report.training_records, 1)]
    attributes = dict(rows_of(company, "select attribute, decision from scores.attributes"))
    assert attributes["source"] == "used"
    found = registry.find(company, "LeadScoring", report.model_id)
    assert found is not None
    assert found.number == 1


def test_training_again_adds_nothing_and_predicts_the_same(company: Workspace) -> None:
    first = train(company, "lead")
    found = registry.find(company, "LeadScoring", first.model_id)
    assert found is not None
    before = rows_of(company, "from scores.models"), rows_of(company, "from scores.attributes")
    second = train(company, "lead")
    assert second.model_id == first.model_id
    assert second.was_known
    assert registry.find(company, "LeadScoring", second.model_id) == found
    assert (rows_of(company, "from scores.models"), rows_of(company, "from scores.attributes")) == before


def test_a_repetition_after_a_kill_finds_the_registered_model(company: Workspace) -> None:
    first = train(company, "lead")
    with open_warehouse(company) as connection:
        connection.execute("delete from scores.models")
        connection.execute("delete from scores.attributes")
    second = train(company, "lead")
    assert (second.model_id, second.was_known) == (first.model_id, True)
    assert rows_of(company, "select model_id, status from scores.models") == [(first.model_id, "trained")]


@pytest.mark.fact("1c.retrain")
def test_other_data_make_another_model(company: Workspace) -> None:
    first = train(company, "lead")
    write_leads(company, make_leads(seed=8))
    second = train(company, "lead")
    assert second.model_id != first.model_id
    numbers = rows_of(company, "select model_id, model_number from scores.models order by model_number")
    assert numbers == [(first.model_id, 1), (second.model_id, 2)]


@pytest.mark.fact("1b.forty", "1b.below")
def test_too_few_records_are_told_and_kept(company: Workspace) -> None:
    write_leads(company, make_leads(60))
    with pytest.raises(GateNotPassed, match=r"minimum_records in scores/lead\.yml") as shut:
        train(company, "lead")
    assert shut.value.measured is not None
    assert shut.value.measured < 40
    row = rows_of(company, "select status, verdict, because from scores.models")
    assert row == [("too few records", "Not ready to publish", shut.value.because)]


def test_what_cannot_be_measured_stays_shut(company: Workspace) -> None:
    leads = make_leads()
    newest = leads["created"] < 250
    leads["outcome"] = np.where((leads["outcome"] != "open") & newest, "negative", leads["outcome"])
    write_leads(company, leads)
    with pytest.raises(GateNotPassed, match="could not be measured") as shut:
        train(company, "lead")
    assert shut.value.measured is None
    assert "only one outcome" in shut.value.because


def test_an_unknown_score_is_named(company: Workspace) -> None:
    with pytest.raises(ConfigError, match=r"There is no score 'leed'\. Name one of: lead, opportunity"):
        train(company, "leed")


@pytest.mark.fact("1c.attribute-insights")
def test_influences_and_rates_are_written_with_the_model(trained: Workspace) -> None:
    shares = rows_of(
        trained, "select sum(share), count(*) from scores.influence where stage = '' and share is not null"
    )
    assert shares[0][0] == pytest.approx(1)
    unused = "select count(*) from scores.attributes where decision like 'excluded%'"
    without = "select count(*) from scores.influence where influence is null and reason_not_used <> ''"
    assert rows_of(trained, unused) == rows_of(trained, without)
    overall = rows_of(trained, "select distinct model_id, rate_overall from scores.value_rates")
    assert overall[0][0] == rows_of(trained, "select model_id from scores.models")[0][0]
    assert 0 < overall[0][1] < 1
