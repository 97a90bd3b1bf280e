"""What other grades would mean, before they are saved: conversion, lift and share, and whose grade would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from config.schema.grades import GradesOrDefault
from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring import ledger
from models_ml.scoring.grade_ranges import held_out
from models_ml.scoring.grades import Chosen, GradeFigures, HeldOut, choose, figures
from warehouse.connection import open_warehouse


@dataclass(frozen=True)
class GradePreview:
    """Ranges, and what is known of them.

    Attributes:
        score_name: the score.
        model_id: the model in use, or None.
        chosen: the ranges previewed.
        measured: the held-out records of the model in use.
        day: of the last scoring; None where nothing was scored yet.
        open_scores, open_grades: score (0-100) and present grade of each record that was open on that day.
    """

    score_name: str
    model_id: str | None
    chosen: Chosen
    measured: HeldOut
    day: date | None
    open_scores: NDArray[np.int64]
    open_grades: NDArray[np.str_]

    def figures(self) -> list[GradeFigures]:
        """What became of the held-out records of each grade, the best grade first."""
        return figures(self.measured, self.chosen.grades)

    def open_records(self) -> dict[str, int]:
        """How many open records each grade would have."""
        grades = self._grades()
        return {grade: int((grades == grade).sum()) for grade in self.chosen.grades.ranges()}

    def would_change(self) -> int:
        """How many open records would have another grade than they have."""
        return int((self._grades() != self.open_grades).sum())

    def _grades(self) -> NDArray[np.str_]:
        grades = np.array([self.chosen.grades.of(score) for score in range(101)])
        return np.asarray(grades[self.open_scores])


def preview(
    workspace: Workspace, score_name: str, wanted: GradesOrDefault | None = None, model_name: str | None = None
) -> GradePreview:
    """What ranges mean for the held-out records of the model in use, and for the records open at the last scoring.

    Args:
        workspace: whose.
        score_name: the score.
        wanted: the ranges, or ``default`` for derived ones; None: those of the score's settings.
        model_name: the model; None: the only one of the score.

    Raises:
        ConfigError: where there is no such score or model, or none is named although the score has several.
    """
    settings = ledger.settings_of(workspace, score_name)
    model = ledger.model_of(workspace, score_name, model_name)
    found = registry.in_use(workspace, model.name)
    measured = held_out(workspace, found)
    with open_warehouse(workspace) as connection:
        scored = connection.execute(
            "select as_of_date, score, grade from scores.predictions where model_name = $model_name and as_of_date = "
            "(select max(as_of_date) from scores.runs where model_name = $model_name)",
            {"model_name": model.name},
        ).fetchnumpy()
    day = scored["as_of_date"][0].astype("datetime64[D]").item() if len(scored["score"]) else None
    chosen = choose(settings.grades if wanted is None else wanted, measured)
    return GradePreview(
        score_name,
        found.model_id if found else None,
        chosen,
        measured,
        day,
        np.asarray(scored["score"], dtype=np.int64),
        np.asarray(scored["grade"], dtype=np.str_),
    )
