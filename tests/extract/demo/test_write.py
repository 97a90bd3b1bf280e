"""The export: the same bytes again, nothing from the future, one story on all days, and dirt in the right places."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from config.errors import ConfigError
from config.load import load_config
from config.schema.sources.files import Table
from extract.demo import write_demo
from extract.demo.story import SEED, tell
from extract.demo.write import write_story

PLANNED = {"estimatedclosedate", "bw_periodstart", "bw_periodend"}  # days that lie ahead by their nature
KEYS = {
    "leads": ["leadid"],
    "opportunities": ["opportunityid"],
    "accounts": ["accountid"],
    "contacts": ["contactid"],
    "users": ["systemuserid"],
    "teams": ["teamid"],
    "activities": ["activityid"],
    "activity_parties": ["activityid", "partyid", "participationtypemask"],
    "notes": ["annotationid"],
    "products": ["productid"],
    "quotas": ["ownerid", "bw_periodstart"],
    "opportunity_closes": ["activityid"],
    "opportunity_products": ["opportunityproductid"],
    "positions": ["positionid"],
    "process_stages": ["processstageid"],
    "posts": ["postid"],
    "connections": ["connectionid"],
}


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def tables() -> dict[str, Table]:
    return {table.files.removesuffix(".csv"): table for table in load_config().sources["files"].tables}


def test_the_same_arguments_write_the_same_bytes(export: Path, tmp_path: Path) -> None:
    tell.cache_clear()
    write_demo(tmp_path, "tiny", date(2026, 6, 30), SEED)
    assert contents(tmp_path) == contents(export)


def test_another_seed_tells_another_story(export: Path, tmp_path: Path) -> None:
    write_demo(tmp_path, "tiny", seed=1)
    assert contents(tmp_path)["leads.csv"] != contents(export)["leads.csv"]


@pytest.mark.parametrize("day", [date(2023, 7, 1), date(2024, 2, 29), date(2026, 6, 30)])
def test_nothing_in_an_export_is_later_than_its_day(day: date, tmp_path: Path) -> None:
    write_demo(tmp_path, "tiny", day)
    looked_at = set()
    for name in KEYS:
        rows = read(tmp_path, name)
        assert (rows.get("modifiedon", pd.Series(dtype=str)) != "").all(), name
        for column, values in rows.items():
            moments = values[values.str.match(r"^\d{4}-\d\d-\d\d")]
            if column not in PLANNED and len(moments):
                looked_at.add((name, column))
                assert moments.str[:10].max() <= day.isoformat(), (name, column)
    if day.year == 2026:
        assert len(looked_at) >= 20


def day_a_seller_leaves() -> date:
    people = tell("tiny", SEED).people
    last_day: date = people.left.min().astype(object)
    return last_day


@pytest.mark.parametrize("day", [date(2024, 9, 16), day_a_seller_leaves(), date(2026, 1, 31)])
def test_the_next_day_shows_what_was_and_what_has_happened_since(day: date, tmp_path: Path) -> None:
    next_day = day + timedelta(days=1)
    for folder, as_of in (("before", day), ("after", next_day)):
        write_demo(tmp_path / folder, "tiny", as_of)
    changed = 0
    for name, key in KEYS.items():
        before, after = (read(tmp_path / folder, name).drop_duplicates() for folder in ("before", "after"))
        both = before.merge(after, on=key, how="left", suffixes=("", "_after"), validate="one_to_one", indicator=True)
        assert (both["_merge"] == "both").all(), name
        others = [column for column in before.columns if column not in key]
        differs = np.zeros(len(both), dtype=bool)
        for column in others:
            differs |= (both[column] != both[f"{column}_after"]).to_numpy()
        if "modifiedon" in others:
            assert (both.loc[differs, "modifiedon_after"].str[:10] == next_day.isoformat()).all(), name
        else:
            assert not differs.any(), name
        changed += differs.sum()
    assert changed > 0


def test_sizes(export: Path, small_export: Path) -> None:
    expected = {
        export: {"leads": 900, "opportunities": 800, "activities": 12_000},
        small_export: {"leads": 5_000, "opportunities": 4_000, "activities": 150_000},
    }
    for folder, counts in expected.items():
        for name, count in counts.items():
            assert len(read(folder, name)) == pytest.approx(count, rel=0.05), (folder, name)


def test_the_report_tells_the_rows_of_every_file(tmp_path: Path) -> None:
    report = write_demo(tmp_path, "tiny")
    assert {f"{name}.csv" for name in KEYS} == set(report.rows) == {path.name for path in tmp_path.iterdir()}
    assert all(report.rows[f"{name}.csv"] == len(read(tmp_path, name)) for name in KEYS)
    assert "2026-06-30" in report.lines()[0]


def test_a_size_or_a_day_outside_of_the_story_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="choose one of tiny, small, large"):
        write_demo(tmp_path, "huge")
    for day in (date(2023, 6, 30), date(2027, 1, 1)):
        with pytest.raises(ConfigError, match="choose a day between"):
            write_demo(tmp_path, "tiny", day)


def test_the_shipped_mapping_fits_the_files(export: Path) -> None:
    assert set(tables()) == set(KEYS)
    for name, table in tables().items():
        rows = read(export, name)
        assert set(table.columns.values()) | set(table.ignore) <= set(rows.columns), name
        assert [table.columns[column] for column in table.columns if table.columns[column] in KEYS[name]] == KEYS[name]
        for column, values in table.values.items():
            unknown = ~rows[table.columns[column]].isin(["", *values])
            assert unknown.mean() < 0.005, (name, column)


def test_the_mapping_for_the_parquet_files_lies_beside_them(tmp_path: Path) -> None:
    story = tell("tiny", SEED)
    big = dataclasses.replace(story, size=dataclasses.replace(story.size, big=True))
    day = np.datetime64("2023-12-31")
    write_story(tmp_path, story, day)
    rows = write_story(tmp_path, big, day)
    assert not (tmp_path / "activities.csv").exists()
    formats = {table.files: table.format for table in load_config(tmp_path / "config").sources["files"].tables}
    assert set(formats) == set(rows)
    assert {name for name, form in formats.items() if form == "parquet"} == {
        "activities.parquet",
        "activity_parties.parquet",
    }
    for name, table in tables().items():
        if name.startswith("activit"):
            columns = pd.read_parquet(tmp_path / f"{name}.parquet").columns
            assert set(table.columns.values()) <= set(columns)
    write_story(tmp_path, story, day)
    assert not list(tmp_path.rglob("*.parquet")) + list(tmp_path.rglob("*.yml"))


LEAKS = [
    ("leads", "bw_closing_remark_code", "Qualified"),
    ("opportunities", "bw_final_discount_pct", "Won"),
]


@pytest.mark.parametrize(("name", "column", "wanted"), LEAKS)
def test_the_planted_leak_is_filled_after_the_outcome_and_tells_it(
    name: str, column: str, wanted: str, export: Path
) -> None:
    rows = read(export, name)
    still_open = rows["statecode"] == "Open"
    assert still_open.sum() > 50
    assert (rows.loc[still_open, column] == "").all()
    closed = rows[rows["statecode"].isin({"Qualified", "Disqualified", "Won", "Lost"})]
    assert (closed[column] != "").mean() > 0.95
    outcome = closed["statecode"] == wanted
    rate = outcome.groupby(closed[column]).transform("mean")
    assert roc_auc_score(outcome, rate) > 0.9


def test_the_dirt_is_there_and_there_is_not_much_of_it(small_export: Path) -> None:
    leads, deals = read(small_export, "leads"), read(small_export, "opportunities")
    activities = read(small_export, "activities")
    for rows in (leads, deals, activities):
        assert 0 < rows.duplicated().mean() < 0.005
        assert not rows.drop_duplicates().iloc[:, 0].duplicated().any()
    broken = {
        "leads": pd.to_numeric(leads["estimatedamount"].replace("", "0"), errors="coerce").isna(),
        "lead states": leads["statecode"] == "Recycled",
        "deals": pd.to_numeric(deals["estimatedvalue"], errors="coerce").isna(),
        "deal states": deals["statecode"] == "Reopened",
        "activities": activities["activitytypecode"] == "fax",
    }
    for what, marks in broken.items():
        assert 0 < marks.mean() < 0.003, what
    assert {"Trade show", "Tradeshow"} <= set(leads["leadsourcecode"])
    assert {"Helix Systems", "HELIX Systems"} <= set(deals["bw_competitor"])
    assert 0.02 < (leads["industrycode"] == "").mean() < 0.12
    late = leads[(leads["bw_decidedon"] != "") & (leads["modifiedon"] > leads["bw_decidedon"])]
    assert 0.02 < len(late) / len(leads) < 0.10
