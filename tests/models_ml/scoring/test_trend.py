"""Where a score stands against the one before, and against the other open records."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from config.workspace import Workspace
from models_ml.scoring.trend import percentile, place, trend
from tests.models_ml.scoring.company import DAY, rows_of
from warehouse.connection import open_warehouse


def test_a_trend_is_a_change_by_more_than_the_tolerance() -> None:
    """Facts 1a: 65 after 45 improves, 45 after 65 declines; how much is Steady is ours to say."""
    previous = np.array([45, 65, 50, 50, 50, 50, np.nan, 0.0])
    current = np.array([65, 45, 52, 53, 48, 47, 50, np.nan])
    assert trend(previous, current, 2).tolist() == [
        "Improving",
        "Declining",
        "Steady",
        "Improving",
        "Steady",
        "Declining",
        "Not enough info",
        "Not enough info",
    ]
    assert trend(np.array([50.0, 50.0]), np.array([50.0, 51.0]), 0).tolist() == ["Steady", "Improving"]


def test_a_percentile_counts_those_below() -> None:
    assert percentile(np.array([0.1, 0.2, 0.2, 0.9])).tolist() == [0, 25, 25, 75]
    assert percentile(np.arange(1000) / 1000).tolist() == [number // 10 for number in range(1000)]
    assert percentile(np.array([0.4])).tolist() == [0]
    assert percentile(np.empty(0)).tolist() == []


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


def test_the_database_says_the_same_as_the_arrays(workspace: Workspace) -> None:
    random = np.random.default_rng(3)
    before, now = random.random(60).round(2), random.random(60).round(2)
    names = [f"L{number}" for number in range(60)]
    write(workspace, DAY - timedelta(days=1), "lead", dict(zip(names[:40], before, strict=False)), "model")
    write(workspace, DAY, "lead", dict(zip(names, now, strict=True)), "model")
    write(workspace, DAY, "opportunity", {"O1": 0.0, "O2": 0.99}, "model")
    found = placed(workspace)
    previous = np.concatenate([np.floor(100 * before[:40] + 0.5), np.full(20, np.nan)])
    assert [found[name][1] for name in names] == trend(previous, np.floor(100 * now + 0.5), 2).tolist()
    assert [found[name][2] for name in names] == percentile(now).tolist()


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
