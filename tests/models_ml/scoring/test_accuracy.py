"""Figures of a model beside plainer ones, by window and segment, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models_ml.scoring.accuracy import ACTIVE, BASE_RATE, HOLDOUT, LOGISTIC, NEW_TO_BOTH, curves, find, full, measure
from models_ml.scoring.accuracy_report import leak_lines, report_lines
from models_ml.scoring.backtest import RANDOM, WINDOW, MemberScore
from models_ml.scoring.evaluation import Evaluation
from models_ml.scoring.learner import Member
from models_ml.scoring.segments import segment_figures, weaknesses
from tests.models_ml.scoring.company import DAY


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    """600 held-out leads: nothing is known of those from the web, much of the others; two windows, a random split."""
    random = np.random.default_rng(6)
    true = random.normal(0, 2, 600)
    label = random.random(600) < 1 / (1 + np.exp(-true))
    source = np.where(np.arange(600) % 3 == 0, "web", "fair").astype(object)
    source[:20] = "rare"
    said = np.where(source == "web", random.normal(0, 2, 600), true)
    holdout = pd.DataFrame(
        {
            "record_id": [f"L{number}" for number in range(600)],
            "as_of_date": pd.Timestamp(DAY),
            "label_known_on": pd.Timestamp(DAY),
            "label": label,
            "weight": 1.0,
            "probability": 1 / (1 + np.exp(-said)),
            "logistic_probability": 1 / (1 + np.exp(-said / 2)),
            "champion_probability": random.random(600),
            "segment_source": source,
            "segment_country": "Austria",
        }
    )
    kept = holdout[["record_id", "label", "weight", "probability"]]
    past = [kept.assign(part=WINDOW, number=number) for number in (1, 2)]
    told = pd.concat([*past, kept.assign(part=RANDOM, number=0)])
    told["begins"] = pd.Timestamp(DAY)
    members: dict[Member, MemberScore] = {"blend": MemberScore(0.7, 0.6, 0.0, 0, 2)}
    return Evaluation(holdout, "old", past=told, members=members, older_rate=0.4)


def test_a_model_stands_beside_plainer_ones_on_the_same_records(evaluation: Evaluation) -> None:
    found = measure(evaluation, evaluation.holdout[:300])
    for part, column in ((HOLDOUT, "probability"), (LOGISTIC, "logistic_probability")):
        mean = find(found, part, "mean_probability")
        assert mean is not None
        assert mean.value == pytest.approx(evaluation.holdout[column].mean(), abs=1e-6)
        assert mean.records == 600
    chance = find(found, BASE_RATE, "auc")
    assert chance is not None
    assert chance.value == 0.5
    active, new = find(found, ACTIVE, "auc"), find(found, HOLDOUT, "auc", NEW_TO_BOTH)
    assert active is not None
    assert new is not None
    assert active.records == new.records == 300


def test_no_figure_stands_there_twice(evaluation: Evaluation) -> None:
    found = measure(evaluation, evaluation.holdout) + segment_figures(evaluation.holdout)
    keys = [(one.part, one.group_name, one.measure) for one in found]
    assert len(keys) == len(set(keys))


@pytest.mark.fact("1d.accuracy", "1d.confusion-matrix")
def test_the_cells_of_the_confusion_matrix_are_records(evaluation: Evaluation) -> None:
    found = {one.measure: one.value or 0.0 for one in full(HOLDOUT, evaluation.holdout, "probability")}
    cells = [found[f"{truth}_{said}"] for truth in ("true", "false") for said in ("positive", "negative")]
    assert sum(cells) == 600
    assert found["accuracy"] == pytest.approx((found["true_positive"] + found["true_negative"]) / 600, abs=1e-6)


def test_the_hold_out_is_the_newest_window(evaluation: Evaluation) -> None:
    found = measure(evaluation, None)
    windows = [one for one in found if one.part == WINDOW and one.measure == "auc"]
    assert [one.group_name for one in windows] == ["1", "2", HOLDOUT]
    whole = find(found, HOLDOUT, "auc")
    assert whole is not None
    assert (windows[-1].value, windows[-1].low, windows[-1].high) == (whole.value, whole.low, whole.high)


def test_segments_need_records_and_more_than_one_value(evaluation: Evaluation) -> None:
    found = segment_figures(evaluation.holdout)
    assert {one.group_name for one in found if one.measure == "auc"} == {"source = web", "source = fair"}
    rare = find(found, "segment", "share_unjudged", "source")
    assert rare is not None
    assert rare.value == pytest.approx(20 / 600, abs=1e-6)
    assert rare.records == 20


def test_what_it_is_not_good_at_is_said(evaluation: Evaluation) -> None:
    found = measure(evaluation, None) + segment_figures(evaluation.holdout)
    told = weaknesses(found, "lead", 0.55)
    assert len(told) == 1
    assert told[0].startswith("Leads with Source = web: AUC 0.")
    assert told[0].endswith((", clearly worse than all together.", ", little better than chance."))


def test_of_a_model_that_ranks_nothing_no_segment_is_named(evaluation: Evaluation) -> None:
    coin = replace(evaluation, holdout=evaluation.holdout.assign(probability=np.linspace(0.1, 0.9, 600)))
    told = weaknesses(measure(coin, None) + segment_figures(coin.holdout), "lead", 0.55)
    assert told == ["Leads at all: that its ranking is better than chance is not shown."]


def test_curves_are_numbered_from_one(evaluation: Evaluation) -> None:
    found = curves(evaluation)
    for _, curve in found.groupby("curve"):
        assert curve["position"].tolist() == list(range(1, len(curve) + 1))
        assert curve["records"].sum() == 600


def test_the_random_split_is_called_an_illusion_where_it_shines(evaluation: Evaluation) -> None:
    found = measure(evaluation, None)
    usual = "\n".join(report_lines("lead", found, curves(evaluation), None, "blend"))
    assert "promises nothing" in usual
    assert "No version is in use" in usual
    shining = [replace(one, value=0.95) if (one.part, one.measure) == (RANDOM, "auc") else one for one in found]
    assert "illusion" in "\n".join(report_lines("lead", shining, curves(evaluation), "old", "blend"))


def test_leaks_are_told_in_short() -> None:
    assert leak_lines([], []) == ["No attribute is suspected of a leak."]
    assert leak_lines([f"a{number}" for number in range(10)], ["b"]) == [
        "Left out as leaks: a0, a1, a2, a3, a4, a5, a6, a7 and 2 more",
        "Suspected of a leak, and used: b",
    ]
