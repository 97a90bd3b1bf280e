"""Records without dates, in memory: what a mapping with an order alone gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from models_ml.scoring.attributes import Attribute
from models_ml.scoring.dataset import Dataset
from tests.models_ml.scoring.company import DAY


def undated(labels: Sequence[bool] | np.ndarray, columns: Mapping[str, object]) -> Dataset:
    """A dataset of decided records in the order given; columns of text are categories, all are custom."""
    rows = pd.DataFrame(dict(columns))
    attributes = []
    for name in columns:
        is_number = pd.api.types.is_numeric_dtype(rows[name])
        rows[name] = rows[name].astype(np.float64 if is_number else "category")
        attributes.append(Attribute(name, "number" if is_number else "category", name))
    count = len(rows)
    meta = pd.DataFrame(
        {
            "record_id": [f"R{number:05d}" for number in range(count)],
            "as_of_date": pd.Timestamp(DAY),
            "created_at": pd.Series([pd.NaT] * count, dtype="datetime64[ns]"),
            "record_order": pd.Series(range(count), dtype="Float64"),
            "is_hindsight": True,
            "is_current": False,
            "label": np.asarray(labels, dtype=bool),
            "outcome": np.where(labels, "positive", "negative"),
            "label_known_on": pd.Series([pd.NaT] * count, dtype="datetime64[ns]"),
            "censored_because": None,
        }
    )
    return Dataset("lead", DAY, pd.concat([meta, rows], axis=1), tuple(attributes), 0)
