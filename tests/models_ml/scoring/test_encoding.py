"""Bins and levels, applied to rows never seen."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from models_ml.scoring.attributes import Attribute
from models_ml.scoring.encoding import Encoder

COLOUR, SIZE = Attribute("colour", "category"), Attribute("size", "number")


def frame(colours: list[str | None], sizes: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"colour": pd.Series(colours, dtype="category"), "size": sizes})


def fitted() -> Encoder:
    colours = ["red"] * 60 + ["blue"] * 30 + ["odd"] * 2 + [None] * 8
    return Encoder.fit(frame(colours, [float(number) for number in range(100)]), (COLOUR, SIZE))


def test_rare_and_unseen_levels_share_one_place_and_empty_has_its_own() -> None:
    codes = fitted().codes(frame(["red", "blue", "odd", "green", None], [0.0] * 5))[0]
    assert codes.tolist() == [2, 3, 1, 1, 0]


def test_numbers_fall_into_bins_and_empty_has_its_own() -> None:
    encoder = fitted()
    codes = encoder.codes(frame([None] * 4, [-50.0, 9.0, 1e9, np.nan]))[1]
    assert codes.tolist() == [2, 2, 11, 0]
    assert encoder.width(1) == 12


def test_few_different_numbers_have_a_bin_each() -> None:
    encoder = Encoder.fit(pd.DataFrame({"size": [1.0] * 97 + [0.0] * 3}), (SIZE,))
    assert encoder.codes(pd.DataFrame({"size": [0.0, 1.0]}))[0].tolist() == [2, 3]


def test_each_row_has_one_indicator_per_attribute() -> None:
    encoder = fitted()
    indicators = encoder.indicators(frame(["red", "green", None], [1.0, np.nan, 99.0])).toarray()
    assert indicators.sum(axis=1).tolist() == [2, 2, 2]
    assert indicators.shape[1] == encoder.width(0) + encoder.width(1)


def test_the_order_of_categories_in_a_batch_does_not_matter() -> None:
    encoder = fitted()
    one = frame(["blue", "red"], [1.0, 2.0])
    other = one.assign(colour=one["colour"].cat.set_categories(["zebra", "red", "blue"]))
    assert encoder.table(one).tolist() == encoder.table(other).tolist()


def test_what_is_saved_is_the_same_encoder() -> None:
    encoder = fitted()
    again = Encoder.from_json(json.loads(json.dumps(encoder.to_json())))
    rows = frame(["red", None, "green"], [3.3, np.nan, 70.0])
    assert again.table(rows)[:, 0].tolist() == encoder.table(rows)[:, 0].tolist()
    assert again.attributes == encoder.attributes
    assert (again.indicators(rows) != encoder.indicators(rows)).nnz == 0
