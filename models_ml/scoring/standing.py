"""What is left of a version's verdict: a drifting one loses a step, visibly, until a run finds it steady."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

import duckdb
import pandas as pd

from models_ml.scoring.drift import DRIFTING, MODERATE, NOT_ENOUGH, STEADY, Finding
from models_ml.scoring.ledger import ModelRow
from models_ml.scoring.verdict import LOWERED

NOT_MONITORED: Final = "not monitored"
_ALL: Final = "model"
_LEAST_INFLUENCE: Final = 0.01


@dataclass(frozen=True)
class Standing:
    """Where a version stands on a day: the row of ``scores.drift`` that sums up.

    Attributes:
        status: steady, moderate, drifting, not enough records, or not monitored.
        because: the reason in words, and what to do.
        drifting_since: the day from which on its verdict is lowered; None where it is not.
        verdict: when it was validated; ``standing_verdict``: what is left of it.
    """

    status: str
    because: str
    drifting_since: date | None
    verdict: str | None
    standing_verdict: str | None

    @property
    def lowered(self) -> str:
        """That the verdict is lowered, since when and why, for whoever decides; empty where it is not."""
        if self.drifting_since is None:
            return ""
        verdict = f"'{self.verdict}' now counts as '{self.standing_verdict}'"
        return f"the version in use has been drifting since {self.drifting_since}; {verdict}. {self.because}"


def overall(findings: Sequence[Finding], influence: dict[str, float]) -> tuple[str, tuple[Finding, ...]]:
    """The status of a version, and the findings that decide it.

    An attribute that hardly counts (less than 1 % of the influence) makes no model drift: it is moderate at most.
    Without enough records to compare inputs and scores nothing is steady.
    """
    strong = [
        one
        for one in findings
        if one.status == DRIFTING and (one.aspect != "input" or influence.get(one.attribute, 1.0) >= _LEAST_INFLUENCE)
    ]
    if strong:
        return DRIFTING, _strongest(strong)
    some = [one for one in findings if one.status in (DRIFTING, MODERATE)]
    if some:
        return MODERATE, _strongest(some)
    lacking = [one for one in findings if one.aspect == "score" and one.status == NOT_ENOUGH]
    return (NOT_ENOUGH, tuple(lacking)) if lacking else (STEADY, tuple(findings))


def stand(connection: duckdb.DuckDBPyConnection, row: ModelRow, status: str, because: str, day: date) -> Standing:
    """The standing that follows from a status and from the day before.

    Drifting lowers the verdict by one; once lowered it stays so until a run finds the version steady, or it is no
    longer monitored. What is moderate or cannot be measured heals nothing.
    """
    before = standing_of(connection, row.model_id, day, before=True)
    since = None
    if status not in (STEADY, NOT_MONITORED):
        since = before.drifting_since if before else None
    if status == DRIFTING:
        since = since or day
    elif since:
        because += f" It has been drifting since {since}: its verdict stays lowered until a run finds it steady."
    lowered = LOWERED[row.verdict] if since and row.verdict else row.verdict
    return Standing(status, because, since, row.verdict, lowered)


def standing_of(
    connection: duckdb.DuckDBPyConnection, model_id: str, day: date, *, before: bool = False
) -> Standing | None:
    """Where a version stood on the last day it was monitored, up to a day or before it; None where it never was."""
    found = connection.execute(
        "select status, because, drifting_since, verdict, standing_verdict from scores.drift where model_id = ? "
        f"and aspect = '{_ALL}' and as_of_date {'<' if before else '<='} ? order by as_of_date desc limit 1",
        [model_id, day],
    ).fetchone()
    return Standing(*found) if found else None


def write_standing(
    connection: duckdb.DuckDBPyConnection, row: ModelRow, day: date, standing: Standing, findings: Sequence[Finding]
) -> None:
    """Add a version's rows of the day to ``scores.drift``: one per finding, and the one that sums up."""
    told = pd.DataFrame([{"aspect": _ALL, "attribute": "", **asdict(standing)}, *map(asdict, findings)])
    connection.register("told", told.convert_dtypes())
    connection.execute(
        "insert into scores.drift by name select $score_name as score_name, $model_name as model_name, "
        "$model_id as model_id, $day as as_of_date, told.* from told",
        {"score_name": row.score_name, "model_name": row.model_name, "model_id": row.model_id, "day": day},
    )
    connection.unregister("told")


def _strongest(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The largest change first; an odds ratio counts above 1."""
    return tuple(sorted(findings, key=lambda one: (one.aspect == "input", -(one.effect or 0.0), one.attribute)))
