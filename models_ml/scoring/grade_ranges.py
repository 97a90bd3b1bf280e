"""The ranges that grades are given by, as they are kept: ``scores.grade_ranges``."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path

import duckdb

from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring.evaluation import Evaluation
from models_ml.scoring.grades import Chosen, HeldOut, figures


def held_out(workspace: Workspace, found: registry.Version | None) -> HeldOut:
    """Scores and outcomes of the records that a model was measured on, none of which it had seen then."""
    if found is None:
        return HeldOut.nothing()
    with tempfile.TemporaryDirectory() as folder:
        return HeldOut.of(Evaluation.load(registry.evaluation_folder(workspace, found, Path(folder))))


def keep(connection: duckdb.DuckDBPyConnection, key: tuple[str, str, date], chosen: Chosen, measured: HeldOut) -> None:
    """Keep the ranges of a day with what is known of them, in place of those kept for it before.

    Args:
        connection: the warehouse, within the transaction that writes the day's predictions.
        key: score, model id and as-of day.
        chosen: the ranges.
        measured: the held-out records of that model.
    """
    names = ("score_name", "model_id", "as_of_date")
    connection.execute("delete from scores.grade_ranges where (score_name, model_id, as_of_date) = (?, ?, ?)", key)
    for grade in figures(measured, chosen.grades):
        row = dict(zip(names, key, strict=True)) | asdict(grade)
        row |= {"source": chosen.source, "because": chosen.because}
        row |= {"held_out_records": measured.records, "overall_conversion": measured.rate}
        connection.execute(
            f"insert into scores.grade_ranges ({', '.join(row)}) values ({', '.join(f'${name}' for name in row)})", row
        )
