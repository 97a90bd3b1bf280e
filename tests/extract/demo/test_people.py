"""The sales force: who leaves hands over, and the young team has little history."""

from __future__ import annotations

from pathlib import Path

import pandas as pd


def test_open_records_of_sellers_who_left_are_with_someone_else(export: Path) -> None:
    users = pd.read_csv(export / "users.csv", dtype=str)
    gone = set(users.loc[users["bw_lefton"].notna(), "systemuserid"])
    assert gone
    owned_then = set()
    for name in ("leads", "opportunities"):
        rows = pd.read_csv(export / f"{name}.csv", dtype=str)
        assert not set(rows.loc[rows["statecode"] == "Open", "ownerid"]) & gone
        owned_then |= set(rows["ownerid"]) & gone
    assert owned_then == gone


def test_every_manager_but_the_youngest_has_history_enough_for_a_forecast(small_export: Path) -> None:
    users = pd.read_csv(small_export / "users.csv", dtype=str).set_index("systemuserid")
    deals = pd.read_csv(small_export / "opportunities.csv", dtype={"ownerid": str}, parse_dates=["actualclosedate"])
    won = deals[deals["statecode"] == "Won"]
    week = won["actualclosedate"].dt.to_period("W")
    weeks = week.groupby(won["ownerid"].map(users["parentsystemuserid"])).agg(lambda weeks: weeks.nunique())
    first = week.groupby(won["ownerid"].map(users["parentsystemuserid"])).min()
    assert len(weeks) == 4
    assert weeks.sort_values().iloc[1] > 36
    assert first.max().start_time > pd.Timestamp("2026-06-30") - pd.Timedelta(weeks=35)


def test_everybody_who_owns_or_leads_is_a_user(export: Path) -> None:
    users = set(pd.read_csv(export / "users.csv", dtype=str)["systemuserid"])
    for name in ("leads", "opportunities", "accounts", "contacts", "activities", "notes", "quotas"):
        assert set(pd.read_csv(export / f"{name}.csv", dtype=str)["ownerid"]) <= users, name
    assert set(pd.read_csv(export / "teams.csv", dtype=str)["administratorid"]) <= users
