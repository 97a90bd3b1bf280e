"""Words for attributes, numbers and rates."""

from __future__ import annotations

import numpy as np
import pytest

from models_ml.scoring import wording


@pytest.mark.fact("1a.reason-entity")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("days_since_last_activity", "Days since last activity"),
        ("activities_7_days", "Activities in the last 7 days"),
        ("age_days", "Age in days"),
        ("owner_id", "Owner"),
        ("annual_revenue_eur", "Annual revenue EUR"),
        ("account_industry", "Account industry"),
        ("contact_job_title", "Contact job title"),
        ("custom.source", "Source"),
        ("LeadSource", "Lead source"),
        ("Total Time Spent on Website", "Total Time Spent on Website"),
        ("emp.var.rate", "emp.var.rate"),
        ("SIC", "SIC"),
        ("x", "X"),
        ("__odd", "__odd"),
    ],
)
def test_names_of_attributes(name: str, words: str) -> None:
    assert wording.attribute_words(name) == words


@pytest.mark.fact("2.process-fields", "2.close-date", "2.phone")
@pytest.mark.parametrize(
    ("name", "value", "subject"),
    [
        ("industry", "Finance", "Industry is Finance"),
        ("has_phone", "yes", "Business phone number is available"),
        ("contact_has_phone", "no", "Business phone number of the contact is not available"),
        ("has_phone", "not filled", "Has phone is not filled"),
        ("days_to_estimated_close", "low (4 or less)", "Days until the estimated close date is low (4 or less)"),
        ("age_days", "medium high (27 to 74)", "Age in days is medium high (27 to 74)"),
        ("final_proposal_ready", "false", "Final proposal ready is false"),
    ],
)
def test_a_reason_begins_with_what_it_is_about(name: str, value: str, subject: str) -> None:
    """The examples of the product's own widget, in our words."""
    assert wording.subject(name, value) == subject


def test_numbers_are_short_and_whole_where_they_are() -> None:
    values = np.array([66159336, 19900.0, 12.346, 0.12345, -0.0, -3, 1e-7, np.inf, 100])
    assert wording.numbers(values) == ["66159336", "19900", "12.35", "0.123", "0", "-3", "1e-07", "inf", "100"]


@pytest.mark.fact("1a.reason-bins")
def test_bins_are_named_from_low_to_high_with_their_bounds() -> None:
    values = np.array([1.5, 10, 20, 30, 40, 50])
    assert wording.bins(np.array([10.0, 20, 30, 40]), values) == [
        "low (up to 10)",
        "medium low (above 10 up to 20)",
        "medium (above 20 up to 30)",
        "medium high (above 30 up to 40)",
        "high (above 40)",
    ]
    assert wording.bins(np.array([0.5]), values) == ["low (up to 0.5)", "high (above 0.5)"]
    assert wording.bins(np.array([0.0]), np.array([0.0, 0.5, 2.0])) == ["0", "high (above 0)"]


def test_bins_of_whole_numbers_touch_no_number_twice() -> None:
    assert wording.bins(np.array([0.0, 1, 4]), np.arange(9.0)) == ["0", "1", "medium high (2 to 4)", "high (5 or more)"]
    assert wording.bins(np.array([-3.0]), np.array([-3.0, 2.0])) == ["low (-3 or less)", "high (-2 or more)"]
    assert wording.bins(np.array([]), np.array([7.0])) == ["filled"]


@pytest.mark.fact("1a.reason-examples", "1a.reason-bins", "2.reason-examples", "2.reason-insight")
def test_the_examples_of_the_product_can_be_said() -> None:
    """Facts 1a and 2: names of columns, exact numbers, and where a number lies, 27 to 74 being medium high."""
    names = ("Budget Amount", "job_title", "Lead Source", "Purchase Timeframe", "Number of Employees", "age_days")
    assert [wording.attribute_words(name) for name in names] == [
        "Budget Amount", "Job title", "Lead Source", "Purchase Timeframe", "Number of Employees", "Age in days",
    ]  # fmt: skip
    assert wording.numbers(np.array([66159336.0, 908, 10000])) == ["66159336", "908", "10000"]
    days = wording.bins(np.array([3.0, 10, 26, 74]), np.arange(200.0))
    assert days[3] == "medium high (27 to 74)"
    assert wording.bins(np.array([4.5, 10000]), np.array([0.5, 10000, 1e6]))[-1] == "high (above 10000)"
    assert wording.bins(np.array([4.5, 19900]), np.array([0.5, 19900, 1e6]))[-1] == "high (above 19900)"


def test_a_question_is_answered_by_yes_or_no() -> None:
    assert wording.is_yes_no("account_is_subsidiary", np.array([0.0, 1.0]))
    assert not wording.is_yes_no("notes", np.array([0.0, 1.0]))
    assert not wording.is_yes_no("has_calls", np.array([0.0, 2.0]))
    assert wording.yes_no(np.array([0.0, 1, 2])) == ["no", "yes", "2"]


@pytest.mark.fact("1a.reason-insight", "2.reason-insight")
@pytest.mark.parametrize(
    ("score_name", "rate", "days", "speaks_for", "sentence"),
    [
        ("lead", 0.64, None, True, "X is y: 64 % of such leads are qualified, 38 % overall"),
        ("opportunity", 0.15, 30, False, "X is y: 15 % of such opportunities are won within 30 days, 38 % overall"),
        ("renewal", 0.64, None, True, "X is y: 64 % of such records are positive, 38 % overall"),
        (
            "lead",
            0.2,
            None,
            True,
            "X is y: 20 % of such leads are qualified, 38 % overall; beside its other values it speaks for this lead",
        ),
        ("lead", None, 60, True, "X is y: too few leads like it to say how many are qualified"),
    ],
)
def test_sentences(score_name: str, rate: float | None, days: int | None, speaks_for: bool, sentence: str) -> None:
    assert wording.reason(wording.nouns(score_name), "X is y", rate, 0.38, days, speaks_for=speaks_for) == sentence


@pytest.mark.fact("1c.percentage-points")
def test_differences_are_in_percentage_points() -> None:
    assert wording.difference(1.0, 0.38) == "62 percentage points higher than global"
    assert wording.difference(0.37, 0.38) == "1 percentage point lower than global"
    assert wording.difference(0.381, 0.38) == "as all"
