"""What a person reads before a model is put to use: comparison, windows, weaknesses and leaks, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from models_ml.scoring.accuracy import (
    ACTIVE,
    BASE_RATE,
    GAINS,
    HOLDOUT,
    LOGISTIC,
    MEMBER,
    NEW_TO_BOTH,
    Figure,
    find,
)
from models_ml.scoring.backtest import RANDOM, WINDOW
from models_ml.scoring.wording import nouns, per_cent

_MOST_NAMES: Final = 8
_ILLUSION: Final = 0.03


def report_lines(
    score_name: str, figures: list[Figure], curve_rows: pd.DataFrame, champion_id: str | None, member: str
) -> list[str]:
    """The comparison with plainer models and the active one, threshold, gains, windows, random split, member."""
    return [
        line
        for line in (
            _plainer(figures),
            _active(figures, champion_id),
            _threshold(score_name, figures),
            _gains(score_name, curve_rows),
            _windows(figures),
            _random(figures),
            _member(figures, member),
        )
        if line
    ]


def leak_lines(excluded: Sequence[str], suspected: Sequence[str]) -> list[str]:
    """The leak report in short; ``train`` and scores.attributes tell the evidence."""
    told = [
        f"{said}: {_listed(names)}"
        for said, names in (("Left out as leaks", excluded), ("Suspected of a leak, and used", suspected))
        if names
    ]
    return told or ["No attribute is suspected of a leak."]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _value(figures: list[Figure], part: str, name: str, group_name: str = "") -> str:
    one = find(figures, part, name, group_name)
    return "not measurable" if one is None or one.value is None else f"{one.value:.3f}"


def _plainer(figures: list[Figure]) -> str:
    told = [
        f"{part if part != HOLDOUT else 'this model'} {_value(figures, part, 'auc')} / {_value(figures, part, 'brier')}"
        for part in (HOLDOUT, LOGISTIC, BASE_RATE)
    ]
    return f"AUC / Brier score on the same records: {', '.join(told)}"


def _active(figures: list[Figure], champion_id: str | None) -> str:
    if champion_id is None:
        return "No version is in use that it could be compared with."
    one = find(figures, ACTIVE, "auc")
    if one is None:
        return f"The version in use, {champion_id}, could not be compared: too few records are new to both."
    new = " / ".join(_value(figures, HOLDOUT, name, NEW_TO_BOTH) for name in ("auc", "brier"))
    old = " / ".join(_value(figures, ACTIVE, name) for name in ("auc", "brier"))
    return (
        f"AUC / Brier score on {one.records:,} records new to both: this model {new}, the version in use, "
        f"{champion_id}, {old}"
    )


def _threshold(score_name: str, figures: list[Figure]) -> str:
    one = find(figures, HOLDOUT, "threshold")
    if one is None or one.value is None:
        return ""
    told = ", ".join(
        f"{words} {_value(figures, HOLDOUT, name)}"
        for name, words in (
            ("accuracy", "accuracy"),
            ("precision", "precision"),
            ("recall", "recall"),
            ("f1", "F1"),
            ("conversion_rate", "conversion rate"),
        )
    )
    return f"Predicted {nouns(score_name).outcome} above a score of {one.value:.0f} (the largest F1): {told}"


def _gains(score_name: str, curve_rows: pd.DataFrame) -> str:
    tenths = curve_rows[curve_rows["curve"] == GAINS]
    if tenths.empty or tenths["captured"].isna().any():
        return ""
    best, words = tenths.iloc[0], nouns(score_name)
    return (
        f"The best tenth holds {per_cent(best['captured'])} of all {words.records} that were {words.outcome}, "
        f"{best['lift']:.1f} times its share"
    )


def _windows(figures: list[Figure]) -> str:
    told = []
    for one in figures:
        if one.part == WINDOW and one.measure == "auc" and one.value is not None:
            promised, came = (find(figures, WINDOW, name, one.group_name) for name in ("mean_probability", "base_rate"))
            name = "newest" if one.group_name == HOLDOUT else str(one.begins or one.group_name)
            told.append(f"{name} {one.value:.2f} ({_share(promised)}, {_share(came)})")
    return f"AUC by window (promised, came): {', '.join(told)}"


def _share(one: Figure | None) -> str:
    return "unknown" if one is None or one.value is None else per_cent(one.value)


def _random(figures: list[Figure]) -> str:
    drawn, forward = find(figures, RANDOM, "auc"), find(figures, HOLDOUT, "auc")
    if drawn is None or drawn.value is None or forward is None or forward.value is None:
        return ""
    if drawn.value - forward.value < _ILLUSION:
        return f"A random split shows AUC {drawn.value:.3f}; it learns from the records' own time and promises nothing."
    return (
        f"Warning: a random split shows AUC {drawn.value:.3f}. That is an illusion, as it learns from the records' own "
        f"time; forward in time there is {forward.value:.3f}."
    )


def _member(figures: list[Figure], member: str) -> str:
    told = ", ".join(
        f"{one.group_name} {one.value:.3f}" for one in figures if (one.part, one.measure) == (MEMBER, "auc")
    )
    return f"Used of the learner: {member}. Mean AUC in the windows before: {told}" if told else ""
