"""The reasons of a score, in points that add up to it and in words."""

from __future__ import annotations

from datetime import date
from typing import Final

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from config.errors import ContractBroken
from models_ml.scoring import wording
from models_ml.scoring.learner import Learner
from models_ml.scoring.time_in_stage import with_own_numbers

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BATCH: Final = 20_000
"""Records to be explained at once: with 60 attributes they take some 400 MB."""

_TINY: Final = 1e-9
_DIRECTIONS: Final = ("positive", "negative")


def reasons_of(learner: Learner, rows: pd.DataFrame, scores: Integers) -> pd.DataFrame:
    """The reasons of each record's score.

    Args:
        learner: the model that scored them, with its explanations.
        rows: one row per record: ``record_id`` and one column per attribute.
        scores: the score of each row, 0-100.

    Returns:
        One row per record and attribute that moves its score, in the order of the rows, the largest points first:
        record_id, attribute, value (as text, empty where not filled), points, direction (positive or negative), rank
        (from 1, among the record's reasons of that direction), sentence, rate and records (of those with such a value
        when the model learnt), rate_overall, base_points. ``base_points`` and all ``points`` of a record add up to its
        score exactly in tenths. Texts are categories, so that a million rows stay small.

    Raises:
        ContractBroken: where the model was saved without explanations.
    """
    known = learner.explanations
    if known is None:
        raise ContractBroken(
            "The model was saved without the words that explain it. "
            "Train the score again: 'sales-insights train', 'validate', 'promote'."
        )
    begin, tenths = points(*learner.contributions(rows), scores)
    order = np.argsort(-tenths, axis=1, kind="stable")
    of_row, place = np.nonzero(np.take_along_axis(tenths, order, axis=1))
    attribute = order[of_row, place]
    moved = tenths[of_row, attribute]
    position = known.lookup.starts[attribute] + np.column_stack(learner.encoder.codes(rows))[of_row, attribute]
    is_negative = (moved < 0).astype(np.int64)
    return pd.DataFrame(
        {
            "record_id": pd.Categorical.from_codes(of_row, rows["record_id"].to_numpy()),
            "attribute": pd.Categorical.from_codes(attribute, list(known.attributes)),
            "value": _values(learner, rows, of_row, attribute),
            "points": moved / 10,
            "direction": pd.Categorical.from_codes(is_negative, _DIRECTIONS),
            "rank": np.where(is_negative, tenths.shape[1] - place, place + 1),
            "sentence": with_own_numbers(
                pd.Categorical.from_codes(known.lookup.sentence_of[position, is_negative], known.lookup.sentences),
                rows,
                of_row,
                np.array(known.attributes, dtype=object)[attribute],
                known.score_name,
            ),
            "rate": known.lookup.rates[position],
            "rate_overall": known.rate,
            "records": known.lookup.records[position],
            "base_points": begin[of_row] / 10,
        },
        copy=False,  # or columns of one type would be copied side by side, for nobody
    )


def points(start: float, added: Floats, scores: Integers) -> tuple[Integers, Integers]:
    """Contributions to the log-odds as tenths of score points, which add up to the score.

    With p the probability and p0 that of the start, an attribute gets its contribution x 100 (p - p0) / (sum of all
    contributions), or x the slope 100 p0 (1 - p0) where that sum is 0. As the score is a whole number, what is lacking
    to it (at most .55) is shared in proportion to the size of the points; then all are rounded down to tenths, and the
    tenths that are left go to the largest remainders (Hamilton's method), at equal ones to the first attribute. An
    attribute that contributes nothing gets nothing.

    Args:
        start: where every record starts, in log-odds.
        added: rows x attributes, what each adds.
        scores: 0-100, one per row.

    Returns:
        Tenths of points at the start, one per row: 1000 p0, rounded, the same for all (its score for a record to which
        no attribute contributes). And rows x attributes: tenths of points.
    """
    counts = added != 0
    number = counts.sum(axis=1)
    begin = np.where(number == 0, 10 * scores, round(1000 * float(expit(start)))).astype(np.int64)
    exact = added * _tenths_per_log_odd(start, added.sum(axis=1))[:, None]
    lacking = 10 * scores - begin - exact.sum(axis=1)
    size = np.abs(exact)
    exact += size * np.divide(lacking, size.sum(axis=1), out=np.zeros(len(exact)), where=number > 0)[:, None]
    tenths = np.floor(exact).astype(np.int64)
    left, of_all = 10 * scores - begin - tenths.sum(axis=1), np.maximum(number, 1)
    remainder = np.where(counts, exact - tenths, -1.0)
    place = np.empty_like(tenths)
    by_remainder = np.argsort(-remainder, axis=1, kind="stable")
    np.put_along_axis(place, by_remainder, np.arange(added.shape[1])[None, :], axis=1)
    tenths += np.where(counts, (left // of_all)[:, None] + (place < (left % of_all)[:, None]), 0)
    return begin, tenths


def _tenths_per_log_odd(start: float, total: Floats) -> Floats:
    """The slope of the chord from the start to the record's probability, in tenths of points."""
    p0 = float(expit(start))
    tangent = np.full(len(total), p0 * (1 - p0))
    chord = np.divide(expit(start + total) - p0, total, out=tangent, where=np.abs(total) > _TINY)
    return np.asarray(1000 * chord)


def _values(learner: Learner, rows: pd.DataFrame, of_row: Integers, of_attribute: Integers) -> pd.Categorical:
    """The values as text, each text once; empty where not filled."""
    places, texts = [], list[str]()
    answers = learner.explanations.yes_no if learner.explanations else ()
    for attribute, is_answer in zip(learner.encoder.attributes, answers, strict=True):
        if attribute.kind == "number":
            place, different = pd.factorize(rows[attribute.name].to_numpy(dtype=np.float64))
            written = wording.yes_no(different) if is_answer else wording.numbers(different)
        else:
            categories = rows[attribute.name].astype("category").cat
            place, written = categories.codes.to_numpy(), categories.categories.astype(str).tolist()
        places.append(np.where(place < 0, -1, place.astype(np.int64) + len(texts)))
        texts += written
    unique, different_texts = pd.factorize(np.array([*texts, ""], dtype=object))
    chosen = np.column_stack(places)[of_row, of_attribute]
    return pd.Categorical.from_codes(np.where(chosen < 0, -1, unique[chosen]), different_texts)


def write_reasons(
    connection: duckdb.DuckDBPyConnection, told: pd.DataFrame, score_name: str, model_id: str, day: date
) -> None:
    """Add what ``reasons_of`` returned to ``scores.reasons``; what stands there of these records and day must be gone.

    Without an order to keep, DuckDB writes many rows of text in half the time.
    """
    connection.execute("set preserve_insertion_order = false")
    connection.register("told", told)
    try:
        connection.execute(
            "insert into scores.reasons by name select $score_name as score_name, $model_id as model_id, "
            "$day as as_of_date, told.* from told",
            {"score_name": score_name, "model_id": model_id, "day": day},
        )
    finally:
        connection.unregister("told")
        connection.execute("set preserve_insertion_order = true")
