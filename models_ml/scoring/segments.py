"""Where a model is good and where it is not: by source, industry, owner and the like, and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from models_ml.scoring import wording
from models_ml.scoring.accuracy import HOLDOUT, Figure, brief, find
from models_ml.scoring.backtest import WINDOW
from models_ml.scoring.evaluation import SEGMENT, SEGMENTS

PART: Final = "segment"
UNJUDGED: Final = "share_unjudged"
_LEAST_RECORDS: Final = 50
_LEAST_OF_EITHER: Final = 10
_MENTIONED: Final = 0.1
_MENTIONED_NEVER: Final = "owner_id"
_CHANCE: Final = 0.5
_MOST_SENTENCES: Final = 4


def segment_figures(holdout: pd.DataFrame) -> list[Figure]:
    """Figures of each value with 50 held-out records, 10 of either outcome; and the share of records in the others.

    ``group_name`` is "source = web"; for the share that could not be judged it is "source".
    """
    found: list[Figure] = []
    for name in SEGMENTS:
        if (column := f"{SEGMENT}{name}") not in holdout:
            continue
        filled = holdout[holdout[column].notna()]
        left = 0
        for value, rows in filled.groupby(column, observed=True):
            positive = rows.groupby("record_id")["label"].any()
            if len(positive) == holdout["record_id"].nunique():
                continue  # no segment: all records have that value
            if len(positive) < _LEAST_RECORDS or min(positive.sum(), (~positive).sum()) < _LEAST_OF_EITHER:
                left += len(positive)
                continue
            found += brief(PART, rows, f"{name} = {_written(name, value)}")
        if len(filled):
            share = left / filled["record_id"].nunique()
            found.append(Figure(PART, name, UNJUDGED, round(share, 6), records=left))
    return found


def weaknesses(figures: Sequence[Figure], score_name: str, ok_from: float) -> list[str]:
    """What the model will not be good at, in sentences, the worst first.

    A segment is named where its AUC lies below the bound for OK, or its whole interval below that of all records; a
    window of the past likewise. Then what is too rare to be judged.
    """
    listed = list(figures)
    records = wording.nouns(score_name).records.capitalize()
    whole = find(listed, HOLDOUT, "auc")
    bound = whole.low if whole and whole.low is not None else 0.0
    if bound < ok_from:
        return [f"{records} at all: that its ranking is better than chance is not shown."]
    weak = [
        one
        for one in listed
        if one.part in (PART, WINDOW)
        and one.group_name != HOLDOUT
        and one.measure == "auc"
        and one.value is not None
        and (one.value < ok_from or (one.high is not None and one.high < bound))
    ]
    told = [_sentence(one, records, ok_from) for one in sorted(weak, key=lambda one: (one.value or 0, one.group_name))]
    more = (
        [f"{len(told) - _MOST_SENTENCES} more such groups: see scores.accuracy."] if len(told) > _MOST_SENTENCES else []
    )
    return [*told[:_MOST_SENTENCES], *more, *_unjudged(listed)]


def _sentence(one: Figure, records: str, ok_from: float) -> str:
    if one.part == WINDOW:
        who = f"{records} created from {one.begins} on" if one.begins else f"{records} of window {one.group_name}"
    else:
        name, _, value = one.group_name.partition(" = ")
        who = f"{records} with {wording.attribute_words(name)} = {value}"
    how = "little better than chance" if (one.value or 0) < ok_from else "clearly worse than all together"
    if one.high is not None and one.high < _CHANCE:
        how = "worse than chance"
    interval = f", {one.low:.2f} to {one.high:.2f}" if one.low is not None and one.high is not None else ""
    return f"{who}: AUC {one.value:.2f} ({one.records:,} records{interval}), {how}."


def _unjudged(figures: Sequence[Figure]) -> Iterator[str]:
    """One sentence about values that are too rare; owners are always."""
    rare = [
        f"{wording.attribute_words(one.group_name)} ({wording.per_cent(one.value or 0)} of the records)"
        for one in figures
        if one.measure == UNJUDGED and (one.value or 0) >= _MENTIONED and one.group_name != _MENTIONED_NEVER
    ]
    if rare:
        yield f"Values too rare to be judged one by one: {', '.join(rare)}."


def _written(name: str, value: object) -> str:
    """A value as text; the answer to has_… is yes or no."""
    if name.startswith("has_"):
        return "yes" if value else "no"
    return wording.level(str(value))
