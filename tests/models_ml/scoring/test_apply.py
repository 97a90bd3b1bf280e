"""Scores of open records: all of them, from the model in use, or none and why."""

from __future__ import annotations

import numpy as np
import pytest

from config.errors import ContractBroken
from config.workspace import Workspace
from models_ml.scoring import apply as applying
from models_ml.scoring.apply import apply
from models_ml.scoring.explain import explain
from models_ml.scoring.promote import promote
from models_ml.scoring.train import train
from models_ml.scoring.validate import validate
from tests.models_ml.scoring.company import make_leads, rows_of, write_leads
from warehouse.connection import open_warehouse

PREDICTIONS = "select * exclude (scored_at) from scores.predictions order by record_id"


@pytest.mark.fact("1a.open-leads")
def test_every_open_record_gets_a_score_and_a_grade(trained: Workspace) -> None:
    report = apply(trained, "lead")
    waiting = rows_of(trained, "select count(*) from features.feat_lead where is_current")[0][0]
    assert report.records_scored == report.open_records == waiting
    assert report.lines()[0] == f"lead: {waiting} of {waiting} records open on 2026-06-30 scored"
    wrong = rows_of(
        trained,
        "select record_id, probability, score, grade from scores.predictions "
        "where probability <> round(probability, 6) or score <> cast(round(100 * probability) as integer) "
        "or horizon_days <> 60 "
        "or grade <> case when score >= 60 then 'A' when score >= 40 then 'B' when score >= 20 then 'C' else 'D' end",
    )
    assert wrong == []
    spread = rows_of(
        trained, "select count(distinct grade), max(probability) - min(probability) from scores.predictions"
    )
    assert spread[0][0] >= 3
    run = rows_of(trained, "select score_name, open_records, records_scored, model_id is not null from scores.runs")
    assert run == [("lead", waiting, waiting, True)]


def test_applying_again_replaces_the_day(trained: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    apply(trained, "lead")
    before = rows_of(trained, PREDICTIONS)
    monkeypatch.setattr(applying, "_BATCH", 3)
    apply(trained, "lead")
    assert rows_of(trained, PREDICTIONS) == before
    assert rows_of(trained, "select count(*) from scores.runs") == [(1,)]


def test_without_a_model_nothing_is_scored_and_the_run_says_why(company: Workspace) -> None:
    report = apply(company, "lead")
    assert report.records_scored == 0
    assert report.open_records > 0
    because = rows_of(company, "select because from scores.runs where model_id is null")
    assert because == [("No version is in use: none has been trained yet. Run the DAG train_models.",)]
    assert rows_of(company, PREDICTIONS) == []


def test_without_a_model_the_run_says_what_became_of_the_last_one(company: Workspace) -> None:
    with open_warehouse(company) as connection:
        connection.execute(
            "insert into scores.models by name select 'lead' as score_name, 'LeadScoring' as model_name, "
            "'lead-1' as model_id, "
            "date '2026-06-30' as as_of_date, 'refused' as status, 'Not ready to publish' as verdict, "
            "'It is too weak.' as because, '' as setup, 1 as model_number"
        )
    because = apply(company, "lead").runs[0].because
    assert because == "No version is in use. The newest, lead-1, is 'refused': Not ready to publish. It is too weak."


def ready(company: Workspace, **columns: object) -> Workspace:
    write_leads(company, make_leads().assign(**columns))
    train(company, "lead")
    validate(company, "lead")
    promote(company, "lead")
    return company


def test_a_column_that_vanished_is_named_and_nothing_changes(company: Workspace) -> None:
    ready(company)
    apply(company, "lead")
    before = rows_of(company, PREDICTIONS)
    with open_warehouse(company) as connection:
        connection.execute("alter table features.feat_lead drop column size")
    with pytest.raises(ContractBroken, match="needs columns that are gone: size"):
        apply(company, "lead")
    assert rows_of(company, PREDICTIONS) == before


def test_a_custom_column_that_vanished_is_named(company: Workspace) -> None:
    leads = make_leads(3000)
    leads["Segment"] = np.where(np.arange(3000) % 3 == 0, "north", "south")
    write_leads(company, leads)
    train(company, "lead")
    validate(company, "lead")
    promote(company, "lead")
    with open_warehouse(company) as connection:
        connection.execute("update features.feat_lead set custom = {'Colour': 'red', 'Segment': null} where is_current")
    with pytest.raises(ContractBroken, match="gone: Segment"):
        apply(company, "lead")


def test_rows_set_aside_get_no_score(company: Workspace) -> None:
    ready(company)
    record = rows_of(company, "select min(record_id) from features.feat_lead where is_current")[0][0]
    with open_warehouse(company) as connection:
        connection.execute(
            "insert into quarantine.rows (row_id, stage, table_name) values (?, 'check', 'features.feat_lead')",
            [f"{record}:2026-06-30"],
        )
    report = apply(company, "lead")
    assert report.records_scored == report.open_records - 1
    assert report.runs[0].because.endswith("1 are set aside in quarantine.")
    assert rows_of(company, f"select * from scores.predictions where record_id = '{record}'") == []


@pytest.mark.fact("1a.new-leads")
def test_scoring_only_what_is_new_ends_as_scoring_all(trained: Workspace) -> None:
    tables = {
        "scores.predictions": "record_id",
        "scores.runs": "model_name",
        "scores.grade_ranges": "grade",
        "scores.explained": "record_id",
        "scores.reasons": "record_id, attribute",
    }

    def left() -> dict[str, list[tuple[object, ...]]]:
        return {
            table: rows_of(trained, f"select * exclude (scored_at) from {table} order by {order}")
            if table in {"scores.predictions", "scores.runs"}
            else rows_of(trained, f"select * from {table} order by {order}")
            for table, order in tables.items()
        }

    apply(trained, "lead")
    explain(trained, "lead")
    all_at_once = left()
    late = "record_id in (select record_id from features.feat_lead where is_current order by record_id desc limit 7)"
    with open_warehouse(trained) as connection:
        connection.execute(f"create table late as from features.feat_lead where {late}")
        connection.execute("delete from features.feat_lead where record_id in (select record_id from late)")
    in_the_morning = apply(trained, "lead")
    explain(trained, "lead")
    with open_warehouse(trained) as connection:
        connection.execute("insert into features.feat_lead by name from late")
        connection.execute("drop table late")
        connection.execute("update scores.predictions set scored_at = timestamp '2000-01-01'")
    report = apply(trained, "lead", only_new=True)
    assert explain(trained, "lead", only_new=True).explained == 7
    assert report.records_scored == in_the_morning.records_scored + 7
    assert left() == all_at_once
    assert rows_of(trained, "select count(*) from scores.predictions where scored_at > timestamp '2001-01-01'") == [
        (7,)
    ]
    assert explain(trained, "lead", only_new=True).explained == 0


def test_where_the_days_scores_do_not_hold_any_more_all_are_scored_again(trained: Workspace) -> None:
    apply(trained, "lead")
    old = "update scores.predictions set scored_at = timestamp '2000-01-01'"
    others = (
        "update scores.runs set model_id = 'lead-0'",
        "update scores.grade_ranges set minimum = 61 where grade = 'A'",
    )
    for other in others:
        with open_warehouse(trained) as connection:
            connection.execute(old)
            connection.execute(other)
        apply(trained, "lead", only_new=True)
        assert rows_of(trained, "select count(*) from scores.predictions where scored_at < timestamp '2001-01-01'") == [
            (0,)
        ]
