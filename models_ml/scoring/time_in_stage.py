"""The reason that compares a record's time in its stage with that of won ones, told with the record's own numbers."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models_ml.scoring import wording
from models_ml.scoring.staged import STAGE

DAYS: Final = "days_in_stage"
TO_WON: Final = "days_in_stage_to_won"
"""Of a record: its days in the stage, and these as a multiple of the median days of won ones there."""

Integers = NDArray[np.int64]


def with_own_numbers(
    sentences: pd.Categorical, rows: pd.DataFrame, of_row: Integers, of_attribute: NDArray[np.object_], score_name: str
) -> pd.Categorical:
    """The same sentences, ``days_in_stage_to_won`` with the record's stage and days, and those of won ones.

    "In stage 3-Propose for 41 days; won opportunities spent 12 there: 23 % of such opportunities are won, 39 % overall"
    Where the model does not use stage and days, where a record has none, or entered its stage today, they stay.

    Args:
        sentences: one per reason.
        rows: one per record, with a column per attribute of the model.
        of_row: the number of each reason's row.
        of_attribute: the name of each reason's attribute.
        score_name: whose records they are.
    """
    if not {STAGE, DAYS, TO_WON} <= set(rows.columns):
        return sentences
    days, to_won = rows[DAYS].to_numpy(dtype=np.float64)[of_row], rows[TO_WON].to_numpy(dtype=np.float64)[of_row]
    places = np.flatnonzero((of_attribute == TO_WON) & (days > 0) & (to_won > 0))
    stages = rows[STAGE].astype(object).to_numpy()[of_row[places]]
    whole, won = days[places], days[places] / to_won[places]
    records = wording.nouns(score_name).records
    told = [
        f"In stage {stage} for {_days(spent)}; won {records} spent {typical:.0f} there:{sentence.partition(':')[2]}"
        for stage, spent, typical, sentence in zip(stages, whole, won, sentences[places], strict=True)
    ]
    new, different = pd.factorize(np.array(told, dtype=object))
    codes = sentences.codes.astype(np.int64)
    codes[places] = len(sentences.categories) + new
    return pd.Categorical.from_codes(codes, [*sentences.categories, *different])


def _days(number: float) -> str:
    return "1 day" if number == 1 else f"{number:.0f} days"
