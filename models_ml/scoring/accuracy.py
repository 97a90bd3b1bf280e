"""How good a model is, in figures: on the hold-out, beside plainer models, window by window and by segment."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Final

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models_ml import metrics
from models_ml.scoring.backtest import RANDOM, WINDOW
from models_ml.scoring.evaluation import Evaluation
from models_ml.scoring.split import record_numbers

HOLDOUT: Final = "holdout"
BASE_RATE: Final = "base rate"
LOGISTIC: Final = "logistic regression"
ACTIVE: Final = "active model"
MEMBER: Final = "member"
NEW_TO_BOTH: Final = "new to the active model"
CALIBRATION: Final = "calibration"
GAINS: Final = "gains"
_DIGITS: Final = 6


@dataclass(frozen=True)
class Figure:
    """A row of ``scores.accuracy``, without its model.

    Attributes:
        part: what was measured: holdout, window, segment, random split, member; or, on the records of the hold-out,
            base rate, logistic regression, active model.
        group_name: the window's number, the segment's value, the member's name; else empty.
        measure: which figure.
        value, low, high: the figure and its 95 % interval, where there is one.
        records: on how many records.
        begins: the day of a window's first record.
    """

    part: str
    group_name: str
    measure: str
    value: float | None
    low: float | None = None
    high: float | None = None
    records: int | None = None
    begins: date | None = None


def measure(evaluation: Evaluation, new_to_both: pd.DataFrame | None) -> list[Figure]:
    """All figures but those of segments.

    Args:
        evaluation: of the model.
        new_to_both: rows of the hold-out that the active model cannot have learnt from either; None where it cannot be
            compared.
    """
    rows = evaluation.holdout
    found = full(HOLDOUT, rows, "probability")
    if "logistic_probability" in rows:
        found += full(LOGISTIC, rows, "logistic_probability")
    if evaluation.older_rate is not None:
        found += full(BASE_RATE, rows.assign(base_rate=evaluation.older_rate), "base_rate")
    if new_to_both is not None:
        found += full(ACTIVE, new_to_both, "champion_probability")
        found += full(HOLDOUT, new_to_both, "probability", NEW_TO_BOTH)
    past = evaluation.past
    for number, window in past[past["part"] == WINDOW].groupby("number"):
        begins = window["begins"].iloc[0]
        found += brief(WINDOW, window, str(number), None if pd.isna(begins) else begins.date())
    found += brief(WINDOW, rows, HOLDOUT, auc=found[0])
    found += brief(RANDOM, past[past["part"] == RANDOM])
    for member, score in evaluation.members.items():
        told = {"auc": score.auc, "log_loss": score.log_loss, "windows_won": float(score.windows_won)}
        found += [Figure(MEMBER, member, name, value) for name, value in told.items()]
    return found


def brief(
    part: str, rows: pd.DataFrame, group_name: str = "", begins: date | None = None, auc: Figure | None = None
) -> list[Figure]:
    """AUC, promised share (``mean_probability``), realised share (``base_rate``), and the difference of both.

    Args:
        part: as in ``Figure``.
        group_name: likewise.
        begins: likewise.
        rows: record_id, label, weight, probability.
        auc: that of these rows, where it is known: its interval takes long.
    """
    if rows.empty:
        return []
    labels, promised, weights, records = _columns(rows, "probability")
    surplus = labels - promised
    means = {"base_rate": labels.astype(np.float64), "realised_minus_promised": surplus}
    auc = auc or _auc(rows, "probability")
    found = [
        replace(auc, part=part, group_name=group_name),
        Figure(part, group_name, "mean_probability", float(np.average(promised, weights=weights))),
        Figure(part, group_name, "brier", metrics.brier(labels, promised, weights)),
        *(
            Figure(
                part,
                group_name,
                name,
                float(np.average(values, weights=weights)),
                *metrics.mean_interval(values, weights, records),
            )
            for name, values in means.items()
        ),
    ]
    return [replace(_rounded(one), records=int(records.max()) + 1, begins=begins) for one in found]


def full(part: str, rows: pd.DataFrame, column: str, group_name: str = "") -> list[Figure]:
    """Ranking, distance, calibration and what the F1-optimal threshold makes of the scores."""
    labels, promised, weights, records = _columns(rows, column)
    cells = metrics.confusion(labels, (100 * promised + 0.5).astype(np.int64), weights)
    values = {
        "pr_auc": metrics.average_precision(labels, promised, weights),
        "brier": metrics.brier(labels, promised, weights),
        "log_loss": metrics.log_loss(labels, np.clip(promised, 1e-6, 1 - 1e-6), weights),
        "calibration_error": metrics.calibration_error(labels, promised, weights),
        "mean_probability": float(np.average(promised, weights=weights)),
        "threshold": float(cells.threshold),
        "true_positive": cells.true_positive,
        "false_positive": cells.false_positive,
        "true_negative": cells.true_negative,
        "false_negative": cells.false_negative,
        "accuracy": cells.accuracy,
        "precision": cells.precision,
        "recall": cells.recall,
        "f1": cells.f1,
        "conversion_rate": cells.conversion_rate,
    }
    found = [replace(_auc(rows, column), part=part, group_name=group_name)]
    found += [Figure(part, group_name, name, value) for name, value in values.items()]
    return [replace(_rounded(one), records=int(records.max()) + 1) for one in found]


def curves(evaluation: Evaluation) -> pd.DataFrame:
    """The rows of ``scores.curves``, without their model: calibration and gains on the hold-out."""
    columns = evaluation.columns()
    told = [
        metrics.calibration_curve(*columns).assign(curve=CALIBRATION),
        metrics.gains(*columns).assign(curve=GAINS),
    ]
    for one in told:
        one["position"] = np.arange(1, len(one) + 1)
    return pd.concat(told, ignore_index=True).round(_DIGITS)


def write_accuracy(
    connection: duckdb.DuckDBPyConnection, key: dict[str, str], figures: list[Figure], curve_rows: pd.DataFrame
) -> None:
    """Write ``scores.accuracy`` and ``scores.curves`` of a model anew.

    Args:
        connection: to the warehouse, inside a transaction.
        key: score_name, model_name and model_id.
        figures: all of the model.
        curve_rows: from ``curves``.
    """
    named = ", ".join(f"${name} as {name}" for name in key)
    names = [field.name for field in fields(Figure)]
    table = pd.DataFrame([[getattr(one, name) for name in names] for one in figures], columns=names)
    typed = table.astype({"value": float, "low": float, "high": float, "records": "Int64"})
    typed["begins"] = pd.to_datetime(typed["begins"])
    for target, frame in (("scores.accuracy", typed), ("scores.curves", curve_rows)):
        connection.execute(f"delete from {target} where model_id = ?", [key["model_id"]])
        connection.register("told", frame)
        connection.execute(f"insert into {target} by name select {named}, told.* from told", key)
        connection.unregister("told")


def find(figures: list[Figure], part: str, name: str, group_name: str = "") -> Figure | None:
    """The figure of that part, group and measure, or None."""
    return next((one for one in figures if (one.part, one.group_name, one.measure) == (part, group_name, name)), None)


def _columns(
    rows: pd.DataFrame, column: str
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    return (
        rows["label"].to_numpy(dtype=bool),
        rows[column].to_numpy(dtype=np.float64),
        rows["weight"].to_numpy(dtype=np.float64),
        record_numbers(rows["record_id"]),
    )


def _auc(rows: pd.DataFrame, column: str) -> Figure:
    """The AUC with its interval, of no part yet."""
    labels, promised, weights, records = _columns(rows, column)
    interval = metrics.auc_interval(labels, promised, weights, records) or (None, None)
    return Figure("", "", "auc", metrics.auc(labels, promised, weights), *interval)


def _rounded(one: Figure) -> Figure:
    value, low, high = (None if each is None else round(each, _DIGITS) for each in (one.value, one.low, one.high))
    return replace(one, value=value, low=low, high=high)
