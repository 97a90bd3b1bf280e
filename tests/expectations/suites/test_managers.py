"""Forecasts per manager."""

from __future__ import annotations

from typing import Any

import pytest

from config.errors import ContractBroken
from config.workspace import Workspace
from expectations.check import check
from tests.expectations.conftest import (
    BROKEN,
    DAY,
    LoadRows,
    Query,
    WriteFeatures,
    record,
    week,
    write_rows,
)


def _forecast(period: str = "current", **values: Any) -> dict[str, Any]:
    start, end = ("2026-04-01", "2026-06-30") if period == "current" else ("2026-07-01", "2026-09-30")
    row: dict[str, Any] = {
        "manager_id": "m1",
        "as_of_date": DAY,
        "period": period,
        "period_start": start,
        "period_end": end,
    }
    row |= {"status": "forecast", "won_to_date_amount": 10.0, "predicted_amount": 50.0}
    return row | {"low_95_amount": 10, "low_80_amount": 20, "high_80_amount": 80, "high_95_amount": 90} | values


def test_good_forecasts_pass(workspace: Workspace, write_features: WriteFeatures, load_rows: LoadRows) -> None:
    load_rows("opportunities", [record("opportunities", 1)])
    write_features(feat_manager_week=[week(0)])
    nothing = dict.fromkeys(key for key in _forecast() if key.endswith("_amount"))
    young = _forecast("next", manager_id="m2") | nothing | {"status": "not enough history"}
    write_rows(workspace, "forecasts.managers", [_forecast(), _forecast("next"), young])
    assert check(workspace, "forecasts").broken == ()


def test_forecasts_that_must_not_be_used(
    workspace: Workspace, write_features: WriteFeatures, load_rows: LoadRows, query: Query
) -> None:
    load_rows("opportunities", [record("opportunities", 1)])
    write_features(feat_manager_week=[week(0, manager_id="m9")])
    rows = [
        _forecast(low_80_amount=5.0),
        _forecast("next", high_95_amount=None),
        _forecast("next", manager_id="m2", period_start="2026-01-01"),
        _forecast("next", manager_id="m3", predicted_amount=float("nan")),
    ]
    write_rows(workspace, "forecasts.managers", rows)
    with pytest.raises(ContractBroken):
        check(workspace, "forecasts")
    assert query(BROKEN) == [
        ("forecasts.managers", "a forecast lies within its 80 % interval, and that within its 95 % interval", 3),
        ("forecasts.managers", "every manager who won something has a forecast, or the reason for none", 1),
        ("forecasts.managers", "every number is finite", 1),
        ("forecasts.managers", "the current period contains the day, the next one follows it", 1),
    ]
