"""What follows what: the day's reading leads to features, and scores follow these and whatever becomes of a model."""

from __future__ import annotations

import ast

import pytest

from tests.house.tree import PROJECT, parsed


def names(value: ast.expr | None) -> set[str]:
    """The names in an expression."""
    return {node.id for node in ast.walk(value) if isinstance(node, ast.Name)} if value else set()


def keyword(dag: str, function: str, word: str) -> set[str]:
    """The names in a keyword of the decorator of a function in a DAG's file."""
    (found,) = [
        node
        for node in ast.walk(parsed(PROJECT / "dags" / f"{dag}.py"))
        if isinstance(node, ast.FunctionDef) and node.name == function
    ]
    calls = [each for each in found.decorator_list if isinstance(each, ast.Call)]
    return set().union(*(names(each.value) for call in calls for each in call.keywords if each.arg == word))


@pytest.mark.fact("1a.daily", "1a.updated-leads", "2.daily")
def test_scores_follow_the_days_reading() -> None:
    assert {"by_the_clock"} <= keyword("ingest_daily", "ingest_daily", "schedule")
    loaded, features = keyword("ingest_daily", "check", "outlets"), keyword("build_daily", "check", "outlets")
    assert {"LOADED"} <= loaded & keyword("build_daily", "build_daily", "schedule")
    assert {"FEATURES"} <= features & keyword("score_daily", "score_daily", "schedule")


@pytest.mark.fact("1a.model-24h")
@pytest.mark.parametrize("dag", ["train_models", "manage_models"])
def test_scores_follow_a_model_that_was_put_to_use_or_taken_out(dag: str) -> None:
    assert {"MODELS"} <= keyword(dag, "announce", "outlets") & keyword("score_daily", "score_daily", "schedule")
