"""Identical records are told from different ones that agree by chance, and are never on both sides."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models_ml.scoring.dataset import Dataset
from models_ml.scoring.duplicates import groups
from models_ml.scoring.split import split
from tests.models_ml.scoring.undated import undated


def described(count: int = 300, copies: int = 60, columns: int = 12) -> Dataset:
    """Records in twelve answers of three kinds; the last ones repeat the first, some with the other outcome."""
    random = np.random.default_rng(3)
    answers = random.choice(["yes", "no", "unknown"], (count, columns))
    answers[-copies:] = answers[:copies]
    return undated(random.random(count) < 0.5, {f"Answer {n}": answers[:, n] for n in range(columns)})


def test_identical_records_are_one_group_whatever_their_outcome() -> None:
    dataset = described()
    group = groups(dataset.rows, dataset.attributes)
    assert (group[-60:] == group[:60]).all()
    assert len(np.unique(group)) == 240


def test_the_group_of_a_record_is_that_of_all_its_rows() -> None:
    dataset = described(count=200, copies=1)
    rows = pd.concat([dataset.rows, dataset.rows.iloc[[0, 5]].assign(**{"Answer 0": "yes"})], ignore_index=True)
    group = groups(rows, dataset.attributes)
    assert group[200] == group[0] == group[199]
    assert group[201] == group[5]


def test_an_empty_value_is_a_value() -> None:
    dataset = described(count=100, copies=1)
    rows = dataset.rows.copy()
    rows.loc[[0, 99], "Answer 3"] = None
    assert groups(rows, dataset.attributes)[0] == groups(rows, dataset.attributes)[99]
    rows.loc[99, "Answer 3"] = "yes"
    assert groups(rows, dataset.attributes)[0] != groups(rows, dataset.attributes)[99]


def test_who_agrees_by_chance_is_not_the_same() -> None:
    dataset = described(columns=3)
    assert len(np.unique(groups(dataset.rows, dataset.attributes))) == 300
    constant = undated([True, False] * 50, {"Kind": ["a"] * 100})
    assert len(np.unique(groups(constant.rows, constant.attributes))) == 100
    assert len(np.unique(groups(constant.rows, ()))) == 100


def test_no_identical_record_is_on_both_sides_and_the_hold_out_is_the_newest() -> None:
    dataset = described()
    parts = split(dataset, 0.2, "all")
    group = groups(dataset.rows, dataset.attributes)
    assert not set(group[parts.older]) & set(group[parts.newer])
    assert np.flatnonzero(parts.newer).tolist() == list(range(240, 300))
    assert parts.older.sum() == 240 - 60
    assert parts.fell_out == (("the same as a held-out record in all attributes: not measured on what was learnt", 60),)
