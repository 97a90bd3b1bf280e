"""Forward in time, by record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models_ml.scoring.dataset import Dataset
from models_ml.scoring.split import Split, record_weights, split

DAY = date(2026, 6, 30)


def rows(
    created: Sequence[str | None], label: Sequence[bool | None], known: Sequence[str | None], **other: Sequence[object]
) -> Dataset:
    frame = pd.DataFrame(
        {
            "record_id": other.get("record_id", [f"R{number}" for number in range(len(created))]),
            "created_at": pd.to_datetime(pd.Series(created, dtype=object)),
            "as_of_date": pd.to_datetime(pd.Series(created, dtype=object)).fillna(pd.Timestamp(DAY)),
            "record_order": other.get("record_order", [None] * len(created)),
            "label": label,
            "label_known_on": pd.to_datetime(pd.Series(known, dtype=object)),
            "censored_because": other.get("censored_because", [None] * len(created)),
        }
    )
    frame["record_order"] = frame["record_order"].astype("Float64")
    return Dataset("lead", DAY, frame, (), 0)


def ten(label: bool | None = True) -> Dataset:
    created = [f"2025-{month:02d}-01" for month in range(1, 11)]
    return rows(created, [label] * 10, created)


def ids(dataset: Dataset, mask: np.ndarray) -> list[str]:
    return list(dataset.rows["record_id"][mask])


@pytest.mark.fact("1d.split")
def test_the_newest_share_is_held_out() -> None:
    dataset = ten()
    parts = split(dataset, 0.2, "all")
    assert ids(dataset, parts.newer) == ["R8", "R9"]
    assert parts.holdout_from == date(2025, 9, 1)
    assert ids(dataset, parts.older) == [f"R{number}" for number in range(8)]


def test_a_record_is_never_on_both_sides() -> None:
    random = np.random.default_rng(1)
    record = np.sort(random.integers(0, 60, 300))
    created = [f"2025-01-{1 + number % 28:02d}" for number in record // 3]
    dataset = rows(created, [True] * 300, created, record_id=[f"R{number}" for number in record])
    parts = split(dataset, 0.3, "all")
    assert parts.newer.any()
    assert parts.older.any()
    assert not set(ids(dataset, parts.older)) & set(ids(dataset, parts.newer))


def test_labels_known_after_the_hold_out_began_are_left_out() -> None:
    created = ["2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01", "2025-05-01"]
    known = ["2025-03-01", "2025-05-01", "2025-05-02", "2025-06-01", "2025-07-01"]
    dataset = rows(created, [True] * 5, known)
    parts = split(dataset, 0.2, "all")
    assert ids(dataset, parts.older) == ["R0", "R1"]
    assert ids(dataset, parts.labelled) == [f"R{number}" for number in range(5)]
    assert parts.fell_out == (("outcome known only after the hold-out begins (embargo)", 2),)


@pytest.mark.fact("1b.created-and-closed")
def test_a_training_window_drops_what_is_older_and_says_so() -> None:
    dataset = ten()
    parts = split(dataset, 0.25, 365)
    assert ids(dataset, parts.labelled) == ["R6", "R7", "R8", "R9"]
    assert parts.fell_out == (("older than the training window (365)", 6),)
    assert split(dataset, 0.25, "all").labelled.all()


def test_what_is_censored_is_counted_by_reason() -> None:
    created = ["2025-01-01", "2025-02-01", "2025-03-01"]
    dataset = rows(created, [True, True, None], created, censored_because=[None, None, "younger than the horizon"])
    assert split(dataset, 0.5, "all").fell_out == (("younger than the horizon", 1),)


def test_where_dates_are_unknown_the_order_counts() -> None:
    dataset = rows([None] * 5, [True] * 5, [None] * 5, record_order=[5, 1, 4, 2, 3])
    parts = split(dataset, 0.4, "all")
    assert sorted(ids(dataset, parts.newer)) == ["R0", "R2"]
    assert parts.holdout_from is None


def test_records_of_one_instant_stay_together() -> None:
    created = ["2025-01-01"] * 3 + ["2025-02-01"] * 4 + ["2025-03-01"] * 3
    parts = split(rows(created, [True] * 10, created), 0.2, "all")
    assert parts.newer.sum() == 3


@pytest.mark.parametrize("created", [["2025-01-01"] * 4, [None] * 4])
def test_without_an_order_nothing_can_be_held_out(created: Sequence[str | None]) -> None:
    parts: Split = split(rows(created, [True] * 4, created), 0.2, "all")
    assert not parts.newer.any()
    assert "order of time" in parts.because


def test_snapshots_of_a_record_share_its_weight() -> None:
    weights = record_weights(np.array(["a", "b", "a", "a"], dtype=object))
    assert weights.tolist() == pytest.approx([1 / 3, 1, 1 / 3, 1 / 3])
