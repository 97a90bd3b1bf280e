"""The model page: facts 1c and 1d of the product that it replaces."""

from __future__ import annotations

import httpx
import pytest

from config.schema.learning import Model
from dashboards.setup import setup
from tests.dashboards.test_record import plain


def test_accuracy_is_told_with_its_interval_beside_plainer_models_and_the_illusion(pages: httpx.Client) -> None:
    told = plain(pages.get("/models/LeadScoring").text)
    for words in (
        "OK to publish", "Lowered from Ready to publish: it drifts since 2026-06-30. source: 'Web' rose from 20 %",
        "The lower bound of its AUC on the newest records is 0.700.",
        "AUC 0.770 95 %: 0.720 to 0.820",
        "Logistic regression 0.750", "The base rate alone 0.500",
        "The version then in use, on the 180 records new to both 0.720",
        "Beware of the random split: it shows an AUC of 0.930", "Leads with source = Web: AUC 0.51.",
    ):  # fmt: skip
        assert words in told


def test_the_confusion_matrix_is_the_worked_example(pages: httpx.Client) -> None:
    """Facts 1d: TP 650, FP 200, TN 100, FN 50 make accuracy 75 %, recall 92.86 %, conversion 70 %."""
    told = plain(pages.get("/models/LeadScoring").text)
    assert "Was qualified 650 50 Was not 200 100" in told
    assert "Accuracy 75.0 %, recall 92.9 %, precision 76.0 %, conversion rate 70.0 %." in told
    assert "above a score of 39" in told


@pytest.mark.fact("1c.version-details")
def test_windows_segments_leaks_versions_and_setup(pages: httpx.Client) -> None:
    told = plain(pages.get("/models/LeadScoring").text)
    for words in (
        "The newest records 180 0.770", "Source: Web 180 0.510", "Owner: Owner 1 180 0.800",
        "Closing code excluded by the gate Certain leak", "attributes: {exclude: [{name: owner_id}]}",
        "Attributes used 2 of 3", "Status Active", "m1 2026-05-01 Inactive (previous)", "State column Status",
        "What has changed since it was measured (1) 'Web' rose", "Propose own 90 120 It ranks better there.",
        "Retrain automatically yes", "Business process flow none", "Filter none: all records",
    ):  # fmt: skip
        assert words in told


def test_promised_stands_beside_realised(pages: httpx.Client) -> None:
    told = plain(pages.get("/models/LeadScoring").text)
    assert "2026-03 80 40.0 % / 36.0 % 0.770 / 0.740 0.200 / 0.210" in told


@pytest.mark.fact("1c.value-bars")
def test_an_attribute_shows_the_rate_of_each_value_against_all(pages: httpx.Client) -> None:
    told = plain(pages.get("/models/LeadScoring/attributes/source").text)
    assert "Prediction influence Very high (60.0 % of all) Per stage Propose: Low (3.0 %)" in told
    assert "on 90 % of open and 80 % of closed leads" in told
    assert "Web 100 30 % so many points" in told


def test_an_older_version_and_a_model_without_one(pages: httpx.Client) -> None:
    assert "Nothing was measured. The lower bound of its AUC is 0.600." in plain(
        pages.get("/models/LeadScoring?version=m1").text
    )
    assert "Only 12 opportunities are decided" in plain(pages.get("/models/OpportunityScoring").text)


@pytest.mark.fact("1c.edited")
def test_chosen_attributes_are_called_edited() -> None:
    chosen = Model.model_validate({"name": "Ours", "horizon_days": 60, "attributes": {"use": ["source", "country"]}})
    assert dict(setup(chosen.model_dump(mode="json")))["Attributes"] == "edited: source, country"
    automatic = Model(name="Ours", horizon_days=60)
    assert dict(setup(automatic.model_dump(mode="json")))["Attributes"] == "all that pass the gate"
