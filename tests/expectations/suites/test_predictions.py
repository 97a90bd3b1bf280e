"""Predictions and the models that made them."""

from __future__ import annotations

from typing import Any

import pytest

from config.errors import ContractBroken
from config.workspace import Workspace
from expectations.check import check
from tests.conftest import MakeWorkspace
from tests.expectations.conftest import (
    BROKEN,
    DAY,
    LoadRows,
    Query,
    Row,
    WriteFeatures,
    feature,
    record,
    write_rows,
)


def _model(**values: Any) -> Row:
    row = {
        "score_name": "lead",
        "model_name": "LeadScoring",
        "model_id": "m1",
        "as_of_date": DAY,
        "auc": 0.7,
        "auc_low": 0.66,
        "auc_high": 0.74,
    }
    return row | {"verdict": "Ready to publish", "status": "champion", "calibration_error": 0.02} | values


def _prediction(number: int, **values: Any) -> Row:
    row = {"score_name": "lead", "record_id": f"r{number}", "as_of_date": DAY, "model_id": "m1"}
    row |= {"model_name": "LeadScoring", "method": "model"}
    return row | {"probability": 0.45, "score": 45, "grade": "B", "scored_at": "2026-07-01"} | values


def test_good_scores_pass(
    workspace: Workspace, write_features: WriteFeatures, load_rows: LoadRows, query: Query
) -> None:
    load_rows("leads", [record("leads", 1)])
    write_features(feat_lead=[feature(1), feature(2)])
    write_rows(
        workspace, "scores.models", [_model(), _model(model_id="m0", status="refused", verdict="Not ready to publish")]
    )
    write_rows(
        workspace, "scores.predictions", [_prediction(1), _prediction(2), _prediction(9, as_of_date="2026-06-29")]
    )
    assert check(workspace, "scores").broken == ()
    assert query("select count(*) from quarantine.rows") == [(0,)]


def test_scores_before_any_model_pass(workspace: Workspace, write_features: WriteFeatures, load_rows: LoadRows) -> None:
    load_rows("leads", [record("leads", 1)])
    write_features(feat_lead=[feature(1)])
    assert check(workspace, "scores").broken == ()


def test_a_model_in_use_that_scored_nothing(
    workspace: Workspace, write_features: WriteFeatures, load_rows: LoadRows
) -> None:
    load_rows("leads", [record("leads", 1)])
    write_features(feat_lead=[feature(1)])
    write_rows(workspace, "scores.models", [_model()])
    with pytest.raises(ContractBroken, match="open lead records are scored, since a model is in use") as error:
        check(workspace, "scores")
    assert "sales-insights apply lead" in str(error.value)


def test_scores_that_must_not_be_used(
    workspace: Workspace, write_features: WriteFeatures, load_rows: LoadRows, query: Query
) -> None:
    load_rows("leads", [record("leads", 1)])
    write_features(feat_lead=[feature(number) for number in range(5)])
    models = [
        _model(),
        _model(model_id="m2", verdict="Not ready to publish"),
        _model(model_id="m3", auc=1.2, status="?"),
    ]
    write_rows(workspace, "scores.models", models)
    predictions = [
        _prediction(0, probability=1.2),
        _prediction(1, grade="A"),
        _prediction(2, model_id="unknown"),
        _prediction(3, record_id="closed"),
        _prediction(4),
        _prediction(4),
    ]
    write_rows(workspace, "scores.predictions", predictions)
    with pytest.raises(ContractBroken):
        check(workspace, "scores")
    assert query(BROKEN) == [
        ("scores.models", "a model in use was measured and is ready", 1),
        ("scores.models", "at most one version of a model is in use", 1),
        ("scores.models", "auc lies between 0 and 1", 1),
        (
            "scores.models",
            "status is one of trained, validated, refused, too few records, rejected, champion, previous, reverted, "
            "inactive, deleted",
            1,
        ),
        ("scores.predictions", "every lead scored is open on the day", 1),
        ("scores.predictions", "grade is the one that config/scores/ gives to the score", 1),
        ("scores.predictions", "probability lies between 0 and 1", 1),
        ("scores.predictions", "score_name, record_id, as_of_date: no two rows have the same", 2),
        ("scores.predictions", "what a model scored names a trained version, and a base rate none", 1),
    ]
    kept = query("select record_key, reason from quarantine.rows where column_name = 'probability'")
    assert kept == [("lead, r0", "probability 1.2 does not lie between 0 and 1")]


def test_derived_grades_are_held_against_the_ranges_kept_for_the_day(
    make_workspace: MakeWorkspace, write_features: WriteFeatures, load_rows: LoadRows, query: Query
) -> None:
    derived = make_workspace({"scores/lead.yml": "horizon_days: 60\ngrades: default\n"})
    load_rows("leads", [record("leads", 1)])
    write_features(feat_lead=[feature(number) for number in range(3)])
    write_rows(derived, "scores.models", [_model()])
    kept = {"score_name": "lead", "model_id": "m1", "as_of_date": DAY}
    ranges = {"A": (48, 100), "B": (44, 47), "C": (37, 43), "D": (0, 36)}
    rows = [kept | {"grade": grade, "minimum": low, "maximum": high} for grade, (low, high) in ranges.items()]
    old = {"grade": "A", "minimum": 0, "maximum": 100, "as_of_date": "2026-06-29"}
    write_rows(derived, "scores.grade_ranges", [*rows, kept | old])
    good, better = _prediction(0, grade="B"), _prediction(1, score=48, probability=0.48, grade="A")
    write_rows(derived, "scores.predictions", [good, better])
    assert check(derived, "scores").broken == ()
    write_rows(derived, "scores.predictions", [_prediction(2, grade="A")])
    with pytest.raises(ContractBroken):
        check(derived, "scores")
    assert query(BROKEN) == [("scores.predictions", "grade is the one that config/scores/ gives to the score", 1)]
