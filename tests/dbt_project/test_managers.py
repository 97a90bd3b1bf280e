"""Who is above whom, and what they won."""

from __future__ import annotations

from datetime import date

from tests.dbt_project.conftest import FIRST, Organisation

WEEKS = [date(2026, 6, 1), date(2026, 6, 8), date(2026, 6, 15)]


def won(organisation: Organisation, manager_id: str) -> list[tuple[date, float, int, bool]]:
    return [
        (row["week_start"], row["won_amount"], row["won_count"], row["is_complete"])
        for row in organisation.first["feat_manager_week"]
        if row["manager_id"] == manager_id
    ]


def test_a_manager_has_all_weeks_of_everyone_below(organisation: Organisation) -> None:
    expected = list(zip(WEEKS, [100.25, 0.0, 50.0], [1, 0, 1], [True, True, False], strict=True))
    assert won(organisation, "ann") == expected
    assert won(organisation, "boss") == expected


def test_a_manager_without_a_row_goes_by_the_key(organisation: Organisation) -> None:
    names = {row["manager_id"]: row["manager_name"] for row in organisation.first["feat_manager_week"]}
    assert (names["boss"], names["ann"], names["lee"]) == ("boss", "Ann", "lee")


def test_who_leads_a_team_has_its_members(organisation: Organisation) -> None:
    assert [amount for _, amount, _, _ in won(organisation, "lee")] == [100.25, 0.0, 0.0]


def test_a_circle_of_managers_counts_every_deal_once(organisation: Organisation) -> None:
    assert won(organisation, "eve") == won(organisation, "fay") == [(WEEKS[2], 7.0, 1, False)]


def test_a_seller_is_no_manager(organisation: Organisation) -> None:
    assert won(organisation, "sam") == []


def test_the_rows_are_those_of_the_day(organisation: Organisation) -> None:
    assert {row["as_of_date"] for row in organisation.first["feat_manager_week"]} == {FIRST}
