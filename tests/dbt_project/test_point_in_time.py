"""Nothing is known before it is known."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from tests.dbt_project.conftest import FIRST, SECOND, STORED, Organisation


def row(rows: list[dict[str, Any]], record_id: str, day: date) -> dict[str, Any]:
    (found,) = [one for one in rows if (one["record_id"], one["as_of_date"]) == (record_id, day)]
    return found


def days(rows: list[dict[str, Any]], record_id: str) -> list[date]:
    return [one["as_of_date"] for one in rows if one["record_id"] == record_id]


def test_an_old_day_built_from_todays_warehouse_is_what_was_stored_then(organisation: Organisation) -> None:
    for name in STORED:
        assert organisation.first[name] != []
        assert organisation.first_again[name] == organisation.first[name]


def test_snapshots_lie_at_the_ages_while_open_and_on_the_day(organisation: Organisation) -> None:
    first = organisation.first["feat_lead"]
    assert days(first, "moved") == [date(2026, 6, 1), date(2026, 6, 8), FIRST]
    assert days(first, "won") == [date(2026, 3, 1), date(2026, 3, 8)]
    assert days(first, "lost") == [date(2026, 3, 1)]
    assert days(first, "undated") == [FIRST]
    assert days(first, "tomorrow") == []


def test_an_activity_counts_from_the_day_on_which_it_took_place_and_was_known(organisation: Organisation) -> None:
    first, second = organisation.first["feat_lead"], organisation.second["feat_lead"]
    assert row(first, "moved", date(2026, 6, 1))["activities"] == 1
    assert row(first, "moved", date(2026, 6, 8))["activities"] == 2
    on_the_day = row(first, "moved", FIRST)
    assert (on_the_day["activities"], on_the_day["incoming"], on_the_day["outgoing"]) == (3, 2, 1)
    assert on_the_day["days_since_last_activity"] == 11
    # What happened on the 5th but came with the second day's file is unknown on the 8th, then and now.
    assert row(second, "moved", date(2026, 6, 8))["activities"] == 2
    assert row(second, "moved", SECOND)["activities"] == 5


def test_a_second_version_is_visible_from_the_day_it_is_known(organisation: Organisation) -> None:
    second = organisation.second["feat_lead"]
    assert row(second, "moved", date(2026, 6, 22))["owner_id"] == "sam"
    assert row(second, "moved", SECOND)["owner_id"] == "tom"
    versions = organisation.rows("select * from history.hist_leads where lead_id = 'moved' order by version_number")
    assert [version["valid_from"] for version in versions] == [datetime(2026, 6, 1, 8), datetime(2026, 6, 23, 9)]
    assert versions[0]["valid_to"] == datetime(2026, 6, 23, 9)
    assert versions[1]["known_at"] == datetime(2026, 6, 25, 23, 59, 59, 999999)
    assert versions[1]["valid_to"] is None


def test_the_same_content_again_is_no_version(organisation: Organisation) -> None:
    assert len(organisation.rows("select * from history.hist_leads where lead_id = 'won'")) == 1


def test_what_may_be_later_than_the_day_is_called_hindsight(organisation: Organisation) -> None:
    second = organisation.second["feat_lead"]
    assert row(second, "moved", date(2026, 6, 1))["is_hindsight"]
    assert not row(second, "moved", SECOND)["is_hindsight"]
    # Created on the 24th, known with the file of the 25th.
    assert row(second, "new", date(2026, 6, 24))["is_hindsight"]
    assert not row(second, "new", SECOND)["is_hindsight"]


def test_an_outcome_after_the_day_is_not_yet_known(organisation: Organisation) -> None:
    then, later = organisation.first["label_lead"], organisation.second["label_lead"]
    assert row(then, "foreseen", FIRST) | {"outcome": "open", "closed_at": None} == row(then, "foreseen", FIRST)
    assert row(later, "foreseen", date(2026, 6, 10))["outcome"] == "positive"
    assert FIRST not in days(later, "foreseen")


@pytest.mark.fact("1c.target-status")
def test_labels_look_forward_over_the_horizon_or_are_censored(organisation: Organisation) -> None:
    labels = organisation.first["label_lead"]
    assert row(labels, "won", date(2026, 3, 8)) == {
        "record_id": "won",
        "as_of_date": date(2026, 3, 8),
        "model_name": "LeadScoring",
        "label": True,
        "outcome": "positive",
        "closed_at": datetime(2026, 3, 15, 10),
        "label_known_on": date(2026, 5, 7),
        "censored_because": None,
    }
    assert row(labels, "lost", date(2026, 3, 1))["label"] is False
    young = row(labels, "moved", date(2026, 6, 1))
    assert (young["label"], young["censored_because"]) == (None, "younger than the horizon")


def test_superseded_batches_and_rows_set_aside_are_left_out(organisation: Organisation) -> None:
    assert organisation.rows("select * from history.hist_leads where lead_id in ('wrong', 'bad')") == []


def test_a_record_without_dates_has_no_features_of_time(organisation: Organisation) -> None:
    undated = row(organisation.first["feat_lead"], "undated", FIRST)
    assert undated["is_current"]
    timed = ("age_days", "created_month", "created_weekday", "activities", "notes", "owner_open_leads")
    assert [undated[name] for name in timed] == [None] * len(timed)


def test_the_workload_is_that_of_the_day(organisation: Organisation) -> None:
    first = organisation.first["feat_lead"]
    assert row(first, "won", date(2026, 3, 8))["owner_open_leads"] == 1
    assert row(first, "moved", FIRST)["owner_open_leads"] == 2  # with the one that is decided on the 22nd


def test_custom_columns_come_with_their_version(organisation: Organisation) -> None:
    assert row(organisation.first["feat_lead"], "foreseen", FIRST)["custom"]["Campaign"] == "Spring"


def test_custom_columns_are_trimmed_texts_whatever_their_names(organisation: Organisation) -> None:
    custom = row(organisation.first["feat_lead"], "won", date(2026, 3, 8))["custom"]
    # Fields are columns: names that differ in case alone are one.
    filled = {name: value for name, value in custom.items() if value}
    assert filled == {"Campaign": "Autumn", 'a "b"/c~d\'e': "odd", "Übergabe": "nein"}
    assert custom["blank"] is None


def test_a_custom_column_is_there_from_the_day_on_which_it_is_known(organisation: Organisation) -> None:
    assert "Later" not in row(organisation.first["feat_lead"], "moved", FIRST)["custom"]
    assert row(organisation.second["feat_lead"], "new", SECOND)["custom"]["Later"] == "1"


def test_deals_of_the_account_count_once_decided(organisation: Organisation) -> None:
    deal = row(organisation.first["feat_opportunity"], "deal6", FIRST)
    assert (deal["account_deals_won"], deal["account_deals_lost"], deal["account_deals_open"]) == (3, 1, 1)


@pytest.mark.fact("2.stage-time")
def test_time_in_stage_begins_with_the_first_change_that_was_seen(organisation: Organisation) -> None:
    then = row(organisation.first["feat_opportunity"], "deal6", FIRST)
    assert (then["stage"], then["days_in_stage"], then["days_in_stage_to_won"]) == ("first", None, None)
    later = organisation.second["feat_opportunity"]
    assert (row(later, "deal6", SECOND)["stage"], row(later, "deal6", SECOND)["days_in_stage"]) == ("second", 2)
    on_creation = row(later, "deal6", date(2026, 6, 15))
    assert (on_creation["stage"], on_creation["days_in_stage"]) == ("first", None)


@pytest.mark.fact("1a.related-signals", "1a.age-in-days", "1c.related-lead")
def test_a_lead_is_described_by_itself_its_contact_and_its_account(organisation: Organisation) -> None:
    lead = row(organisation.first["feat_lead"], "moved", FIRST)
    assert (lead["estimated_amount"], lead["age_days"]) == (10, 19)
    assert (lead["contact_job_title"], lead["account_industry"]) == ("CFO", "Metal")


@pytest.mark.fact("1c.related-opportunity")
def test_an_opportunity_is_described_by_its_account_and_its_contact(organisation: Organisation) -> None:
    deal = row(organisation.first["feat_opportunity"], "deal6", FIRST)
    assert (deal["account_industry"], deal["contact_job_title"]) == ("Metal", "CFO")


@pytest.mark.fact("1c.related-custom")
def test_columns_of_ones_own_of_contact_and_account_are_attributes(organisation: Organisation) -> None:
    for table, record in (("feat_lead", "moved"), ("feat_opportunity", "deal6")):
        custom = row(organisation.first[table], record, FIRST)["custom"]
        assert (custom["contact.region"], custom["account.region"]) == ("South", "North")
        assert custom["contact.vip"] is None
    alone = row(organisation.first["feat_lead"], "won", date(2026, 3, 8))["custom"]
    assert not [name for name, value in alone.items() if "." in name and value is not None]


@pytest.mark.fact("1c.mail-domain", "1c.names")
def test_mail_domains_and_names_are_judged(organisation: Organisation) -> None:
    judged = ("email_domain", "is_free_mail", "is_first_name_plausible", "is_last_name_plausible")
    person = row(organisation.first["feat_lead"], "moved", FIRST)
    assert [person[name] for name in judged] == ["gmail.com", True, True, True]
    nobody = row(organisation.first["feat_lead"], "won", date(2026, 3, 8))
    assert [nobody[name] for name in judged] == ["acme.com", False, False, False]


@pytest.mark.fact("1c.target-status")
def test_won_and_lost_are_the_outcomes_of_opportunities(organisation: Organisation) -> None:
    labels = organisation.first["label_opportunity"]
    outcomes = {name: row(labels, name, date(2026, 5, 1))["outcome"] for name in ("deal1", "deal5")}
    assert outcomes == {"deal1": "positive", "deal5": "negative"}
