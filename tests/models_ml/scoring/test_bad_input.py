"""What a model must survive: a version in use keeps scoring, and what is wrong is told in a person's words."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from config.errors import GateNotPassed
from config.workspace import Workspace
from models_ml.scoring.apply import apply
from models_ml.scoring.promote import promote
from models_ml.scoring.train import TrainReport, train
from models_ml.scoring.validate import validate
from tests.models_ml.scoring.company import DAY, make_leads, write_leads
from warehouse.connection import open_warehouse


@pytest.fixture
def in_use(company: Workspace) -> tuple[Workspace, str]:
    """A company with a version in use, and its name."""
    version = train(company, "lead").model_id
    validate(company, "lead")
    promote(company, "lead")
    return company, version


def scored_by(workspace: Workspace, day: date = DAY) -> tuple[str | None, int]:
    """The version that scores on the day, and how many records."""
    (run,) = apply(workspace, "lead", as_of=day).runs
    return run.model_id, run.records_scored


def used(report: TrainReport) -> set[str]:
    return {decision.attribute for decision in report.decisions if decision.is_used}


@pytest.mark.parametrize(("outcome", "lacking"), [("positive", "negative"), ("negative", "positive")])
def test_records_of_one_outcome_train_nothing_and_the_version_in_use_goes_on(
    in_use: tuple[Workspace, str], outcome: str, lacking: str
) -> None:
    workspace, version = in_use
    later = DAY + timedelta(days=1)
    leads = make_leads()
    write_leads(workspace, leads.assign(outcome=leads["outcome"].where(leads["outcome"] == "open", outcome)), day=later)
    with pytest.raises(GateNotPassed, match=f"There are 0 closed records with the {lacking} outcome and 40 are needed"):
        train(workspace, "lead", as_of=later)
    model, scored = scored_by(workspace, later)
    assert (model, scored > 0) == (version, True)


def test_constant_attributes_are_no_model_to_apply(in_use: tuple[Workspace, str]) -> None:
    workspace, version = in_use
    later = DAY + timedelta(days=1)
    write_leads(workspace, make_leads().assign(source="web", size=1.0, noise=0.0, Colour="red"), day=later)
    train(workspace, "lead", as_of=later)
    with pytest.raises(GateNotPassed, match="It ranks hardly better than chance"):
        validate(workspace, "lead")
    with pytest.raises(GateNotPassed):
        promote(workspace, "lead")
    assert scored_by(workspace, later)[0] == version


def test_an_attribute_with_a_value_of_its_own_for_every_record_is_left_out(company: Workspace) -> None:
    leads = make_leads()
    write_leads(company, leads.assign(Reference=leads["record_id"].radd("R-"), Remark=leads["record_id"].str[:4]))
    report = train(company, "lead")
    assert "Reference" not in used(report)
    assert {"source", "size"} <= used(report)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_numbers_that_are_none_or_infinite_are_learnt_from_and_scored(company: Workspace) -> None:
    leads = make_leads()
    odd = pd.Series(
        np.where(np.arange(len(leads)) % 3 == 0, np.inf, np.where(np.arange(len(leads)) % 3 == 1, -np.inf, np.nan))
    )
    texts = pd.Series(["NaN", "inf", "-Infinity", "12", "1e400", "7"]).iloc[np.arange(len(leads)) % 6].to_numpy()
    write_leads(company, leads.assign(noise=odd, Visits=texts))
    train(company, "lead")
    validate(company, "lead")
    promote(company, "lead")
    apply(company, "lead")
    with open_warehouse(company) as connection:
        row = connection.execute(
            "select count(*), bool_and(probability > 0 and probability < 1), bool_and(score between 0 and 100) "
            "from scores.predictions"
        ).fetchone()
    assert row is not None
    assert row[0] > 0
    assert row[1:] == (True, True)
