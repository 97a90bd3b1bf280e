"""Windows of the past: nothing later is learnt from, and the simpler member is used only where it clearly wins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from models_ml.scoring.attributes import Attribute
from models_ml.scoring.backtest import RANDOM, WINDOW, Backtest, MemberScore, backtest, choose, member_scores
from models_ml.scoring.dataset import Dataset
from models_ml.scoring.learner import Member
from models_ml.scoring.split import Split, split, windows
from tests.models_ml.scoring.company import DAY, make_leads

ATTRIBUTES = (Attribute("source", "category"), Attribute("size", "number"), Attribute("noise", "number"))


def dataset(records: int = 900, *, is_dated: bool = True) -> Dataset:
    """Leads looked at on the day they were created and a week later; outcomes known 60 days on."""
    leads = make_leads(records)
    created = pd.Timestamp(DAY) - pd.to_timedelta(leads["created"], "D")
    rows = leads.assign(
        created_at=created if is_dated else pd.NaT,
        record_order=pd.array(range(records), dtype="Int64"),
        source=leads["source"].astype("category"),
        label=(leads["outcome"] == "positive").astype("boolean").mask(leads["created"] < 67),
        censored_because="younger than the horizon",
    )
    both = [rows.assign(as_of_date=created + pd.Timedelta(days=age)) for age in (0, 7)]
    told = pd.concat(both).sort_values(["record_id", "as_of_date"], ignore_index=True)
    known = told["as_of_date"] + pd.Timedelta(days=60)
    return Dataset("lead", DAY, told.assign(label_known_on=known if is_dated else pd.NaT), ATTRIBUTES, 0)


@pytest.fixture(scope="module")
def leads() -> Dataset:
    return dataset()


@pytest.fixture(scope="module")
def parts(leads: Dataset) -> Split:
    return split(leads, 0.2, "all")


@pytest.fixture(scope="module")
def past(leads: Dataset, parts: Split) -> Backtest:
    return backtest(leads, parts, ATTRIBUTES)


def test_up_to_five_windows_lie_before_the_hold_out_without_overlap(leads: Dataset, parts: Split) -> None:
    found = windows(leads, parts)
    assert len(found) == 5
    covered = np.sum([window.newer for window in found], axis=0)
    assert covered.max() == 1
    assert not (covered.astype(bool) & parts.newer).any()
    begins = [window.begins for window in found]
    assert begins == sorted(begins, key=str)
    share = covered.sum() / (parts.labelled & ~parts.newer).sum()
    assert share == pytest.approx(0.6, abs=0.02)


def test_a_window_learns_only_from_what_was_known_before_it(leads: Dataset, parts: Split) -> None:
    rows = leads.rows
    for window in windows(leads, parts):
        assert (rows["label_known_on"][window.older] <= pd.Timestamp(str(window.begins))).all()
        assert rows["created_at"][window.older].max() < rows["created_at"][window.newer].min()
        assert not set(rows["record_id"][window.older]) & set(rows["record_id"][window.newer])


def test_records_identical_to_one_of_the_window_are_not_learnt_from(leads: Dataset) -> None:
    rows = leads.rows.copy()
    copied = rows["record_id"].isin(rows["record_id"].unique()[::3])
    for name in ("source", "size", "noise"):
        rows.loc[copied, name] = rows[name][copied].shift(60).bfill().to_numpy()
    repeated = Dataset("lead", DAY, rows, ATTRIBUTES, 0)
    parts = split(repeated, 0.2, "all")
    for window in windows(repeated, parts):
        assert not set(parts.group[window.older]) & set(parts.group[window.newer])


def test_few_records_make_few_windows() -> None:
    small = dataset(200)
    assert len(windows(small, split(small, 0.2, "all"))) == 1
    tiny = dataset(60)
    assert windows(tiny, split(tiny, 0.2, "all")) == ()


def test_without_dates_the_order_cuts() -> None:
    undated = dataset(is_dated=False)
    found = windows(undated, split(undated, 0.2, "all"))
    assert len(found) == 5
    for window in found:
        assert window.begins is None
        assert undated.rows["record_order"][window.older].max() < undated.rows["record_order"][window.newer].min()


def test_without_an_order_there_are_no_windows() -> None:
    undated = dataset(100, is_dated=False)
    undated.rows["record_order"] = pd.array([None] * len(undated.rows), dtype="Int64")
    assert windows(undated, split(undated, 0.2, "all")) == ()


def test_every_window_and_a_random_split_are_predicted(leads: Dataset, parts: Split, past: Backtest) -> None:
    drawn = past.rows[past.rows["part"] == RANDOM]
    assert drawn["record_id"].nunique() == leads.rows["record_id"][parts.newer].nunique()
    told = past.rows[past.rows["part"] == WINDOW]
    assert sorted(told["number"].unique()) == [1, 2, 3, 4, 5]
    assert not set(told["record_id"]) & set(leads.rows["record_id"][parts.newer])
    assert told["probability"].between(0, 1).all()
    assert set(past.members) == {"blend", "trees", "logistic"}


def test_the_hold_out_has_no_say_in_the_choice(leads: Dataset, parts: Split, past: Backtest) -> None:
    rows = leads.rows.copy()
    rows.loc[parts.newer, "label"] = ~rows["label"][parts.newer]
    late = (rows["label_known_on"] > pd.Timestamp(str(parts.holdout_from))).to_numpy() & parts.labelled
    rows.loc[late, "label"] = ~rows["label"][late & parts.labelled]
    assert backtest(Dataset("lead", DAY, rows, ATTRIBUTES, 0), parts, ATTRIBUTES).members == past.members


def scores(auc: float, gain_low: float, won: int, of: int = 5) -> dict[Member, MemberScore]:
    return {
        "blend": MemberScore(0.70, 0.60, 0.0, 0, of),
        "trees": MemberScore(0.65, 0.65, -0.06, 0, of),
        "logistic": MemberScore(auc, 0.60 - gain_low, gain_low, won, of),
    }


@pytest.mark.parametrize(
    ("auc", "gain_low", "won", "of", "member"),
    [
        (0.70, 0.001, 3, 5, "logistic"),
        (0.698, 0.001, 3, 5, "logistic"),
        (0.697, 0.01, 5, 5, "blend"),  # ranks worse
        (0.75, -0.001, 5, 5, "blend"),  # by chance
        (0.75, 0.001, 2, 5, "blend"),  # in a minority of windows
        (0.75, 0.001, 2, 2, "blend"),  # too few windows
    ],
)
def test_a_single_member_must_win_clearly(auc: float, gain_low: float, won: int, of: int, member: Member) -> None:
    assert choose(scores(auc, gain_low, won, of)) == member


def test_among_coins_nobody_wins() -> None:
    dull = scores(0.54, 0.01, 5) | {"blend": MemberScore(0.5, 0.7, 0.0, 0, 5)}
    assert choose(dull) == "blend"
    assert choose({}) == "blend"


def said(slope: float, noise: Sequence[float], records: int = 400) -> pd.DataFrame:
    """Four windows in which the regression knows the log-odds and the trees know them with noise."""
    random = np.random.default_rng(5)
    true = random.normal(0, 1.5, records)
    frame = pd.DataFrame({"number": np.arange(records) % 4, "record_id": [f"R{number}" for number in range(records)]})
    frame["label"] = random.random(records) < 1 / (1 + np.exp(-true))
    frame["weight"], frame["logistic"] = 1.0, slope * true
    frame["trees"] = true + random.normal(0, noise[0], records)
    return frame.assign(blend=(frame["logistic"] + frame["trees"]) / 2)


def test_the_better_member_is_found_and_shipped() -> None:
    found = member_scores(said(1.0, [3.0], 2000))
    assert found["logistic"].gain_low > 0
    assert found["logistic"].windows_won == 4
    assert choose(found) == "logistic"
    assert choose(member_scores(said(1.0, [0.0], 2000))) == "blend"


def test_a_timid_member_loses_nothing_where_the_learner_is_calibrated() -> None:
    timid, bold = member_scores(said(0.6, [1.0], 2000)), member_scores(said(1.0, [1.0], 2000))
    assert timid["logistic"].log_loss == pytest.approx(bold["logistic"].log_loss, abs=1e-3)


def test_windows_of_one_outcome_choose_nothing() -> None:
    assert member_scores(said(1.0, [1.0]).assign(label=True)) == {}
