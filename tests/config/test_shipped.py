"""What holds where an administrator sets nothing: the numbers of the product that is replaced."""

from __future__ import annotations

import re
from typing import Final

import pytest

from config.load import load_config
from config.schema.grades import COLOURS, Grades
from config.schema.learning import MinimumRecords, Model
from config.schema.scores import Score

CONFIG: Final = load_config()


@pytest.fixture(params=["lead", "opportunity"])
def model(request: pytest.FixtureRequest) -> Model:
    """The one model that a score has as it is shipped."""
    (only,) = CONFIG.scores[request.param].all_models(request.param)
    return only


@pytest.mark.fact("1b.forty", "2.forty")
def test_a_model_needs_forty_records_of_either_outcome(model: Model) -> None:
    assert model.minimum_records == MinimumRecords(positive=40, negative=40)


@pytest.mark.fact("1b.leads-2018", "1b.opportunities-2018")
@pytest.mark.parametrize(("positive", "negative"), [(100, 1000), (400, 600)])
def test_the_minima_of_before_can_be_set(positive: int, negative: int) -> None:
    minimum = {"positive": positive, "negative": negative}
    score = Score.model_validate(
        {"horizon_days": 60, "grades": {"A": 60, "B": 40, "C": 20}, "minimum_records": minimum}
    )
    (only,) = score.all_models("lead")
    assert (only.minimum_records.positive, only.minimum_records.negative) == (positive, negative)


@pytest.mark.fact("1d.split")
def test_the_newest_fifth_is_held_out(model: Model) -> None:
    assert model.holdout_share == 0.2


@pytest.mark.fact("1b.window-default")
def test_all_of_the_past_is_learnt_from(model: Model) -> None:
    assert model.training_window == "all"


@pytest.mark.fact("1c.one-model", "1c.recommended-fields", "1c.target-status")
def test_the_model_chooses_its_attributes_and_goes_by_the_status(model: Model) -> None:
    assert (model.attributes.use, model.target, model.filter) == ("auto", None, None)


@pytest.mark.fact("2.same-scales")
def test_both_scores_have_the_same_grades() -> None:
    of_leads, of_opportunities = (CONFIG.scores[name].grades for name in ("lead", "opportunity"))
    assert isinstance(of_leads, Grades)
    assert isinstance(of_opportunities, Grades)
    assert of_leads.ranges().keys() == of_opportunities.ranges().keys() == COLOURS.keys()


@pytest.mark.fact("1c.ignore-empty")
def test_empty_values_are_values(model: Model) -> None:
    assert model.attributes.ignore_empty == ()


@pytest.mark.fact("1c.retrain-15-days", "1c.retrain-default")
def test_a_model_is_trained_again_by_itself_every_fifteen_days(model: Model) -> None:
    assert model.retrain_automatically
    assert CONFIG.schedule.retrain_every_days == 15


@pytest.mark.fact("1a.daily", "2.daily")
def test_the_sources_are_read_once_a_day() -> None:
    assert re.fullmatch(r"\d+ \d+ \* \* \*", CONFIG.schedule.ingest_daily)
