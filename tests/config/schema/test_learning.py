"""Models of a score: what they take from it, their filters, their names, their windows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config.errors import ConfigError
from config.load import load_config
from config.schema.learning import Model
from config.schema.scores import Score, overlap_warnings
from tests.conftest import write_files

GRADES = {"A": 60, "B": 40, "C": 20}


def score(*models: dict[str, Any], **settings: Any) -> Score:
    return Score.model_validate({"horizon_days": 60, "grades": GRADES, "models": models} | settings)


@pytest.mark.fact("1c.one-model")
def test_without_models_there_is_one_for_all_records() -> None:
    (only,) = score().all_models("lead")
    assert (only.name, only.filter, only.horizon_days) == ("LeadScoring", None, 60)


@pytest.mark.fact("1b.window-18-months")
def test_a_model_takes_from_its_score_what_it_does_not_set() -> None:
    one, other = score(
        {"name": "LeadScoring_202609181410", "horizon_days": None}, {"name": "Other", "approval": "manual"},
        training_window="18 months", minimum_records={"positive": 100, "negative": 1000},
    ).all_models("lead")  # fmt: skip
    assert (one.horizon_days, other.horizon_days) == (None, 60)
    assert (one.approval, other.approval) == ("auto", "manual")
    assert {one.training_window, other.training_window} == {548}
    assert one.minimum_records == other.minimum_records
    assert one.minimum_records.negative == 1000


@pytest.mark.fact("1b.window-range")
@pytest.mark.parametrize(
    ("written", "days"), [("3 months", 91), ("2 years", 730), (90, 90), (731, 731), ("all", "all")]
)
def test_a_training_window_is_three_months_to_two_years(written: Any, days: Any) -> None:
    assert score(training_window=written).training_window == days


@pytest.mark.fact("1b.window-range")
@pytest.mark.parametrize("written", ["2 months", "3 years", 89, 732, "some", -1, None])
def test_any_other_window_is_refused(written: Any) -> None:
    with pytest.raises(ValidationError, match="'3 months' to '2 years'"):
        score(training_window=written)


@pytest.mark.fact("1c.ten-models", "1c.name-characters")
def test_there_are_ten_models_at_most_each_with_a_name_of_its_own() -> None:
    names = [{"name": f"M{number}"} for number in range(11)]
    assert len(score(*names[:10]).models) == 10
    with pytest.raises(ValidationError, match="at most 10 items"):
        score(*names)
    with pytest.raises(ValidationError, match="two models are named A, a"):
        score({"name": "A"}, {"name": "a"})
    with pytest.raises(ValidationError, match="should match pattern"):
        score({"name": "Lead scoring"})


def test_names_are_apart_across_scores(tmp_path: Path) -> None:
    text = "horizon_days: 60\ngrades: {A: 60, B: 40, C: 20}\nmodels:\n  - name: Same\n"
    write_files(tmp_path, {"scores/lead.yml": text, "scores/opportunity.yml": text})
    with pytest.raises(ConfigError, match=r"a model of scores/lead\.yml is named Same as well"):
        load_config(tmp_path)


def test_an_outcome_cannot_be_both() -> None:
    target = {"column": "Verdict", "positive": ["Yes"], "negative": ["no", "YES"]}
    with pytest.raises(ValidationError, match="yes cannot mean both outcomes"):
        score(target=target)


def model(name: str, column: str | None = None, *values: str) -> Model:
    chosen = {"filter": {"column": column, "values": values}} if column else {}
    return Model.model_validate({"name": name} | chosen)


@pytest.mark.fact("1c.overlap")
@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        (model("A"), model("B"), True),
        (model("A"), model("B", "country", "Germany"), True),
        (model("A", "country", "Germany"), model("B", "industry", "Retail"), True),
        (model("A", "country", "Germany"), model("B", "Country", "GERMANY", "France"), True),
        (model("A", "country", "Germany"), model("B", "country", "France"), False),
    ],
)
def test_models_that_may_score_the_same_records_are_warned_about(first: Model, second: Model, overlap: bool) -> None:
    warnings = overlap_warnings("lead", (first, second))
    assert [bool(re.search("the models A and B may both", warning)) for warning in warnings] == [True] * overlap


@pytest.mark.fact("2.per-stage")
def test_leads_have_no_business_process(tmp_path: Path) -> None:
    text = "horizon_days: 60\ngrades: {A: 60, B: 40, C: 20}\nbusiness_process: {per_stage: true}\n"
    write_files(tmp_path, {"scores/lead.yml": text, "scores/opportunity.yml": text})
    with pytest.raises(ConfigError) as refused:
        load_config(tmp_path)
    assert str(refused.value) == (
        "scores/lead.yml: LeadScoring: business_process: leads pass through no stages of a sales process, so there is "
        "one model for all of them. Remove the key; scores/opportunity.yml may have it."
    )
    (tmp_path / "scores" / "lead.yml").unlink()
    (model,) = load_config(tmp_path).scores["opportunity"].all_models("opportunity")
    assert model.business_process is not None
    assert (model.business_process.per_stage, model.business_process.stages) == (True, ())


@pytest.mark.fact("2.per-stage")
def test_one_model_for_all_stages_is_the_default_and_no_stage_stands_twice() -> None:
    (only,) = score(business_process={"stages": ["Qualify", "Propose"]}).all_models("opportunity")
    assert only.business_process is not None
    assert not only.business_process.per_stage
    with pytest.raises(ValidationError, match="Qualify: named more than once"):
        score(business_process={"stages": ["Qualify", "Propose", "Qualify"]})
