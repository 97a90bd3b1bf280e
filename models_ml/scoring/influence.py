"""What attributes have done among the records learnt from: their influence, and the rates of their values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models_ml import metrics
from models_ml.scoring import wording
from models_ml.scoring.explanations import ALL, Explanations, Value
from models_ml.scoring.leakage import Decision
from models_ml.scoring.learner import Learner
from models_ml.scoring.split import record_numbers, record_weights
from models_ml.threads import side_by_side

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_RECORDS: Final = 20
"""No rate is shown of fewer records: it would be chance."""

SCALE: Final = ((0.20, "Very high"), (0.10, "High"), (0.04, "Medium"), (0.01, "Low"), (0.0, "Very low"))
"""The influence from which share of all contributions on; the words are those of the product."""

_MOST_ROWS: Final = 50_000
_LEAST_IN_STAGE: Final = 40


def learn_explanations(
    learner: Learner, rows: pd.DataFrame, score_name: str, horizon_days: int | None, *, by: str | None = None
) -> Explanations:
    """Words, rates and influences, from the rows that the model learnt from.

    A rate is that of the label, each record weighing 1 however often it was looked at. The influence is the mean size
    of an attribute's contributions as a share of all; from 50,000 rows on every second or third row is enough for it.

    Args:
        learner: the fitted model.
        rows: ``record_id``, ``label``, and one column per attribute.
        score_name: whose outcome the label is.
        horizon_days: within how many days; None: in the end.
        by: a column whose values are stages: those of 40 records and more get their influences too.
    """
    labels, weights = rows["label"].to_numpy().astype(bool), record_weights(rows["record_id"])
    records = record_numbers(rows["record_id"])
    codes, encoder = learner.encoder.codes(rows), learner.encoder

    def of_attribute(index: int) -> tuple[bool, tuple[Value, ...]]:
        attribute = encoder.attributes[index]
        numbers = np.unique(rows[attribute.name].dropna().to_numpy()) if attribute.kind == "number" else np.empty(0)
        is_answer = attribute.kind == "number" and wording.is_yes_no(attribute.name, numbers)
        words = _words(learner, index, numbers, is_answer=is_answer)
        return is_answer, tuple(map(Value, words, *_rates(codes[index], len(words), labels, weights, records)))

    known = list(side_by_side(of_attribute, range(len(encoder.attributes))))
    return Explanations(
        score_name,
        horizon_days,
        metrics.base_rate(labels, weights),
        tuple(attribute.name for attribute in encoder.attributes),
        tuple(values for _, values in known),
        tuple(is_answer for is_answer, _ in known),
        dict(_influences(learner, rows, weights, by)),
    )


def _words(learner: Learner, index: int, numbers: Floats, *, is_answer: bool) -> list[str]:
    """What each code of an attribute is called."""
    levels, edges = learner.encoder.levels[index], learner.encoder.edges[index]
    if edges is None:
        of_values = [wording.level(value) for value in levels or ()]
    else:
        of_values = wording.yes_no(numbers) if is_answer and len(numbers) == 2 else wording.bins(edges, numbers)
    return [wording.NOT_FILLED, wording.RARE, *of_values]


def _rates(
    codes: Integers, number: int, labels: NDArray[np.bool_], weights: Floats, records: Integers
) -> tuple[list[float | None], list[int]]:
    """Per code the rate among its records, where they are enough, and how many they are."""
    pairs = pd.unique(codes * (records.max() + 1) + records)
    counts = np.bincount(pairs // (records.max() + 1), minlength=number)
    all_weights = np.bincount(codes, weights, number)
    positive = np.bincount(codes, weights * labels, number)
    rates = np.divide(positive, all_weights, out=np.zeros(number), where=all_weights > 0)
    enough = counts >= LEAST_RECORDS
    return [float(rate) if is_enough else None for rate, is_enough in zip(rates, enough, strict=True)], counts.tolist()


def _influences(
    learner: Learner, rows: pd.DataFrame, weights: Floats, by: str | None
) -> Iterator[tuple[str, tuple[float | None, ...]]]:
    """Stage and the shares of its attributes, None where all its records have one value; over all records first."""
    step = -(-len(rows) // _MOST_ROWS)
    some, weights = rows[::step], weights[::step]
    size = np.abs(learner.contributions(some)[1])
    yield ALL, _shares(size, weights)
    if by is None:
        return
    codes = np.column_stack(learner.encoder.codes(some))
    stages = some[by].astype(str).where(some[by].notna()).to_numpy()
    counted = some.groupby(stages)["record_id"].nunique()
    for stage in sorted(counted.index[counted >= _LEAST_IN_STAGE]):
        inside = stages == stage
        differs = np.ptp(codes[inside], axis=0) > 0
        shares = _shares(size[inside] * differs, weights[inside])
        yield str(stage), tuple(share if tells else None for share, tells in zip(shares, differs, strict=True))


def _shares(size: Floats, weights: Floats) -> tuple[float, ...]:
    mean = weights @ size
    return tuple((mean / mean.sum() if mean.sum() else mean).tolist())


def influence_word(share: float) -> str:
    """The five-step scale of an attribute's share of all contributions."""
    return next(word for least, word in SCALE if share >= least)


def influence_rows(known: Explanations, decisions: Sequence[Decision]) -> pd.DataFrame:
    """One row per attribute and stage: its influence, where it is filled, and, where it is not used, why.

    ``stage`` is empty for the influence over all records; attributes that are not used have that row alone, and a stage
    has none of an attribute that is the same on all its records: it does not apply there.
    """
    decided = {decision.attribute: decision for decision in decisions}
    rows = [
        {"attribute": name, "stage": stage, "share": share, "influence": influence_word(share)}
        for stage, shares in known.influence.items()
        for name, share in zip(known.attributes, shares, strict=True)
        if share is not None
    ]
    rows += [{"attribute": name, "stage": ALL} for name in decided if name not in known.attributes]
    for row in rows:
        decision = decided[str(row["attribute"])]
        row["reason_not_used"] = None if decision.is_used else decision.reason
        row |= {"filled_open": decision.filled_open, "filled_closed": decision.filled_closed}
    return pd.DataFrame(rows)


def value_rate_rows(known: Explanations) -> pd.DataFrame:
    """One row per attribute used and value that records had: its rate beside the global one, values in their order."""
    rows = [
        {
            "attribute": name,
            "position": position,
            "value": value.words,
            "records": value.records,
            "rate": value.rate,
            "rate_overall": known.rate,
            "difference_points": None if value.rate is None else 100 * (value.rate - known.rate),
            "difference": None if value.rate is None else wording.difference(value.rate, known.rate),
        }
        for name, values in zip(known.attributes, known.values, strict=True)
        for position, value in enumerate(values)
        if value.records
    ]
    return pd.DataFrame(rows)


def write_influence(
    connection: duckdb.DuckDBPyConnection, model_id: str, known: Explanations, decisions: Sequence[Decision]
) -> None:
    """Write ``scores.influence`` and ``scores.value_rates`` of a model anew."""
    key = {"score_name": known.score_name, "model_id": model_id}
    influence, value_rates = influence_rows(known, decisions), value_rate_rows(known)
    for table, frame in (("scores.influence", influence), ("scores.value_rates", value_rates)):
        connection.execute(f"delete from {table} where score_name = $score_name and model_id = $model_id", key)
        connection.register("told", frame)
        connection.execute(
            f"insert into {table} by name select $score_name as score_name, $model_id as model_id, told.* from told",
            key,
        )
        connection.unregister("told")
