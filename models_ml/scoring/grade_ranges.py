"""The ranges that grades are given by, as they are kept: ``scores.grade_ranges``."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path

import duckdb

from config.schema.grades import Grades
from config.schema.scores import Score
from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring.evaluation import Evaluation
from models_ml.scoring.grades import Chosen, HeldOut, choose, figures
from models_ml.scoring.in_use import InUse


def ranges_of(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, settings: Score, found: InUse | None
) -> tuple[Chosen, HeldOut]:
    """The ranges that a version's scores are graded by, and the held-out records that tell about them.

    Where the registry cannot be asked (the kept copy scores) derived ranges stay what they were.
    """
    if found is None or found.version is None:
        kept = _kept(connection, found.model_id) if found and settings.grades == "default" else None
        return kept or choose(settings.grades, HeldOut.nothing()), HeldOut.nothing()
    measured = held_out(workspace, found.version)
    return choose(settings.grades, measured), measured


def _kept(connection: duckdb.DuckDBPyConnection, model_id: str) -> Chosen | None:
    """The ranges that a version's scores were graded by last, or None."""
    rows = connection.execute(
        "select grade, minimum, source, because from scores.grade_ranges where model_id = $id and as_of_date = "
        "(select max(as_of_date) from scores.grade_ranges where model_id = $id)",
        {"id": model_id},
    ).fetchall()
    minima = {grade: minimum for grade, minimum, *_ in rows if grade != "D"}
    return Chosen(Grades(**minima), *rows[0][2:]) if rows else None


def held_out(workspace: Workspace, found: registry.Version | None) -> HeldOut:
    """Scores and outcomes of the records that a model was measured on, none of which it had seen then."""
    if found is None:
        return HeldOut.nothing()
    with tempfile.TemporaryDirectory() as folder:
        return HeldOut.of(Evaluation.load(registry.evaluation_folder(workspace, found, Path(folder))))


def keep(
    connection: duckdb.DuckDBPyConnection,
    key: tuple[str, str, str | None, date],
    chosen: Chosen,
    measured: HeldOut,
) -> None:
    """Keep the ranges of a day with what is known of them.

    Args:
        connection: the warehouse, within the transaction that writes the day's predictions.
        key: score, model, version (None for base rates) and as-of day.
        chosen: the ranges.
        measured: the held-out records of that model.
    """
    names = ("score_name", "model_name", "model_id", "as_of_date")
    for grade in figures(measured, chosen.grades):
        row = dict(zip(names, key, strict=True)) | asdict(grade)
        row |= {"source": chosen.source, "because": chosen.because}
        row |= {"held_out_records": measured.records, "overall_conversion": measured.rate}
        connection.execute(
            f"insert into scores.grade_ranges ({', '.join(row)}) values ({', '.join(f'${name}' for name in row)})", row
        )


def keep_held_out(connection: duckdb.DuckDBPyConnection, key: dict[str, str], measured: HeldOut) -> None:
    """Keep what became of the held-out records of each score, for previews that have no registry at hand.

    Args:
        connection: the warehouse, within a transaction.
        key: score_name, model_name and model_id.
        measured: the held-out records of that version.
    """
    connection.execute("delete from scores.held_out where model_id = ?", [key["model_id"]])
    names = ("score", "records", "positive_records")
    for counts in measured.counts():
        row = key | dict(zip(names, counts, strict=True))
        connection.execute(
            f"insert into scores.held_out ({', '.join(row)}) values ({', '.join(f'${name}' for name in row)})", row
        )
