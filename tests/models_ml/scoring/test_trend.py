"""Where a score stands against the one before, and against the other open records."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from config.workspace import Workspace
from models_ml.scoring.trend import place
from tests.models_ml.scoring.company import DAY, rows_of
from warehouse.connection import open_warehouse


def write(workspace: Workspace, day: date, score_name: str, probabilities: dict[str, float], method: str) -> None:
    with open_warehouse(workspace) as connection:
        for record, probability in probabilities.items():
            connection.execute(
                "insert into scores.predictions (score_name, record_id, as_of_date, method, probability, score) "
                "values (?, ?, ?, ?, ?, ?)",
                [score_name, record, day, method, probability, int(100 * probability + 0.5)],
            )


def placed(workspace: Workspace, day: date = DAY, score_name: str = "lead") -> dict[str, tuple[Any, ...]]:
    with open_warehouse(workspace) as connection:
        place(connection, score_name, day, 2)
    query = (
        "select record_id, previous_score, trend, percentile from scores.predictions "
        f"where score_name = '{score_name}' and as_of_date = date '{day}'"
    )
    return {record: tuple(rest) for record, *rest in rows_of(workspace, query)}


@pytest.mark.fact("1a.trend-labels", "1a.trend-basis", "1a.trend-steady")
def test_a_trend_is_a_change_by_more_than_the_tolerance(workspace: Workspace) -> None:
    """Facts 1a: 65 after 45 improves, 45 after 65 declines; how much is Steady is ours to say."""
    before = {"up": 0.45, "down": 0.65, "two up": 0.5, "three up": 0.5, "two down": 0.5, "three down": 0.5, "new": None}
    now = {"up": 0.65, "down": 0.45, "two up": 0.52, "three up": 0.53, "two down": 0.48, "three down": 0.47, "new": 0.5}
    write(workspace, DAY - timedelta(days=1), "lead", {name: was for name, was in before.items() if was}, "model")
    write(workspace, DAY, "lead", now, "model")
    assert {name: trend for name, (_, trend, _) in placed(workspace).items()} == {
        "up": "Improving",
        "down": "Declining",
        "two up": "Steady",
        "three up": "Improving",
        "two down": "Steady",
        "three down": "Declining",
        "new": "Not enough info",
    }


@pytest.mark.fact("1a.percentile")
@pytest.mark.parametrize(
    ("probabilities", "percentiles"),
    [
        ([0.1, 0.2, 0.2, 0.9], [0, 25, 25, 75]),
        ([0.4], [0]),
        ([], []),
        (list(np.arange(40) / 100), [5 * n // 2 for n in range(40)]),
    ],
)
def test_a_percentile_counts_those_below(
    workspace: Workspace, probabilities: list[float], percentiles: list[int]
) -> None:
    write(workspace, DAY, "lead", {f"L{number}": each for number, each in enumerate(probabilities)}, "model")
    write(workspace, DAY, "opportunity", {"O1": 0.0, "O2": 0.99}, "model")
    found = placed(workspace)
    assert [found[f"L{number}"][2] for number in range(len(percentiles))] == percentiles


@pytest.mark.fact("1a.trend-basis")
def test_the_score_before_is_the_last_one_by_the_same_method_within_a_month(workspace: Workspace) -> None:
    before = {"L1": (1, "model"), "L2": (31, "model"), "L3": (32, "model"), "L4": (1, "base rate"), "L5": (-1, "model")}
    for record, (days, method) in before.items():
        write(workspace, DAY - timedelta(days=days), "lead", {record: 0.2}, method)
    write(workspace, DAY - timedelta(days=2), "lead", {"L1": 0.9}, "model")
    write(workspace, DAY, "lead", dict.fromkeys(before, 0.5), "model")
    known, unknown = (20, "Improving", 0), (None, "Not enough info", 0)
    expected = {"L1": known, "L2": known, "L3": unknown, "L4": unknown, "L5": unknown}
    assert placed(workspace) == expected
    assert placed(workspace) == expected  # a repetition changes nothing


@pytest.mark.fact("2.same-scales")
def test_opportunities_have_the_same_trends(workspace: Workspace) -> None:
    write(workspace, DAY - timedelta(days=1), "opportunity", {"O1": 0.45, "O2": 0.65, "O3": 0.5}, "model")
    write(workspace, DAY, "opportunity", {"O1": 0.65, "O2": 0.45, "O3": 0.5, "O4": 0.5}, "model")
    trends = [trend for _, trend, _ in placed(workspace, score_name="opportunity").values()]
    assert sorted(trends) == ["Declining", "Improving", "Not enough info", "Steady"]
