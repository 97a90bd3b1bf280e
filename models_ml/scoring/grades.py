"""Grades: what became of the held-out records of each range of scores, and ranges derived from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.isotonic import isotonic_regression

from config.schema.grades import SHIPPED, Grades, GradesOrDefault, Range

if TYPE_CHECKING:  # brings the registry with it, which who only previews grades does not need
    from models_ml.scoring.evaluation import Evaluation

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Source = Literal["configured", "derived", "shipped"]

_LEAST_RECORDS: Final = 100
_LEAST_OF_AN_OUTCOME: Final = 10
_LEAST_SHARE: Final = 0.05
_LEAST_IN_GRADE: Final = 10
_TIMES_THE_ODDS: Final = (0.5, 1.0, 2.0)
"""At which C, B and A begin: times the overall odds."""
_EDGE: Final = 1e-6


@dataclass(frozen=True)
class GradeFigures:
    """What is known of the records of a grade, from the hold-out.

    Attributes:
        grade: A to D.
        minimum, maximum: its scores, both included.
        conversion: share (0-1) of its records with the wanted outcome; None where it has none.
        lift: conversion over that of all records; None where either is not known.
        share: of all held-out records (0-1).
    """

    grade: str
    minimum: int
    maximum: int
    conversion: float | None
    lift: float | None
    share: float | None


@dataclass(frozen=True)
class HeldOut:
    """Scores (0-100) and outcomes of the held-out rows; each record weighs 1. Empty where there is no model."""

    labels: Bools
    scores: Integers
    weights: Floats

    @classmethod
    def of(cls, evaluation: Evaluation) -> HeldOut:
        """Those of a model."""
        labels, probabilities, weights = evaluation.columns()
        return cls(labels, score_of(probabilities), weights)

    @classmethod
    def nothing(cls) -> HeldOut:
        """Where no model is in use."""
        return cls(np.empty(0, bool), np.empty(0, np.int64), np.empty(0))

    @classmethod
    def of_counts(cls, counts: Sequence[tuple[int, float, float]]) -> HeldOut:
        """What ``counts`` told."""
        scores = np.array([score for score, _, _ in counts], dtype=np.int64)
        positive = np.array([positive for _, _, positive in counts], dtype=np.float64)
        negative = np.array([records for _, records, _ in counts], dtype=np.float64) - positive
        return cls(np.repeat([True, False], len(counts)), np.tile(scores, 2), np.concatenate([positive, negative]))

    def counts(self) -> list[tuple[int, float, float]]:
        """Each score with its records and those of them with the wanted outcome: all that grades need to know."""
        scores, at = np.unique(self.scores, return_inverse=True)
        records = np.bincount(at, self.weights)
        positive = np.bincount(at, self.weights * self.labels)
        return list(zip(scores.tolist(), records.tolist(), positive.tolist(), strict=True))

    @property
    def records(self) -> int:
        """How many records were held out."""
        return round(float(self.weights.sum()))

    @property
    def rate(self) -> float | None:
        """The overall conversion (0-1); None without records."""
        return float(np.average(self.labels, weights=self.weights)) if len(self.labels) else None

    def conversion(self, rows: Bools) -> float | None:
        """The conversion (0-1) of some rows; None where they are none."""
        return float(np.average(self.labels[rows], weights=self.weights[rows])) if rows.any() else None


@dataclass(frozen=True)
class Chosen:
    """Ranges, where they come from, and why in one sentence."""

    grades: Grades
    source: Source
    because: str


def score_of(probabilities: Floats) -> Integers:
    """The score of a probability (0-1): its per cent, rounded half up."""
    return np.asarray(np.floor(100 * probabilities + 0.5), dtype=np.int64)


def figures(held_out: HeldOut, grades: Grades) -> list[GradeFigures]:
    """Conversion, lift (conversion / overall conversion) and share of every grade, the best first."""
    return [_figures(held_out, grade, scores) for grade, scores in grades.ranges().items()]


def choose(wanted: GradesOrDefault, held_out: HeldOut) -> Chosen:
    """The ranges that an administrator wrote, or those that the held-out records give."""
    if isinstance(wanted, Grades):
        return Chosen(wanted, "configured", "Set by an administrator.")
    return derive(held_out)


def derive(held_out: HeldOut) -> Chosen:
    """Ranges whose bounds lie where the odds of the wanted outcome are twice, once and half the overall odds.

    The conversion of each score is estimated by isotonic regression (Zadrozny & Elkan 2002), which never falls as the
    score rises; a grade begins where it rises. Of all such ranges that give each grade 5 % of the records, at least
    ten, those are taken whose bounds miss the wanted odds by least (squared difference of log-odds). So a better grade
    always converted better. The shipped ranges hold where the records are too few, or fall into fewer than four groups.
    """
    because = _too_few(held_out)
    if because:
        return _shipped(because)
    minima = _nearest_cuts(_steps(held_out), held_out)
    if minima is None:
        return _shipped("the held-out scores do not fall into four groups, each of which converts better than the last")
    c, b, a = minima
    because = f"Derived from {held_out.records:,} held-out records: twice, once and half the overall odds."
    return Chosen(Grades(A=a, B=b, C=c), "derived", because)


@dataclass(frozen=True)
class _Steps:
    """Scores from which on records convert better than below them, in ascending order.

    Attributes:
        scores: the least one above each step.
        below, above: log-odds of the estimated conversion on both sides.
        weights_below: records with lower scores.
    """

    scores: Integers
    below: Floats
    above: Floats
    weights_below: Floats


def _figures(held_out: HeldOut, grade: str, scores: Range) -> GradeFigures:
    rows = (held_out.scores >= scores[0]) & (held_out.scores <= scores[1])
    conversion, overall = held_out.conversion(rows), held_out.rate
    lift = conversion / overall if conversion is not None and overall else None
    share = float(held_out.weights[rows].sum() / held_out.weights.sum()) if overall is not None else None
    return GradeFigures(grade, *scores, conversion, lift, share)


def _too_few(held_out: HeldOut) -> str:
    """Why nothing can be derived; empty where it can."""
    if not held_out.records:
        return "no model is in use, so there are no held-out records"
    if held_out.records < _LEAST_RECORDS:
        return f"only {held_out.records} records were held out, and {_LEAST_RECORDS} are needed"
    with_it = round(float(held_out.weights[held_out.labels].sum()))
    rarer = min(with_it, held_out.records - with_it)
    if rarer < _LEAST_OF_AN_OUTCOME:
        return (
            f"one of the outcomes came {rarer} times among the held-out records, and {_LEAST_OF_AN_OUTCOME} are needed"
        )
    return ""


def _shipped(because: str) -> Chosen:
    return Chosen(SHIPPED, "shipped", f"Nothing could be derived: {because}. The shipped ranges hold until then.")


def _steps(held_out: HeldOut) -> _Steps:
    """Where the estimated conversion rises: at most a hundred scores."""
    scores, at = np.unique(held_out.scores, return_inverse=True)
    weights = np.bincount(at, held_out.weights)
    rates = np.bincount(at, held_out.weights * held_out.labels) / weights
    fitted = logit(np.clip(isotonic_regression(rates, sample_weight=weights), _EDGE, 1 - _EDGE))
    rises = np.flatnonzero(np.diff(fitted) > _EDGE)
    return _Steps(scores[rises + 1], fitted[rises], fitted[rises + 1], np.cumsum(weights, dtype=np.float64)[rises])


def _nearest_cuts(steps: _Steps, held_out: HeldOut) -> tuple[int, int, int] | None:
    """The least scores of C, B and A that miss the wanted odds by least; a step that spans them misses by nothing.

    None where no three steps leave every grade enough records.
    """
    total = float(held_out.weights.sum())
    wanted = logit(held_out.rate or 0.0) + np.log(_TIMES_THE_ODDS)
    cuts = np.array(list(combinations(range(len(steps.scores)), len(_TIMES_THE_ODDS))), dtype=np.int64)
    cuts = cuts.reshape(-1, len(_TIMES_THE_ODDS))
    in_grades = np.diff(steps.weights_below[cuts], axis=1, prepend=0.0, append=total)
    cuts = cuts[in_grades.min(axis=1) >= max(_LEAST_SHARE * total, _LEAST_IN_GRADE)]
    if not len(cuts):
        return None
    missed = np.maximum(0.0, np.maximum(wanted - steps.above[cuts], steps.below[cuts] - wanted))
    c, b, a = steps.scores[cuts[np.argmin(np.square(missed).sum(axis=1))]]
    return int(c), int(b), int(a)
