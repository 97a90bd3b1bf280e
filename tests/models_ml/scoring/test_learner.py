"""The learner finds what is there, nothing that is not, and the same each time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from config.errors import ContractBroken
from models_ml import metrics
from models_ml.scoring.attributes import Attribute
from models_ml.scoring.learner import Learner, Member
from tests.models_ml.scoring.company import make_leads

ATTRIBUTES = (Attribute("source", "category"), Attribute("size", "number"), Attribute("noise", "number"))


def decided(records: int = 1200, seed: int = 7, strength: float = 1.5) -> pd.DataFrame:
    leads = make_leads(records, seed, strength=strength)
    leads = leads[leads["outcome"] != "open"]
    return leads.assign(label=leads["outcome"] == "positive", source=leads["source"].astype("category"))


def forward_auc(leads: pd.DataFrame) -> float:
    cut = int(len(leads) * 0.7)
    learner = Learner.fit(leads[:cut], ATTRIBUTES)
    newer = leads[cut:]
    found = metrics.auc(newer["label"].to_numpy(), learner.probabilities(newer), np.ones(len(newer)))
    assert found is not None
    return found


def test_a_signal_is_found() -> None:
    assert forward_auc(decided()) > 0.75


def test_without_a_signal_nothing_is_found() -> None:
    found = [forward_auc(decided(seed=seed, strength=0)) for seed in range(3)]
    assert abs(float(np.mean(found)) - 0.5) < 0.05


def test_probabilities_are_calibrated() -> None:
    leads = decided(4000)
    learner = Learner.fit(leads[:2500], ATTRIBUTES)
    newer = leads[2500:]
    labels, weights = newer["label"].to_numpy(), np.ones(len(newer))
    assert metrics.calibration_error(labels, learner.probabilities(newer), weights) < 0.05
    assert learner.slope > 1


def test_fitting_twice_gives_the_same_to_the_last_bit() -> None:
    leads = decided(600)
    one, two = Learner.fit(leads, ATTRIBUTES), Learner.fit(leads.copy(), ATTRIBUTES)
    assert one.probabilities(leads).tolist() == two.probabilities(leads).tolist()


def test_a_saved_model_gives_the_same_to_the_last_bit(tmp_path: Path) -> None:
    leads = decided()
    learner = Learner.fit(leads, ATTRIBUTES)
    learner.save(tmp_path)
    assert Learner.load(tmp_path).probabilities(leads).tolist() == learner.probabilities(leads).tolist()


@pytest.mark.parametrize(("member", "share"), [("blend", 0.5), ("trees", 1.0), ("logistic", 0.0)])
def test_the_chosen_member_speaks_and_its_contributions_add_up(tmp_path: Path, member: Member, share: float) -> None:
    leads = decided(400)
    learner = Learner.fit(leads, ATTRIBUTES, member)
    learner.save(tmp_path)
    learner = Learner.load(tmp_path)
    trees, logistic = learner.log_odds(leads, "trees"), learner.log_odds(leads, "logistic")
    expected = expit(share * trees + (1 - share) * logistic)
    np.testing.assert_allclose(learner.probabilities(leads), expected, rtol=1e-12)
    start, added = learner.contributions(leads)
    np.testing.assert_allclose(expit(start + added.sum(axis=1)), expected, rtol=1e-9)


def test_contributions_add_up_where_empty_values_are_to_say_nothing() -> None:
    leads = decided(600)
    leads.loc[leads.index[::3], ["source", "size"]] = np.nan
    learner = Learner.fit(leads, tuple(replace(each, ignore_empty=True) for each in ATTRIBUTES))
    start, added = learner.contributions(leads)
    np.testing.assert_allclose(start + added.sum(axis=1), learner.calibrated(leads), atol=1e-9)


def test_large_data_are_learnt_from_in_fewer_steps_and_calibrated_on_enough_records() -> None:
    """More than 100,000 rows: another way through the learner, which must rank and promise as well."""
    leads = decided(140_000)
    older, newer = leads[:110_000], leads[110_000:]
    learner = Learner.fit(older, ATTRIBUTES)
    assert learner.trees.num_trees() == 40
    labels, weights = newer["label"].to_numpy(), np.ones(len(newer))
    small = Learner.fit(older[-20_000:], ATTRIBUTES)
    found, few = (metrics.auc(labels, each.probabilities(newer), weights) for each in (learner, small))
    assert found is not None
    assert few is not None
    assert found > few - 0.002
    assert metrics.calibration_error(labels, learner.probabilities(newer), weights) < 0.01


def test_a_model_of_another_version_is_told(tmp_path: Path) -> None:
    Learner.fit(decided(200), ATTRIBUTES).save(tmp_path)
    file = tmp_path / "learner.json"
    file.write_text(file.read_text().replace('"format": 3', '"format": 0'))
    with pytest.raises(ContractBroken, match=r"saved in format 0 .* Train the score again"):
        Learner.load(tmp_path)


def test_rows_do_not_depend_on_one_another() -> None:
    leads = decided(600)
    learner = Learner.fit(leads, ATTRIBUTES)
    alone = [learner.probabilities(leads[number : number + 1])[0] for number in range(5)]
    assert learner.probabilities(leads)[:5].tolist() == alone


def test_a_category_never_seen_and_empty_values_get_a_probability() -> None:
    learner = Learner.fit(decided(600), ATTRIBUTES)
    odd = pd.DataFrame({"source": pd.Series(["carrier pigeon", None], dtype="category"), "size": np.nan, "noise": 1e12})
    probabilities = learner.probabilities(odd)
    assert ((probabilities > 0) & (probabilities < 1)).all()


def test_no_rows_no_probabilities() -> None:
    learner = Learner.fit(decided(200), ATTRIBUTES)
    assert len(learner.probabilities(decided(200)[:0])) == 0


def test_snapshots_of_a_record_weigh_as_much_as_one() -> None:
    leads = decided(500)
    doubled = pd.concat([leads, leads[leads["label"]]]).sort_values("record_id")
    assert Learner.fit(doubled, ATTRIBUTES).probabilities(leads).mean() == pytest.approx(
        leads["label"].mean(), abs=0.03
    )
