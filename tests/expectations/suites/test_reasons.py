"""Reasons, influence and rates: good rows pass, and each broken promise is found."""

from __future__ import annotations

from typing import Any

import pytest

from config.errors import ContractBroken
from config.workspace import Workspace
from expectations.check import check
from tests.expectations.conftest import BROKEN, DAY, LoadRows, Query, Row, WriteFeatures, feature, record, write_rows

MODEL = {"score_name": "lead", "model_id": "m1"}


def _reason(record_id: str, attribute: str, **values: Any) -> Row:
    row = MODEL | {"record_id": record_id, "as_of_date": DAY, "attribute": attribute, "value": "x", "points": -2.5}
    row |= {"direction": "negative", "rank": 1, "sentence": "It is.", "rate": 0.4, "rate_overall": 0.5}
    return row | {"records": 30, "base_points": 40} | values


def _influence(attribute: str, **values: Any) -> Row:
    return MODEL | {"attribute": attribute, "stage": "", "share": 0.5, "influence": "Very high"} | values


def _rate(position: int, **values: Any) -> Row:
    row = MODEL | {"attribute": "source", "position": position, "value": "web", "records": 30, "rate": 0.7}
    return row | {"rate_overall": 0.5, "difference_points": 20.0} | values


@pytest.fixture
def scored(workspace: Workspace, write_features: WriteFeatures, load_rows: LoadRows) -> Workspace:
    """Two leads with a score of 40, by a model in use."""
    load_rows("leads", [record("leads", 1)])
    write_features(feat_lead=[feature(1), feature(2)])
    model = {"as_of_date": DAY, "auc": 0.7, "auc_low": 0.66, "auc_high": 0.74, "verdict": "Ready to publish"}
    named = MODEL | {"model_name": "LeadScoring"}
    write_rows(workspace, "scores.models", [named | model | {"status": "champion"}])
    score = named | {"as_of_date": DAY, "method": "model", "probability": 0.4, "score": 40, "grade": "B"}
    write_rows(workspace, "scores.predictions", [score | {"record_id": name} for name in ("r1", "r2")])
    return workspace


def test_good_rows_pass(scored: Workspace) -> None:
    other_way = {"points": 2.5, "direction": "positive"}
    write_rows(scored, "scores.reasons", [_reason("r1", "source"), _reason("r1", "size", **other_way)])
    unused = _influence("leak", share=None, influence=None, reason_not_used="certain leak")
    write_rows(scored, "scores.influence", [_influence("source"), _influence("size"), unused])
    write_rows(scored, "scores.value_rates", [_rate(0), _rate(1, records=3, rate=None, difference_points=None)])
    assert check(scored, "scores").broken == ()


def test_what_does_not_add_up_is_found(scored: Workspace, query: Query) -> None:
    reasons = [
        _reason("r1", "source"),  # 37.5 is not 40
        _reason("r2", "source", direction="positive", points=0),
        _reason("r2", "size", rank=3, direction="negative", points=2.5),
        _reason("r2", "age", points=-2.5, model_id="m0"),
    ]
    write_rows(scored, "scores.reasons", reasons)
    write_rows(scored, "scores.influence", [_influence("source"), _influence("size", share=0.2, reason_not_used="so")])
    write_rows(scored, "scores.value_rates", [_rate(0, records=3), _rate(1, difference_points=2.0)])
    with pytest.raises(ContractBroken):
        check(scored, "scores")
    assert query(BROKEN) == [
        ("scores.influence", "an attribute has an influence, or a reason why it is not used", 1),
        ("scores.influence", "the shares of a model and stage add up to 1, or are all 0", 1),
        ("scores.reasons", "points have the sign of their direction", 2),
        ("scores.reasons", "reasons add up to the score, by the model that gave it", 1),
        ("scores.reasons", "the ranks of a record's reasons run from 1 without a gap", 1),
        ("scores.value_rates", "no rate is shown of fewer than 20 records", 1),
        ("scores.value_rates", "the difference is that of the two rates, in percentage points", 1),
    ]
