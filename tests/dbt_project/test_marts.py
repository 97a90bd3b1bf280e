"""What is published."""

from __future__ import annotations

from datetime import date

import pytest

from tests.dbt_project.conftest import FIRST, SECOND, Organisation


def test_scores_are_those_of_the_newest_run_with_the_record_as_it_is_known(organisation: Organisation) -> None:
    (row,) = organisation.rows("select * from marts.lead_scores")
    assert (row["lead_id"], row["score"], row["as_of_date"]) == ("moved", 70, SECOND)
    assert (row["owner_name"], row["manager_name"], row["currency"]) == ("Tom", "Ann", "EUR")


def test_the_newest_reasons_hold_until_the_record_is_explained_anew(organisation: Organisation) -> None:
    (row,) = organisation.rows("select * from marts.score_reasons")
    assert (row["record_id"], row["attribute"]) == ("moved", "source")
    assert (row["as_of_date"], row["explained_on"]) == (SECOND, FIRST)
    assert row["base_points"] + row["points"] == row["score"]


def test_a_run_says_how_many_records_have_each_grade(organisation: Organisation) -> None:
    (row,) = organisation.rows("select * from marts.score_runs")
    assert (row["as_of_date"], row["records_scored"]) == (SECOND, 1)
    assert (row["grade_a_records"], row["grade_d_records"]) == (1, 0)


def test_grades_are_those_of_the_newest_run_with_the_records_that_have_them(organisation: Organisation) -> None:
    rows = organisation.rows("select * from marts.score_grades")
    ranges = [(row["grade"], row["colour"], row["minimum"], row["maximum"], row["open_records"]) for row in rows]
    assert ranges == [
        ("A", "green", 60, 100, 1),
        ("B", "purple", 40, 59, 0),
        ("C", "yellow", 20, 39, 0),
        ("D", "red", 0, 19, 0),
    ]


@pytest.mark.fact("1a.score-over-time")
def test_every_score_is_kept(organisation: Organisation) -> None:
    rows = organisation.rows("select record_id, as_of_date, score from marts.score_history where score is not null")
    assert [tuple(row.values()) for row in rows] == [("moved", FIRST, 70), ("moved", SECOND, 70)]


def test_an_override_counts_from_its_day_to_its_last_and_has_the_grade_of_the_ranges(
    organisation: Organisation,
) -> None:
    rows = organisation.rows(
        "select record_id, override_score, override_grade, override_by, override_why from marts.score_overrides"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("graded", None, "A", "Ann", "She called."),
        ("moved", 45, "B", "Ann", "She called."),
    ]


def test_what_came_true_stands_beside_what_was_promised(organisation: Organisation) -> None:
    (row,) = organisation.rows("select * from marts.model_realised")
    assert (row["model_id"], row["month"], row["records"]) == ("m0", date(2026, 3, 1), 3)
    assert row["promised_rate"] == 0.5  # each record with its first score of the month
    assert row["realised_rate"] == round(1 / 3, 6)
    assert row["realised_auc"] == 1
    assert row["realised_brier"] == round((0.2**2 + 0.3**2 + 0.4**2) / 3, 6)


def test_a_drifting_version_shows_what_is_left_of_its_verdict(organisation: Organisation) -> None:
    (row,) = organisation.rows("select * from marts.model_performance where model_id = 'm1'")
    assert (row["verdict"], row["standing_verdict"]) == ("Ready to publish", "OK to publish")
    assert (row["drift_status"], row["drifting_since"], row["drift_because"]) == ("drifting", SECOND, "Web rose.")
    rows = organisation.rows("select as_of_date, aspect, is_in_use, is_newest from marts.model_drift")
    assert [tuple(row.values()) for row in rows] == [
        (FIRST, "model", True, False),
        (SECOND, "input", True, True),
        (SECOND, "model", True, True),
    ]


@pytest.mark.fact("1a.view-leads", "1a.view-columns")
def test_the_view_of_a_seller_has_the_columns_of_the_product(organisation: Organisation) -> None:
    (row,) = organisation.rows("select * from marts.my_open_leads_scored")
    assert (row["lead_id"], row["owner_name"], row["lead_score"], row["lead_grade"]) == ("moved", "Tom", 70, "A")
    scored = {"lead_score", "lead_grade", "lead_score_trend"}
    assert row.keys() >= scored | {"name", "topic", "owner_name", "status_reason", "created_at"}


@pytest.mark.fact("2.view", "2.view-columns")
def test_the_view_of_opportunities_has_the_columns_of_the_product(organisation: Organisation) -> None:
    described = organisation.rows("describe marts.my_open_opportunities_scored")
    columns = {column["column_name"] for column in described}
    assert columns >= {"opportunity_score", "opportunity_grade", "opportunity_score_trend", "name", "owner_name"}


def test_a_file_read_twice_is_summed_up_once(organisation: Organisation) -> None:
    rows = organisation.rows("select * from marts.load_summary where entity = 'leads'")
    assert [row["batch_id"] for row in rows] == ["leads1", "leads2"]
    assert [row["rows_set_aside_by_checks"] for row in rows] == [1, 0]


def test_rows_of_a_superseded_batch_are_no_longer_in_quarantine(organisation: Organisation) -> None:
    rows = organisation.rows("select * from marts.quarantined_rows")
    assert [(row["row_id"], row["reason"]) for row in rows] == [("leads1:5", "wrong")]


def test_weeks_are_those_of_the_managers(organisation: Organisation) -> None:
    (total,) = organisation.rows(
        "select sum(won_amount) as won from marts.won_revenue_weekly where manager_id = 'boss'"
    )
    assert total["won"] == 1150.25
