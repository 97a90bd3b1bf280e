"""A person's own score for a record, kept apart from the model's: who, when, why, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from config.errors import RequestRefused
from config.schema.grades import COLOURS, HIGHEST, LOWEST
from config.workspace import Workspace
from models_ml.scoring import ledger
from models_ml.scoring.attributes import table_columns
from warehouse.connection import open_warehouse, transaction
from warehouse.day import day_loaded


@dataclass(frozen=True)
class Override:
    """What a person says about a record.

    Attributes:
        who: the person.
        why: the reason, for those who read it later.
        score: 0-100; None where a grade is given instead.
        grade: A to D; None where a score is given instead.
        until: the last day on which it counts; None: until it is withdrawn.
    """

    who: str
    why: str
    score: int | None = None
    grade: str | None = None
    until: date | None = None


@dataclass(frozen=True)
class OverrideReport:
    """What was noted, and what the model says."""

    score_name: str
    record_id: str
    said: str
    model_score: int | None

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        model = "has none" if self.model_score is None else f"stays {self.model_score}"
        return [
            f"{self.score_name} {self.record_id}: {self.said}. The model's score {model}.",
            "It is published with the next 'sales-insights build marts' and 'sales-insights publish'.",
        ]


def override(
    workspace: Workspace, score_name: str, record_id: str, said: Override, *, as_of: date | str | None = None
) -> OverrideReport:
    """Set a person's score or grade beside the model's, which does not change; counts from the day on.

    Raises:
        RequestRefused: where name, reason or value is missing or wrong, the last day is over, or the record is not open
            on the day.
        ConfigError: where there is no such score.
    """
    ledger.settings_of(workspace, score_name)
    _refuse_incomplete(said)
    if (said.score is None) == (said.grade is None):
        raise RequestRefused("A score or a grade is needed, and not both: --score 0 to 100, or --grade A, B, C or D.")
    if said.score is not None and not LOWEST <= said.score <= HIGHEST:
        raise RequestRefused(
            f"A score lies between {LOWEST} and {HIGHEST}, and this is {said.score}. Give one of these."
        )
    if said.grade is not None and said.grade not in COLOURS:
        raise RequestRefused(f"There is no grade '{said.grade}'. Give one of {', '.join(COLOURS)}.")
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        if said.until is not None and said.until < day:
            raise RequestRefused(f"It would end on {said.until}, and the day is {day} already. Give a later last day.")
        _refuse_unknown(connection, score_name, record_id, day)
        _note(connection, score_name, record_id, day, said, "set")
        value = f"score {said.score}" if said.score is not None else f"grade {said.grade}"
        end = f" until {said.until}" if said.until else ""
        return _report(connection, score_name, record_id, day, f"{value} by {said.who.strip()} from {day} on{end}")


def withdraw(
    workspace: Workspace, score_name: str, record_id: str, *, who: str, why: str, as_of: date | str | None = None
) -> OverrideReport:
    """End an override: from the day on the model's score stands alone again.

    Raises:
        RequestRefused: where name or reason is missing, or no override is in force on the day.
        ConfigError: where there is no such score.
    """
    ledger.settings_of(workspace, score_name)
    said = Override(who, why)
    _refuse_incomplete(said)
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        if not _in_force(connection, score_name, record_id, day):
            raise RequestRefused(
                f"No override of {score_name} {record_id} is in force on {day}. Look at the record's number, or at "
                "the table score_overrides for those that are."
            )
        _note(connection, score_name, record_id, day, said, "withdrawn")
        return _report(connection, score_name, record_id, day, f"override withdrawn by {who.strip()} from {day} on")


def _refuse_incomplete(said: Override) -> None:
    for value, option in ((said.who, "--by"), (said.why, "--why")):
        if not value.strip():
            raise RequestRefused(
                f"{option} is empty. Whoever reads it later must know who decided it and why: fill it."
            )


def _refuse_unknown(connection: duckdb.DuckDBPyConnection, score_name: str, record_id: str, day: date) -> None:
    """Only what is open on the day has a score to override."""
    table_columns(connection, score_name)
    found = connection.execute(
        f"select coalesce(bool_or(is_current and as_of_date = $day), false), count(*) from features.feat_{score_name} "
        "where record_id = $record_id",
        {"day": day, "record_id": record_id},
    ).fetchone()
    is_open, rows = found or (False, 0)
    if rows and not is_open:
        raise RequestRefused(
            f"{score_name} {record_id} is not open on {day}: its outcome is known, or it is not counted any more. "
            "Only open records have a score to override; choose one of these."
        )
    if not rows:
        raise RequestRefused(
            f"There is no {score_name} {record_id} on {day}. Take the key from the table {score_name}_scores, where it "
            f"is in the column {score_name}_id."
        )


def _in_force(connection: duckdb.DuckDBPyConnection, score_name: str, record_id: str, day: date) -> bool:
    """Whether the last act about the record set an override that has not ended."""
    last = connection.execute(
        "select act = 'set' and coalesce(until_date >= $day, true) from scores.overrides "
        "where score_name = $score_name and record_id = $record_id and as_of_date <= $day "
        "order by as_of_date desc, act_number desc limit 1",
        {"score_name": score_name, "record_id": record_id, "day": day},
    ).fetchone()
    return bool(last and last[0])


def _note(
    connection: duckdb.DuckDBPyConnection, score_name: str, record_id: str, day: date, said: Override, act: str
) -> None:
    row: dict[str, Any] = {"score_name": score_name, "record_id": record_id, "as_of_date": day, "act": act}
    row |= {"score": said.score, "grade": said.grade, "who": said.who.strip(), "why": said.why.strip()}
    row |= {"until_date": said.until, "made_at": datetime.now(UTC).replace(tzinfo=None)}
    names, values = ", ".join(row), ", ".join(f"${name}" for name in row)
    with transaction(connection):
        connection.execute(
            f"insert into scores.overrides ({names}, act_number) select {values}, "
            "coalesce(max(act_number), 0) + 1 from scores.overrides",
            row,
        )


def _report(
    connection: duckdb.DuckDBPyConnection, score_name: str, record_id: str, day: date, said: str
) -> OverrideReport:
    scored = connection.execute(
        "select score from scores.predictions where score_name = ? and record_id = ? and as_of_date = ?",
        [score_name, record_id, day],
    ).fetchone()
    return OverrideReport(score_name, record_id, said, scored[0] if scored else None)
