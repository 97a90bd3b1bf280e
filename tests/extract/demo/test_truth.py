"""The truth: it is what happens, it is as informative as stated, and what it is made of can be seen in the export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from extract.demo.mechanism import MECHANISMS, EntityName
from extract.demo.story import SEED
from extract.demo.truth import true_probability, truth

ENTITIES: list[EntityName] = ["lead", "opportunity"]
SEEDS = range(10)


def snapshots(records: pd.DataFrame, age: int, horizon: int) -> pd.DataFrame:
    """Records still open at the end of the day at that age, with the true probability and what came."""
    day = records["created_on"] + pd.Timedelta(days=age)
    closed_on = records["closed_at"].dt.normalize()
    rows = records[closed_on.isna() | (closed_on > day)].copy()
    day = day[rows.index]
    seen = [(rows[f"reply_{number}"] > 0) & (rows[f"reply_{number}"] <= age) for number in (1, 2, 3)]
    rows["seen"] = sum(mark.astype(int) for mark in seen)
    rows["true"] = true_probability(records, rows["record_id"].to_numpy(), day.to_numpy().astype("datetime64[D]"))
    rows["came"] = (rows["outcome"] == "positive") & (closed_on[rows.index] <= day + pd.Timedelta(days=horizon))
    return rows


@pytest.mark.parametrize("age", [0, 2, 4, 7, 45])
@pytest.mark.parametrize("entity", ENTITIES)
def test_what_is_true_is_what_happens(entity: EntityName, age: int) -> None:
    horizon = MECHANISMS[entity].horizon_days
    rows = pd.concat([snapshots(truth("small", seed, entity), age, horizon) for seed in SEEDS])
    rows["tenth"] = pd.qcut(rows["true"], 10, labels=False)
    for group in ("tenth", "seen"):
        for value, part in rows.groupby(group):
            error = np.sqrt((part["true"] * (1 - part["true"])).sum()) / len(part)
            assert abs(part["true"].mean() - part["came"].mean()) < 4 * error, (group, value)


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_true_probability_ranks_as_stated(entity: EntityName) -> None:
    rows = pd.concat([truth("small", seed, entity) for seed in SEEDS])
    assert 0.79 < roc_auc_score(rows["outcome"] == "positive", rows["probability"]) < 0.83
    assert 0.35 < (rows["outcome"] == "positive").mean() < 0.45


@pytest.mark.parametrize("entity", ENTITIES)
def test_most_records_close_within_the_horizon_and_none_in_the_first_days(entity: EntityName) -> None:
    rows = truth("small", SEED, entity)
    days = (rows["closed_at"].dt.normalize() - rows["created_on"]).dt.days.dropna()
    assert days.min() == 5
    assert (days <= MECHANISMS[entity].horizon_days).mean() > 0.93
    assert 0.05 < rows["closed_at"].isna().mean() < 0.15


def test_before_a_record_exists_there_is_no_truth() -> None:
    records = truth("tiny")
    day = records["created_on"].iloc[5].to_datetime64().astype("datetime64[D]")
    chosen = np.repeat(records["record_id"].iloc[5], 2)
    before, on = true_probability(records, chosen, np.array([day - 1, day]))
    assert np.isnan(before)
    assert 0 < on < 1
    with pytest.raises(KeyError):
        true_probability(records, np.array(["1ead0000-0000-4000-8000-000099999999"]), day)


@pytest.mark.parametrize(
    ("entity", "file", "key"), [("lead", "leads", "leadid"), ("opportunity", "opportunities", "opportunityid")]
)
def test_truth_and_export_are_about_the_same(entity: EntityName, file: str, key: str, export: Path) -> None:
    records = truth("tiny", SEED, entity).set_index("record_id")
    rows = pd.read_csv(export / f"{file}.csv", parse_dates=["createdon"]).drop_duplicates().set_index(key)
    rows = rows[~rows["statecode"].isin(["Recycled", "Reopened"])]
    true = records.loc[rows.index]
    assert (true["created_on"] == rows["createdon"].dt.normalize()).all()
    shown = rows["statecode"].map(
        {"Qualified": "positive", "Won": "positive", "Disqualified": "negative", "Lost": "negative"}
    )
    decided = true["closed_at"] < pd.Timestamp("2026-07-01")
    assert (shown.notna() == decided).all()
    assert (shown[decided] == true["outcome"][decided]).all()


@pytest.mark.parametrize("entity", ENTITIES)
def test_replies_can_be_seen_as_incoming_activities(entity: EntityName, export: Path) -> None:
    records = truth("tiny", SEED, entity)
    records = records[records["created_on"] < pd.Timestamp("2026-06-20")]
    activities = pd.read_csv(export / "activities.csv", parse_dates=["actualend"]).drop_duplicates()
    incoming = activities[(activities["directioncode"] == "Incoming")].merge(
        records, left_on="regardingobjectid", right_on="record_id"
    )
    early = incoming[(incoming["actualend"].dt.normalize() - incoming["created_on"]).dt.days <= 4]
    counted = early.groupby("record_id").size().reindex(records["record_id"]).fillna(0)
    assert (counted.to_numpy() == (records[["reply_1", "reply_2", "reply_3"]] > 0).sum(axis=1).to_numpy()).all()
