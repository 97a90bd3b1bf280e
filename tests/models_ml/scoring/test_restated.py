"""The outcome under another name is known by its values, however they are written."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models_ml.scoring.restated import restated

COUNT = 400
EMPTY = np.array(None, dtype=object)
RANDOM = np.random.default_rng(2)
WON = RANDOM.random(COUNT) < 0.3
OUTCOME = WON.astype(np.float64)


def figure(values: object, outcome: np.ndarray = OUTCOME, bins: np.ndarray | None = None) -> float:
    column = pd.Series(values)
    column = column if pd.api.types.is_numeric_dtype(column) else column.astype("category")
    bins = np.zeros(COUNT, dtype=np.int64) if bins is None else bins
    return restated(column, bins, (outcome,), np.ones(COUNT))


@pytest.mark.parametrize(
    "values",
    [
        np.where(WON, "yes", "no"),
        np.where(WON, RANDOM.choice([" Won", "WON ", "won!", "w-o-n"], COUNT), RANDOM.choice(["Lost", "lost "], COUNT)),
        np.where(WON, RANDOM.choice(["a", "b", "c"], COUNT), RANDOM.choice(["d", "e"], COUNT)),
        np.where(WON, RANDOM.choice(["x", "y"], COUNT), EMPTY),
        np.where(WON, "+", "-"),
        np.where(WON, 7.0, 3.0),
        np.where(WON, 1.0, np.nan),
    ],
    ids=["renamed", "spelt in many ways", "many names", "filled if won", "signs", "numbers", "a number if won"],
)
def test_the_outcome_is_known(values: np.ndarray) -> None:
    assert figure(values) == pytest.approx(1)


def test_zero_for_lost_is_seen_though_all_amounts_differ() -> None:
    amounts = np.where(WON, RANDOM.lognormal(5, 1, COUNT), 0.0)
    assert figure(amounts, bins=(amounts > np.median(amounts)).astype(np.int64)) == pytest.approx(1)


def test_zero_for_a_rare_loss_is_seen() -> None:
    lost = np.arange(COUNT) % 33 == 0
    amounts = np.where(lost, 0.0, RANDOM.lognormal(5, 1, COUNT))
    assert figure(amounts, (~lost).astype(np.float64), (amounts > 20).astype(np.int64)) == pytest.approx(1)


def test_what_says_nothing_or_little_is_not_the_outcome() -> None:
    assert figure(RANDOM.choice(["a", "b"], COUNT)) == 0
    assert figure(np.where(RANDOM.random(COUNT) < 0.8, WON, RANDOM.random(COUNT) < 0.3).astype(float)) < 0.9


def test_nothing_is_known_by_heart() -> None:
    assert figure([f"record {number}" for number in range(COUNT)]) == 0
    assert figure(RANDOM.choice([f"v{number}" for number in range(60)], COUNT)) < 0.5


def test_too_few_of_an_outcome_and_undecided_ones_say_nothing() -> None:
    assert figure(np.where(WON, "yes", "no"), np.where(np.cumsum(WON) <= 5, OUTCOME, np.nan)) == 0
    half = np.where(np.arange(COUNT) % 2, OUTCOME, np.nan)
    assert figure(np.where(WON, "yes", "no"), half) == pytest.approx(1)
