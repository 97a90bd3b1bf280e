"""Each suite lets good rows pass and catches each broken one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import expectations.suites
from config.errors import ContractBroken
from config.schema.canonical import ENTITIES
from config.workspace import Workspace
from expectations.check import LAYERS, check
from expectations.suites import suites
from tests.expectations.conftest import (
    BROKEN,
    LoadRows,
    Query,
    Row,
    WriteFeatures,
    feature,
    label,
    record,
    week,
)


def test_every_file_is_a_suite_of_a_known_layer() -> None:
    files = [path.stem for path in Path(expectations.suites.__path__[0]).glob("[a-z]*.py")]
    assert sum(len(suites(layer)) for layer in LAYERS) == len(files)


def test_every_canonical_entity_has_a_suite() -> None:
    assert sorted(suite.table for suite in suites("raw")) == sorted(ENTITIES)


def test_good_rows_of_every_entity_pass(workspace: Workspace, load_rows: LoadRows) -> None:
    quota = {"user_id": "users-1", "period_start": "2026-01-01", "period_end": "2026-03-31", "amount": 10.0}
    rows: dict[str, Row] = {entity: record(entity, 1, name="Name") for entity in ("accounts", "teams", "products")}
    rows |= {entity: record(entity, 1) for entity in ("leads", "opportunities", "users", "activities", "contacts")}
    rows |= {"notes": record("notes", 1, body="Called."), "quotas": quota}
    rows |= {
        "activity_parties": {"activity_id": "activities-1", "party_id": "p", "role": "to", "email": "a.b@c.example"}
    }
    about = {"opportunity_id": "opportunities-1", "created_at": "2026-01-10 09:30:00"}
    rows |= {"opportunity_closes": record("opportunity_closes", 1, outcome="won", closed_at="2026-02-01", **about)}
    rows |= {"opportunity_products": record("opportunity_products", 1, quantity=1.0, amount=10.0, **about)}
    rows |= {name: record(name, 1, name="Name") for name in ("positions", "process_stages")}
    rows |= {
        "posts": record("posts", 1, body="Signed."),
        "connections": record("connections", 1, from_id="a", to_id="b"),
    }
    assert sorted(rows) == sorted(ENTITIES)
    for entity, row in rows.items():
        load_rows(entity, [row])
    report = check(workspace, "raw")
    assert report.broken == ()
    assert report.rows_checked == len(ENTITIES)
    assert len({(result.table, result.expectation) for result in report.results}) == len(report.results)


@pytest.mark.parametrize(
    ("entity", "rows", "kept"),
    [
        (
            "opportunities",
            [
                {"status": "won", "created_at": "2026-03-20", "closed_at": "2026-02-28", "date_precision": "month"},
                {"status": "won", "created_at": "2026-03-20", "closed_at": "2026-03-01", "date_precision": "month"},
                {"status": "won", "created_at": "2026-03-20 23:30", "closed_at": "2026-03-19"},  # a day in local time
                {"status": "open", "created_at": "2026-03-20", "closed_at": "2020-01-01"},  # an open record's date
                {"status": "lost", "created_at": "2026-03-20", "closed_at": "2026-08-01"},  # exported after the day
                {"status": "open", "created_at": None},
            ],
            ["closed_at 2026-02-28 lies before created_at 2026-03-20"],
        ),
        (
            "activities",
            [
                {"occurred_at": None, "status": "completed"},
                {"occurred_at": None, "status": "open"},
                {"occurred_at": "2026-12-24", "status": "open"},
                {"type": "pigeon"},
                {"duration_minutes": -3.0},
            ],
            ["occurred_at is empty", "type pigeon is not one of email, phonecall, appointment, task, linkedin, other"],
        ),
        (
            "users",
            [{"manager_id": "users-1"}, {"manager_id": "away", "joined_on": "2026-01-01", "left_on": "2025-01-01"}],
            [],
        ),
        (
            "quotas",
            [
                {"period_start": "2026-04-01", "period_end": "2026-03-31", "amount": 1.0},
                {"period_start": "2026-04-01", "period_end": "2026-06-30", "amount": None},
            ],
            ["amount is empty", "period_end 2026-03-31 lies before period_start 2026-04-01"],
        ),
        (
            "opportunity_closes",
            [
                {"opportunity_id": "opportunities-1", "outcome": "won", "closed_at": "2026-05-01"},
                {"opportunity_id": "opportunities-1", "outcome": "lost", "closed_at": "2126-05-01"},
                {"opportunity_id": None, "outcome": "lost", "closed_at": "2026-05-01"},
                {"opportunity_id": "opportunities-1", "outcome": "maybe"},
            ],
            [
                "closed_at 2126-05-01 lies more than a year after the last day loaded",
                "opportunity_id is empty",
                "outcome maybe is not one of won, lost",
            ],
        ),
    ],
)
def test_raw_rows_that_are_set_aside_and_those_that_are_not(
    workspace: Workspace, load_rows: LoadRows, query: Query, entity: str, rows: Sequence[Row], kept: Sequence[str]
) -> None:
    load_rows(entity, [record(entity, number, **row) for number, row in enumerate(rows)])
    check(workspace, "raw")
    assert query("select reason from quarantine.rows order by 1") == [(reason,) for reason in kept]


def test_features_and_labels(
    workspace: Workspace, write_features: WriteFeatures, load_rows: LoadRows, query: Query
) -> None:
    load_rows("leads", [record("leads", 1)])
    features = [
        feature(1),
        feature(2, created_at="2026-07-01 00:00"),
        feature(3, age_days=float("nan")),
        feature(4, email_count=-1),
    ]
    labels = [
        label(1),
        label(2, label=True, outcome="negative", censored_because=None),
        label(3, censored_because=None),
        label(4, label=False, outcome="negative"),
    ]
    write_features(feat_lead=features, label_lead=labels)
    report = check(workspace, "features")
    assert query("select table_name, row_id, reason from quarantine.rows order by all") == [
        (
            "features.feat_lead",
            "r2:2026-06-30",
            "created_at 2026-07-01 00:00:00 lies after as_of_date 2026-06-30",
        ),
        ("features.feat_lead", "r3:2026-06-30", "age_days is not a finite number"),
        ("features.feat_lead", "r4:2026-06-30", "email_count -1 is negative"),
        ("features.label_lead", "r2:2026-06-30:LeadScoring", "the label is positive but the outcome is negative"),
        ("features.label_lead", "r3:2026-06-30:LeadScoring", "there is no label and no reason for it"),
        (
            "features.label_lead",
            "r4:2026-06-30:LeadScoring",
            "the label is false though censored: younger than the horizon",
        ),
    ]
    assert report.rows_set_aside == {"features.feat_lead": 3, "features.label_lead": 3}


def test_features_that_must_not_be_used(
    workspace: Workspace, write_features: WriteFeatures, load_rows: LoadRows, query: Query
) -> None:
    load_rows("leads", [record("leads", 1)])
    write_features(
        feat_opportunity=[feature(1, as_of_date="2026-07-01"), feature(2, is_open=False), feature(3)],
        label_opportunity=[
            label(1, as_of_date="2026-07-01"),
            label(2, label=True, outcome="positive", label_known_on="2026-08-01", censored_because=None),
            label(4, outcome=None),
        ],
        feat_lead=[feature(1)],
        label_lead=[label(1)],
        feat_manager_week=[week(0), week(2), week(3, week_start="2026-06-09"), week(4, won_amount=float("inf"))],
    )
    with pytest.raises(ContractBroken):
        check(workspace, "features")
    assert query(BROKEN) == [
        ("features.feat_manager_week", "a week starts on a Monday", 1),
        ("features.feat_manager_week", "every number is finite", 1),
        ("features.feat_manager_week", "no week of a manager is missing", 1),
        ("features.feat_opportunity", "as_of_date is not after the day", 1),
        ("features.feat_opportunity", "every snapshot is in features.label_opportunity too", 1),
        ("features.feat_opportunity", "what is to be scored is open, as of the day", 2),
        ("features.label_opportunity", "a label is known by the day", 1),
        ("features.label_opportunity", "as_of_date is not after the day", 1),
        ("features.label_opportunity", "every snapshot is in features.feat_opportunity too", 1),
        ("features.label_opportunity", "outcome is filled", 1),
    ]
