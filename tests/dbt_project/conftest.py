"""One small organisation over two days, built once: as known on the first day, the second, and the first once more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import duckdb
import pytest

from config.workspace import Workspace
from tests.dbt_project.raw import insert, load, table, workspace_in
from tests.layers import build_tables
from warehouse.connection import open_warehouse

FIRST: Final = date(2026, 6, 20)
SECOND: Final = date(2026, 6, 25)
STORED: Final = ("feat_lead", "label_lead", "feat_opportunity", "label_opportunity", "feat_manager_week")

PERSON: Final = {"first_name": "Zoë", "last_name": "O'Neill-Smith", "email": "Zoe@GMail.com"}
NOBODY: Final = {"first_name": "x$$", "last_name": "12345", "email": "x@acme.com"}

LEADS: Final[list[dict[str, Any]]] = [
    # Open; its owner changes after the first day.
    {"lead_id": "moved", "owner_id": "sam", "status": "open", "created_at": "2026-06-01 08:00", "estimated_amount": 10}
    | {"account_id": "acme", "contact_id": "zoe"}
    | PERSON,
    # Decided after the first day already in the first file: not yet known then.
    {
        "lead_id": "foreseen",
        "owner_id": "sam",
        "status": "qualified",
        "created_at": "2026-06-10 08:00",
        "closed_at": "2026-06-22 10:00",
        "custom": '{"Campaign": "Spring"}',
    },
    {
        "lead_id": "won",
        "owner_id": "sam",
        "status": "qualified",
        "created_at": "2026-03-01 08:00",
        "closed_at": "2026-03-15 10:00",
        "custom": '{"campaign": " Autumn ", "a \\"b\\"/c~d\'e": "odd", "blank": " ", '
        '"Übergabe": "nein", "übergabe": "ja", "": "x"}',
        **NOBODY,
    },
    {
        "lead_id": "lost",
        "owner_id": "tom",
        "status": "disqualified",
        "created_at": "2026-03-01 08:00",
        "closed_at": "2026-03-05 10:00",
    },
    {"lead_id": "bad", "owner_id": "tom", "status": "open", "created_at": "2026-03-01 08:00"},
    {"lead_id": "tomorrow", "owner_id": "tom", "status": "open", "created_at": "2026-06-21 08:00"},
    {"lead_id": "undated", "owner_id": "tom", "status": "open"},
]
CHANGED_LEADS: Final = [
    {**LEADS[0], "owner_id": "tom", "modified_at": "2026-06-23 09:00"},
    LEADS[2],  # the same again: no new version
    {
        "lead_id": "new",
        "owner_id": "sam",
        "status": "open",
        "created_at": "2026-06-24 08:00",
        "custom": '{"Later": "1"}',
    },
]
USERS: Final = [
    {"user_id": "sam", "name": "Sam", "manager_id": "ann", "team_id": "north"},
    {"user_id": "tom", "name": "Tom", "manager_id": "ann"},
    {"user_id": "ann", "name": "Ann", "manager_id": "boss"},  # boss has no row of their own
    {"user_id": "eve", "name": "Eve", "manager_id": "fay"},
    {"user_id": "fay", "name": "Fay", "manager_id": "eve"},  # a circle
]
OPPORTUNITIES: Final = [
    {
        "opportunity_id": f"deal{number}",
        "owner_id": owner,
        "account_id": "acme",
        "contact_id": "zoe",
        "status": status,
        "created_at": created,
        "closed_at": closed,
        "actual_amount": amount,
    }
    for number, (owner, status, created, closed, amount) in enumerate(
        [
            ("sam", "won", "2026-05-01 08:00", "2026-06-02 10:00", 100.25),
            ("tom", "won", "2026-05-01 08:00", "2026-06-16 10:00", 50.0),
            ("eve", "won", "2026-05-01 08:00", "2026-06-16 10:00", 7.0),
            ("sam", "won", "2026-05-01 08:00", "2026-06-23 10:00", 1000.0),
            ("sam", "lost", "2026-05-01 08:00", "2026-06-03 10:00", None),
            ("sam", "open", "2026-06-15 08:00", None, None),
        ],
        1,
    )
]
OPPORTUNITIES[-1]["stage"] = "first"  # since when, a plain export does not tell
CHANGED_OPPORTUNITIES: Final = [{**OPPORTUNITIES[-1], "stage": "second", "modified_at": "2026-06-23 09:00"}]


def _activity(number: int, occurred_at: str, direction: str = "incoming", **more: Any) -> dict[str, Any]:
    about = {"regarding_entity": "lead", "regarding_id": "moved", "type": "email", "status": "completed"}
    return {"activity_id": f"act{number}", "occurred_at": occurred_at, "direction": direction} | about | more


ACTIVITIES: Final = [
    _activity(1, "2026-06-01 07:00"),
    _activity(2, "2026-06-08 23:59:59"),
    _activity(3, "2026-06-09 00:00", "outgoing"),
    _activity(4, "2026-06-10 08:00", status="cancelled"),
    _activity(5, "2026-06-21 08:00"),  # in the first file, and after the first day
]
LATE_ACTIVITIES: Final = [_activity(6, "2026-06-05 08:00")]  # took place early, known on the second day


@dataclass(frozen=True)
class Organisation:
    """The workspace, and the feature tables as they were stored on each day."""

    workspace: Workspace
    first: dict[str, list[dict[str, Any]]]
    second: dict[str, list[dict[str, Any]]]
    first_again: dict[str, list[dict[str, Any]]]

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of what was built last for the second day: history and marts."""
        return table(self.workspace, query)


def _stored(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    return {name: table(workspace, f"select * from features.{name}") for name in STORED}


def _load_first_day(workspace: Workspace) -> None:
    with open_warehouse(workspace) as connection:
        # Read once with a wrong mapping, then again with a mended one: only the second counts.
        load(connection, "wrong", "leads", FIRST, [{"lead_id": "wrong", "status": "open"}], content="leads v1")
        load(connection, "leads1", "leads", FIRST, LEADS, content="leads v1")
        load(connection, "users1", "users", FIRST, USERS)
        load(connection, "teams1", "teams", FIRST, [{"team_id": "north", "manager_id": "lee"}])
        acme = {"account_id": "acme", "industry": "Metal", "custom": '{"region": "North"}'}
        zoe = {"contact_id": "zoe", "job_title": "CFO", "custom": '{"region": "South", "vip": null}'}
        load(connection, "accounts1", "accounts", FIRST, [acme])
        load(connection, "contacts1", "contacts", FIRST, [zoe])
        load(connection, "opportunities1", "opportunities", FIRST, OPPORTUNITIES)
        load(connection, "activities1", "activities", FIRST, ACTIVITIES)
        bad = {"row_id": "leads1:5", "stage": "check", "table_name": "raw.files__leads", "reason": "wrong"}
        insert(connection, "quarantine.rows", bad | {"as_of_date": FIRST})
        old = {"row_id": "wrong:9", "stage": "fetch", "table_name": "raw.files__leads", "batch_id": "wrong"}
        insert(connection, "quarantine.rows", old | {"reason": "mended since", "as_of_date": FIRST})


def _load_second_day(workspace: Workspace) -> None:
    with open_warehouse(workspace) as connection:
        load(connection, "leads2", "leads", SECOND, CHANGED_LEADS, backfill=False)
        load(connection, "opportunities2", "opportunities", SECOND, CHANGED_OPPORTUNITIES, backfill=False)
        load(connection, "activities2", "activities", SECOND, LATE_ACTIVITIES, backfill=False)
        run = {
            "score_name": "lead",
            "model_name": "LeadScoring",
            "model_id": "m1",
            "open_records": 2,
            "records_scored": 1,
            "because": "in use",
        }
        insert(connection, "scores.runs", *({**run, "as_of_date": day} for day in (FIRST, SECOND)))
        score = {
            "score_name": "lead",
            "model_name": "LeadScoring",
            "model_id": "m1",
            "probability": 0.7,
            "score": 70,
            "grade": "A",
        }
        rows = ({**score, "record_id": "moved", "horizon_days": 60, "as_of_date": day} for day in (FIRST, SECOND))
        insert(connection, "scores.predictions", *rows)
        _keep_old_scores(connection)
        reason = {"score_name": "lead", "model_id": "m1", "record_id": "moved", "direction": "positive", "rank": 1}
        reason |= {"as_of_date": FIRST, "attribute": "source", "points": 20, "base_points": 50, "sentence": "It is."}
        gone = {"attribute": "gone", "as_of_date": date(2026, 6, 1)}
        other = {"record_id": "closed since", "as_of_date": SECOND}
        insert(connection, "scores.reasons", reason, reason | gone, reason | other)
        explained = {"score_name": "lead", "model_id": "m1", "record_id": "moved", "as_of_date": FIRST}
        insert(
            connection, "scores.explained", explained, explained | {"as_of_date": date(2026, 6, 1)}, explained | other
        )
        _keep_grades_and_overrides(connection)
        _keep_drift(connection)


def _keep_old_scores(connection: duckdb.DuckDBPyConnection) -> None:
    """Scores of March whose horizon has passed: one record scored twice, one that came true, one that did not."""
    of = {"score_name": "lead", "model_name": "LeadScoring", "model_id": "m0", "horizon_days": 60, "method": "model"}
    for record, day, probability in (("won", 8, 0.8), ("won", 9, 0.1), ("lost", 1, 0.3), ("foreseen", 1, 0.4)):
        old = {"record_id": record, "as_of_date": date(2026, 3, day), "probability": probability}
        insert(connection, "scores.predictions", of | old)
    insert(connection, "scores.predictions", of | old | {"as_of_date": date(2026, 5, 20)})  # its horizon has not passed


def _keep_drift(connection: duckdb.DuckDBPyConnection) -> None:
    """A version that was steady, then drifts; and the next day, which must stay invisible."""
    of = {"score_name": "lead", "model_name": "LeadScoring", "model_id": "m1", "verdict": "Ready to publish"}
    insert(connection, "scores.models", of | {"as_of_date": FIRST, "status": "champion", "auc": 0.8})
    steady = {"aspect": "model", "attribute": "", "status": "steady", "standing_verdict": "Ready to publish"}
    drifting = {**steady, "status": "drifting", "because": "Web rose.", "drifting_since": SECOND}
    for day, more in (
        (FIRST, steady),
        (SECOND, drifting | {"standing_verdict": "OK to publish"}),
        (SECOND, {"aspect": "input", "attribute": "source", "status": "drifting", "effect": 0.4}),
        (date(2026, 6, 26), steady),
    ):
        insert(connection, "scores.drift", {**of, "as_of_date": day} | more)


def _keep_grades_and_overrides(connection: duckdb.DuckDBPyConnection) -> None:
    """Ranges that differ between the days; an override in force, one that has ended, one withdrawn, one of tomorrow."""
    of = {
        "score_name": "lead",
        "model_name": "LeadScoring",
        "model_id": "m1",
        "source": "configured",
        "overall_conversion": 0.4,
    }
    for day, minima in ((FIRST, (80, 60, 40)), (SECOND, (60, 40, 20))):
        for grade, low, high in zip("ABCD", (*minima, 0), (100, *(bound - 1 for bound in minima)), strict=True):
            insert(
                connection,
                "scores.grade_ranges",
                {**of, "as_of_date": day, "grade": grade, "minimum": low, "maximum": high},
            )
    acts = [
        {"record_id": "moved", "as_of_date": FIRST, "score": 10},
        {"record_id": "moved", "as_of_date": SECOND, "score": 45, "until_date": SECOND},
        {"record_id": "moved", "as_of_date": date(2026, 6, 26), "grade": "D"},
        {"record_id": "ended", "as_of_date": FIRST, "grade": "A", "until_date": date(2026, 6, 24)},
        {"record_id": "taken back", "as_of_date": FIRST, "grade": "A"},
        {"record_id": "taken back", "as_of_date": FIRST, "act": "withdrawn"},
        {"record_id": "graded", "as_of_date": FIRST, "grade": "A"},
    ]
    by = {"score_name": "lead", "act": "set", "who": "Ann", "why": "She called."}
    insert(connection, "scores.overrides", *({**by, "act_number": number} | act for number, act in enumerate(acts, 1)))


@pytest.fixture(scope="session")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Organisation:
    """Built on the first day; after the second day's files came, built for the first day again, then for the second."""
    workspace = workspace_in(tmp_path_factory.mktemp("organisation"))
    _load_first_day(workspace)
    build_tables(workspace, "staging", "history", "intermediate", "features", as_of=FIRST)
    first = _stored(workspace)
    _load_second_day(workspace)
    build_tables(workspace, "history", "intermediate", "features", as_of=FIRST)
    first_again = _stored(workspace)
    build_tables(workspace, "intermediate", "features", "marts", as_of=SECOND)
    return Organisation(workspace, first, _stored(workspace), first_again)
