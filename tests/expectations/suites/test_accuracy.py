"""Figures and curves: good rows pass, and each broken promise is found."""

from __future__ import annotations

from typing import Any

import pytest

from config.errors import ContractBroken
from config.workspace import Workspace
from expectations.check import check
from tests.expectations.conftest import BROKEN, DAY, LoadRows, Query, Row, WriteFeatures, feature, record, write_rows

MODEL = {"score_name": "lead", "model_name": "LeadScoring", "model_id": "m1"}


def _figure(measure: str, value: float, **values: Any) -> Row:
    return MODEL | {"part": "holdout", "group_name": "", "measure": measure, "value": value, "records": 90} | values


def _point(position: int, **values: Any) -> Row:
    row = MODEL | {"curve": "gains", "position": position, "promised": 0.5, "realised": 0.5, "records": 45.0}
    return row | {"lift": 1.0, "captured": position / 2} | values


def _held_out(score: int, positive: float) -> Row:
    return MODEL | {"score": score, "records": 12.5, "positive_records": positive}


@pytest.fixture
def measured(workspace: Workspace, write_features: WriteFeatures, load_rows: LoadRows) -> Workspace:
    """A model that was measured and is not yet in use."""
    load_rows("leads", [record("leads", 1)])
    write_features(feat_lead=[feature(1)])
    model = {"as_of_date": DAY, "auc": 0.7, "auc_low": 0.66, "auc_high": 0.74, "verdict": "Ready to publish"}
    write_rows(workspace, "scores.models", [MODEL | model | {"status": "validated"}])
    return workspace


def test_good_rows_pass(measured: Workspace) -> None:
    rows = [_figure("auc", 0.7, low=0.6, high=0.8), _figure("threshold", 43), _figure("log_loss", 1.2)]
    write_rows(measured, "scores.accuracy", rows)
    write_rows(measured, "scores.curves", [_point(1), _point(2)])
    write_rows(measured, "scores.held_out", [_held_out(40, 12.5), _held_out(41, 0.0)])
    assert check(measured, "scores").broken == ()


def test_what_cannot_be_is_found(measured: Workspace, query: Query) -> None:
    rows = [_figure("auc", 1.2), _figure("threshold", 143)]
    write_rows(measured, "scores.accuracy", rows)
    write_rows(measured, "scores.curves", [_point(1), _point(3, captured=0.9)])
    write_rows(measured, "scores.held_out", [_held_out(40, 13.5), _held_out(101, 1.0)])
    with pytest.raises(ContractBroken):
        check(measured, "scores")
    assert query(BROKEN) == [
        ("scores.accuracy", "a share lies between 0 and 1, a threshold between 0 and 100", 2),
        ("scores.curves", "gains end with all wanted outcomes", 1),
        ("scores.curves", "positions run from 1 without a gap", 1),
        ("scores.held_out", "of the records some had the wanted outcome, none, or all", 1),
        ("scores.held_out", "score lies between 0 and 100", 1),
    ]
