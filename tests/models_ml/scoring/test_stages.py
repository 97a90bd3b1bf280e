"""A stage is judged by a learner of its own only where that clearly wins; what it says adds up and can be saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from config.schema.learning import BusinessProcess, Model
from models_ml.scoring.attributes import Attribute
from models_ml.scoring.dataset import Dataset
from models_ml.scoring.explanations import ALL
from models_ml.scoring.influence import influence_rows, learn_explanations
from models_ml.scoring.leakage import Decision
from models_ml.scoring.learner import Learner
from models_ml.scoring.reasons import reasons_of
from models_ml.scoring.split import Split, split
from models_ml.scoring.staged import StagedLearner, fit_staged, load_learner
from models_ml.scoring.stages import NO_STAGE, StageModel, choose_stages, stage_lines
from tests.models_ml.scoring.company import DAY

ATTRIBUTES = (
    Attribute("stage", "category"),
    Attribute("size", "number"),
    Attribute("days_in_stage", "number"),
    Attribute("days_in_stage_to_won", "number"),
    Attribute("proposal_ready", "category"),
)
PER_STAGE = Model(name="OpportunityScoring", business_process=BusinessProcess(per_stage=True))


def deals(records: int = 2200) -> Dataset:
    """Size speaks for a deal in the first stage and against it in the last; thirty deals are in a stage between."""
    random = np.random.default_rng(3)
    created = np.sort(random.integers(70, 900, records))[::-1]
    stage = random.choice(["2-First", "1-Last"], records, p=[0.65, 0.35])
    stage[:: records // 30] = "Rare"
    size, ready = random.normal(size=records), random.choice(["yes", "no"], records)
    logit = np.where(stage == "1-Last", -2.0, 1.5) * size
    won = random.random(records) < expit(logit)
    seen = pd.Timestamp(DAY) - pd.to_timedelta(created, "D")
    days = np.where(stage == "1-Last", 40.0, 5.0)
    rows = pd.DataFrame(
        {
            "record_id": [f"D{number:05d}" for number in range(records)],
            "as_of_date": seen + pd.to_timedelta(np.where(stage == "1-Last", 30, 0), "D"),
            "created_at": seen,
            "record_order": pd.array([None] * records, dtype="Int64"),
            "label": pd.array(won, dtype="boolean"),
            "label_known_on": seen + pd.Timedelta(days=60),
            "censored_because": None,
            "stage": pd.Categorical(stage),
            "size": size,
            "days_in_stage": days,
            "days_in_stage_to_won": np.where(stage == "1-Last", days / 12, np.nan),
            "proposal_ready": pd.Categorical(pd.Series(ready).where(stage == "1-Last")),
        }
    )
    return Dataset("opportunity", DAY, rows, ATTRIBUTES, 0)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return deals()


@pytest.fixture(scope="module")
def parts(dataset: Dataset) -> Split:
    return split(dataset, 0.2, "all")


@pytest.fixture(scope="module")
def chosen(dataset: Dataset, parts: Split) -> tuple[StageModel, ...]:
    return choose_stages(dataset, parts, ATTRIBUTES, PER_STAGE)


@pytest.fixture(scope="module")
def learner(dataset: Dataset) -> Learner:
    rows = dataset.rows.iloc[:900]
    fitted = fit_staged(rows, ATTRIBUTES, "blend", [("2-First", 0.0), ("1-Last", 0.5)])
    return replace(fitted, explanations=learn_explanations(fitted, rows, "opportunity", 120, by="stage"))


def test_a_learner_of_its_own_speaks_where_it_wins(chosen: tuple[StageModel, ...]) -> None:
    found = {each.stage: each for each in chosen}
    assert found["1-Last"].scored_by in {"own", "both"}
    assert "clearly won the back-test" in found["1-Last"].because
    assert (found["1-Last"].auc_chosen or 0) > (found["1-Last"].auc_all or 1)
    assert found["Rare"].scored_by == "all stages"
    assert found["Rare"].because.startswith("40 + 40 closed records")
    assert [line.split()[1] for line in stage_lines(chosen)] == [each.stage for each in chosen]


@pytest.mark.fact("2.last-stage")
def test_stages_are_in_the_order_of_age_unless_they_are_named(
    chosen: tuple[StageModel, ...], dataset: Dataset, parts: Split
) -> None:
    assert [(each.position, each.stage) for each in chosen] == [(1, "2-First"), (2, "Rare"), (3, "1-Last")]
    process = BusinessProcess(stages=("1-Last", "Signed"), per_stage=True)
    named = choose_stages(dataset, parts, ATTRIBUTES, PER_STAGE.model_copy(update={"business_process": process}))
    assert [each.stage for each in named] == ["1-Last", "Signed"]
    assert {each.scored_by for each in named} == {"all stages"}
    assert named[0].because == (
        "40 closed opportunities in the last stage are needed and 0 were seen in 'Signed'. Wait for more, or check "
        "business_process.stages against the stages in the data: 1-Last, 2-First, Rare."
    )


def test_the_hold_out_has_no_say(dataset: Dataset, parts: Split, chosen: tuple[StageModel, ...]) -> None:
    rows = dataset.rows.copy()
    late = parts.labelled & ~parts.older
    assert late.sum() > 200
    rows.loc[late, "size"] = -rows["size"][late]
    last = PER_STAGE.model_copy(update={"business_process": BusinessProcess(stages=("1-Last",), per_stage=True)})
    (again,) = choose_stages(replace(dataset, rows=rows), parts, ATTRIBUTES, last)
    assert replace(again, position=3) == chosen[2]


def test_nobody_asked_no_model_per_stage(dataset: Dataset, parts: Split) -> None:
    whole = BusinessProcess(stages=("2-First", "1-Last"))
    for process in (None, whole):
        settings = PER_STAGE.model_copy(update={"business_process": process})
        assert choose_stages(dataset, parts, ATTRIBUTES, settings) == ()


def test_a_stage_that_the_gate_excludes_makes_no_models(dataset: Dataset, parts: Split) -> None:
    found = choose_stages(dataset, parts, ATTRIBUTES[1:], PER_STAGE)
    assert {each.because for each in found} == {
        "The attribute 'stage' is not used by the model; scores.attributes says why."
    }


def test_records_without_a_stage_make_no_models_and_it_is_said(dataset: Dataset, parts: Split) -> None:
    stageless = replace(dataset, rows=dataset.rows.assign(stage=pd.Categorical([None] * len(dataset.rows))))
    (found,) = choose_stages(stageless, parts, ATTRIBUTES, PER_STAGE)
    assert (found.stage, found.scored_by) == (NO_STAGE, "all stages")
    assert found.because.startswith("No closed record has a stage. Map the column")


def test_without_a_share_there_is_one_model(dataset: Dataset) -> None:
    assert type(fit_staged(dataset.rows[:300], ATTRIBUTES, "blend", [("1-Last", 0.0)])) is Learner


def test_a_share_draws_the_stage_half_way(dataset: Dataset, learner: Learner) -> None:
    assert isinstance(learner, StagedLearner)
    rows = dataset.rows.iloc[900:1100]
    whole = Learner.calibrated(learner, rows)
    own = learner.own[0].learner.calibrated(rows)
    in_last = (rows["stage"] == "1-Last").to_numpy()
    assert 0 < in_last.sum() < len(rows)
    np.testing.assert_allclose(learner.calibrated(rows), np.where(in_last, (whole + own) / 2, whole), rtol=1e-12)
    alone = [learner.probabilities(rows[number : number + 1])[0] for number in range(5)]
    assert learner.probabilities(rows)[:5].tolist() == alone


def test_contributions_and_points_add_up_in_every_stage(dataset: Dataset, learner: Learner) -> None:
    rows = dataset.rows.iloc[900:1100]
    start, added = learner.contributions(rows)
    np.testing.assert_allclose(start + added.sum(axis=1), learner.calibrated(rows), atol=1e-9)
    scores = (100 * learner.probabilities(rows).round(6) + 0.5).astype(np.int64)
    told = reasons_of(learner, rows, scores)
    total = told.groupby("record_id", observed=True).agg(points=("points", "sum"), base=("base_points", "first"))
    np.testing.assert_allclose(total["points"] + total["base"], scores, atol=1e-9)
    assert told["base_points"].nunique() == 1


@pytest.mark.fact("2.stage-time")
def test_time_in_stage_is_told_with_the_records_own_numbers(dataset: Dataset, learner: Learner) -> None:
    rows = dataset.rows.iloc[900:1100]
    told = reasons_of(learner, rows, np.full(len(rows), 50))
    of_time = told[told["attribute"] == "days_in_stage_to_won"]
    sentences = of_time[of_time["value"].notna()]["sentence"].astype(str)
    head = "In stage 1-Last for 40 days; won opportunities spent 12 there: "
    assert len(sentences) > 0
    assert sentences.str.startswith(head).all()
    assert sentences.str.contains(r"% of such opportunities are won within 120 days, \d+ % overall").all()
    assert of_time[of_time["value"].isna()]["sentence"].astype(str).str.contains("is not filled").all()


def test_a_saved_model_says_the_same_to_the_last_bit(tmp_path: Path, dataset: Dataset, learner: Learner) -> None:
    learner.save(tmp_path)
    loaded = load_learner(tmp_path)
    rows = dataset.rows.iloc[900:1100]
    assert isinstance(loaded, StagedLearner)
    assert loaded.probabilities(rows).tolist() == learner.probabilities(rows).tolist()
    assert loaded.explanations == learner.explanations


@pytest.mark.fact("2.applicable-stages")
def test_influence_is_told_per_stage_where_an_attribute_applies(learner: Learner) -> None:
    known = learner.explanations
    assert known is not None
    decisions = [Decision(name, "used", False, "", "", None, None, None) for name in known.attributes]
    rows = influence_rows(known, decisions)
    applies = {stage: set(of["attribute"]) for stage, of in rows.groupby("stage")}
    assert applies[ALL] == set(known.attributes)
    assert applies["2-First"] == {"size"}
    assert applies["1-Last"] == {"size", "proposal_ready"}
    assert rows.groupby("stage")["share"].sum().round(6).eq(1).all()
