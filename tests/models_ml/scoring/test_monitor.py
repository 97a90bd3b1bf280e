"""Monitoring a version in use: what comes after it was trained is compared, and what it finds is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from config.workspace import Workspace
from models_ml.scoring import monitor as module
from models_ml.scoring.dataset import read_dataset
from models_ml.scoring.in_use import InUse
from models_ml.scoring.influence import learn_explanations
from models_ml.scoring.learner import Learner
from models_ml.scoring.models import models
from models_ml.scoring.monitor import MonitorReport, monitor
from models_ml.scoring.split import split
from models_ml.scoring.train import with_baseline
from tests.conftest import write_files
from tests.models_ml.conftest import LEAD_YML
from tests.models_ml.scoring.company import DAY, make_leads, rows_of, write_leads
from warehouse.connection import open_warehouse

AFTER = 90
LATER = DAY + timedelta(days=AFTER)
_WORLD = make_leads(3000, span_days=790)
LEADS = _WORLD[(_WORLD["created"] < AFTER + 60) | (np.arange(len(_WORLD)) % 3 == 0)].reset_index(drop=True)
"""As known on ``LATER``; those of the last 90 days came after the training. Older ones are fewer, for speed."""

IS_NEW = (LEADS["created"] < AFTER).to_numpy()
RANDOM = np.random.default_rng(4)
HALF = RANDOM.random(len(LEADS)) < 0.5


def as_known(leads: pd.DataFrame, days_before: int) -> pd.DataFrame:
    """The leads as they were known so many days before ``LATER``."""
    leads = leads.assign(created=leads["created"] - days_before, closed=leads["closed"] - days_before)
    leads["outcome"] = leads["outcome"].mask(leads["closed"] < 0, "open")
    return leads[leads["created"] >= 0]


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Learner]:
    """A version of the model of leads, learnt on ``DAY`` as ``train`` does it, without measuring and registering it."""
    folder = tmp_path_factory.mktemp("monitored")
    write_files(folder / "config", {"scores/lead.yml": LEAD_YML})
    workspace = Workspace.open(
        {"SALES_INSIGHTS_CONFIG": str(folder / "config"), "SALES_INSIGHTS_DATA": str(folder / "data")}
    )
    write_leads(workspace, as_known(LEADS, AFTER))
    (model,) = workspace.config.scores["lead"].all_models("lead")
    with open_warehouse(workspace) as connection:
        dataset = read_dataset(connection, "lead", model, DAY)
        connection.execute(
            "insert into scores.models by name select 'lead' as score_name, 'LeadScoring' as model_name, 'v1' as "
            "model_id, ? as as_of_date, 0.79 as auc, 0.75 as auc_low, 0.83 as auc_high, 'Ready to publish' as verdict, "
            "'champion' as status, 1 as model_number",
            [DAY],
        )
    parts = split(dataset, model.holdout_share, model.training_window)
    rows = dataset.rows[parts.labelled]
    learner = Learner.fit(rows, tuple(each for each in dataset.attributes if each.name != "age_days"))
    known = learn_explanations(learner, rows, "lead", model.horizon_days)
    return workspace, with_baseline(model, dataset, parts, replace(learner, explanations=known))


@pytest.fixture
def company(version: tuple[Workspace, Learner], monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The workspace where that version is in use, and nothing has been monitored yet."""
    workspace, learner = version
    monkeypatch.setattr(module, "model_in_use", lambda *_: InUse(learner, "v1", None))
    yield workspace
    with open_warehouse(workspace) as connection:
        connection.execute("delete from scores.drift")


def monitored(workspace: Workspace, leads: pd.DataFrame, day: date = LATER) -> MonitorReport:
    write_leads(workspace, as_known(leads, (LATER - day).days), day=day)
    return monitor(workspace, "lead", as_of=day)


def drift(workspace: Workspace, day: date = LATER) -> dict[tuple[str, str], dict[str, Any]]:
    """Aspect and attribute to the row of the day."""
    with open_warehouse(workspace) as connection:
        found = connection.execute("select * from scores.drift where as_of_date = ?", [day]).df()
    return {(row["aspect"], row["attribute"]): row for row in found.to_dict("records")}


def status(report: MonitorReport) -> str | None:
    return report.watched[0].standing.status if report.watched[0].standing else None


def with_partners(leads: pd.DataFrame) -> pd.DataFrame:
    """Half of the new leads come from a source that nobody knew, and have no size."""
    moved = IS_NEW & HALF
    return leads.assign(source=leads["source"].mask(moved, "partner"), size=leads["size"].mask(moved))


def test_what_goes_on_as_it_was_is_steady_and_the_same_when_repeated(company: Workspace) -> None:
    report = monitored(company, LEADS)
    assert status(report) == "steady"
    assert report.alerts == []
    everything = rows_of(company, "select * from scores.drift order by all")
    monitor(company, "lead", as_of=LATER)
    assert rows_of(company, "select * from scores.drift order by all") == everything
    found = drift(company)
    of_model = found["model", ""]
    assert of_model["standing_verdict"] == of_model["verdict"]
    assert {attribute for aspect, attribute in found if aspect == "input"} >= {"source", "size", "noise", "Colour"}
    assert found["base rate", ""]["status"] == found["ranking", ""]["status"] == "steady"
    assert found["input", "source"]["records"] >= 100


def test_new_and_empty_values_are_found_and_named_and_lower_the_verdict(company: Workspace) -> None:
    report = monitored(company, with_partners(LEADS))
    assert status(report) == "drifting"
    found = drift(company)
    assert found["input", "source"]["status"] == "drifting"
    assert "'rare or new' rose from 0% to" in found["input", "source"]["because"]
    assert "(partner)" in found["input", "source"]["because"]
    assert found["input", "size"]["status"] == "drifting"
    assert "'not filled' rose from" in found["input", "size"]["because"]
    assert [found["input", name]["status"] for name in ("noise", "Colour")] == ["steady"] * 2
    assert (found["model", ""]["verdict"], found["model", ""]["standing_verdict"]) == (
        "Ready to publish",
        "OK to publish",
    )
    assert "sales-insights train lead LeadScoring" in found["model", ""]["because"]
    (alert,) = report.alerts
    assert (alert["model"], alert["drifting_since"]) == ("LeadScoring", str(LATER))
    (state,) = [one for one in models(company).models if one.model_name == "LeadScoring"]
    assert state.drift == "drifting"
    assert "'Ready to publish' now counts as 'OK to publish'" in state.lowered


def test_a_lowered_verdict_stays_until_a_run_finds_the_version_steady(company: Workspace) -> None:
    monitored(company, with_partners(LEADS))
    few = [LATER + timedelta(days=number) for number in (1, 2)]
    long_ago = LEADS.assign(created=LEADS["created"] + 400, closed=LEADS["closed"] + 400)
    for day, leads, expected in (
        (few[0], long_ago, ("not enough records", LATER, "OK to publish")),
        (few[1], LEADS, ("steady", pd.NaT, "Ready to publish")),
    ):
        write_leads(company, leads, day=day)
        monitor(company, "lead", as_of=day)
        found = drift(company, day)["model", ""]
        since = found["drifting_since"]
        assert (found["status"], since if since is pd.NaT else since.date(), found["standing_verdict"]) == expected


def test_a_base_rate_that_falls_is_found_though_inputs_are_the_same(company: Workspace) -> None:
    known_since = (LEADS["created"] < AFTER + 60).to_numpy()
    worse = LEADS.assign(
        outcome=LEADS["outcome"].mask(known_since & (LEADS["outcome"] == "positive") & HALF, "negative")
    )
    report = monitored(company, worse)
    found = drift(company)
    assert found["base rate", ""]["status"] == "drifting"
    assert found["base rate", ""]["observed_high"] < found["base rate", ""]["expected"]
    assert found["score", ""]["status"] == "steady"
    assert report.watched[0].because.startswith("base rate: ")


def test_shortly_after_training_there_is_too_little_to_compare(company: Workspace) -> None:
    day = DAY + timedelta(days=5)
    few = LEADS[(LEADS["created"] <= AFTER) | (LEADS["created"] > AFTER + 62)]  # and none shortly before the training
    report = monitored(company, few, day)
    assert status(report) == "not enough records"
    assert report.alerts == []
    found = drift(company, day)
    assert {row["status"] for row in found.values()} == {"not enough records"}
    assert "monitoring goes on by itself" in found["model", ""]["because"]


def test_a_version_of_the_day_is_not_to_be_trained_anew_at_once(company: Workspace) -> None:
    assert (
        "is real, train anew: 'sales-insights train lead"
        in monitored(company, with_partners(LEADS)).alerts[0]["because"]
    )
    with open_warehouse(company) as connection:
        connection.execute("update scores.models set as_of_date = ?", [LATER])
    try:
        (alert,) = monitor(company, "lead", as_of=LATER).alerts
    finally:
        with open_warehouse(company) as connection:
            connection.execute("update scores.models set as_of_date = ?", [DAY])
    assert "train anew once outcomes of such records are known" in alert["because"]


def test_a_version_that_was_trained_later_says_nothing_about_the_day(company: Workspace) -> None:
    day = DAY - timedelta(days=30)
    report = monitored(company, LEADS, day)
    assert status(report) is None
    assert "was trained after" in report.watched[0].because
    assert drift(company, day) == {}


def test_switched_off_lowers_nothing(company: Workspace, tmp_path: Path) -> None:
    monitored(company, with_partners(LEADS))
    write_files(tmp_path, {"scores/lead.yml": f"{LEAD_YML}monitoring: {{enabled: false}}\n"})
    names = {"SALES_INSIGHTS_CONFIG": str(tmp_path), "SALES_INSIGHTS_DATA": str(company.data.root)}
    report = monitor(Workspace.open(names), "lead", as_of=LATER)
    assert status(report) == "not monitored"
    assert drift(company)["model", ""]["standing_verdict"] == "Ready to publish"


def test_a_version_of_before_and_none_at_all_say_so(
    company: Workspace, version: tuple[Workspace, Learner], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [InUse(replace(version[1], baseline=None), "v1", None), None]
    monkeypatch.setattr(module, "model_in_use", lambda *_: old.pop(0))
    write_leads(company, LEADS, day=LATER)
    assert status(monitor(company, "lead", as_of=LATER)) == "not enough records"
    report = monitor(company, "lead", as_of=LATER)
    assert (status(report), drift(company)) == (None, {})


def test_what_is_kept_beside_a_model_is_read_as_it_was(version: tuple[Workspace, Learner], tmp_path: Path) -> None:
    learner = version[1]
    learner.save(tmp_path)
    kept, read = learner.baseline, Learner.load(tmp_path).baseline
    assert kept is not None
    assert read is not None
    assert (read.ages, read.newest) == (kept.ages, kept.newest) == ((0, 7), read.newest)
    assert all(np.array_equal(one, other) for one, other in zip(read.counts, kept.counts, strict=True))
    assert np.array_equal(read.scores, kept.scores)
    assert np.array_equal(read.score_sums, kept.score_sums)
    assert read.newest <= DAY - timedelta(days=60)  # only records whose outcome was known measure a version
