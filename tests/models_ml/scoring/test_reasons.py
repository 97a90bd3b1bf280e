"""Reasons add up to the score, say what is true of the records learnt from, and do not depend on one another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from config.errors import ContractBroken
from models_ml.scoring.attributes import Attribute
from models_ml.scoring.influence import influence_rows, influence_word, learn_explanations, value_rate_rows
from models_ml.scoring.leakage import Decision
from models_ml.scoring.learner import Learner
from models_ml.scoring.reasons import points, reasons_of, write_reasons
from tests.models_ml.scoring.company import make_leads

ATTRIBUTES = (
    Attribute("source", "category"),
    Attribute("size", "number"),
    Attribute("calls_7_days", "number"),
    Attribute("has_account", "number"),
    Attribute("Colour", "category", "Colour"),
)


def decided() -> pd.DataFrame:
    """Leads with an outcome: 10 % without a size, calls of 0 to 3, and a source that only seven have."""
    leads = make_leads(1500, strength=1.5)
    leads = leads[leads["outcome"] != "open"].reset_index(drop=True)
    leads.loc[::200, "source"] = "pigeon"
    return leads.assign(
        label=leads["outcome"] == "positive",
        source=leads["source"].astype("category"),
        Colour=leads["Colour"].astype("category"),
        calls_7_days=(leads.index % 4).astype(float),
        has_account=(leads.index % 3 == 0).astype(float),
    )


def scored(learner: Learner, rows: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return (100 * learner.probabilities(rows).round(6) + 0.5).astype(np.int64)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return decided()


@pytest.fixture(scope="module")
def learner(rows: pd.DataFrame) -> Learner:
    fitted = Learner.fit(rows, ATTRIBUTES)
    return replace(fitted, explanations=learn_explanations(fitted, rows, "lead", 60, by="source"))


@pytest.fixture(scope="module")
def reasons(learner: Learner, rows: pd.DataFrame) -> pd.DataFrame:
    return reasons_of(learner, rows, scored(learner, rows))


def test_contributions_sum_to_the_log_odds(learner: Learner, rows: pd.DataFrame) -> None:
    start, added = learner.contributions(rows)
    np.testing.assert_allclose(start + added.sum(axis=1), logit(learner.probabilities(rows)), rtol=0, atol=1e-9)


def test_the_start_is_the_mean_where_records_have_one_row(learner: Learner, rows: pd.DataFrame) -> None:
    start, _ = learner.contributions(rows)
    assert start == pytest.approx(logit(learner.probabilities(rows)).mean(), abs=1e-6)


def test_contributions_of_rows_do_not_depend_on_one_another(learner: Learner, rows: pd.DataFrame) -> None:
    together = learner.contributions(rows[:5])
    for number in range(5):
        start, added = learner.contributions(rows[number : number + 1])
        assert (start, added[0].tolist()) == (together[0], together[1][number].tolist())
    assert learner.contributions(rows[:0])[1].shape == (0, len(ATTRIBUTES))


def test_a_saved_model_explains_the_same(
    learner: Learner, rows: pd.DataFrame, reasons: pd.DataFrame, tmp_path: Path
) -> None:
    learner.save(tmp_path)
    loaded = Learner.load(tmp_path)
    assert loaded.explanations == learner.explanations
    pd.testing.assert_frame_equal(reasons_of(loaded, rows, scored(loaded, rows)), reasons)


@pytest.mark.fact("1a.reasons-all")
def test_base_and_points_are_the_score_exactly(learner: Learner, rows: pd.DataFrame, reasons: pd.DataFrame) -> None:
    by_record = reasons.groupby("record_id", observed=True, sort=False)
    tenths = (by_record["points"].sum() * 10 + by_record["base_points"].first() * 10).round().astype(int)
    assert tenths.to_list() == (10 * scored(learner, rows)).tolist()
    assert reasons["base_points"].nunique() == 1


@pytest.mark.parametrize("seed", range(20))
def test_points_add_up_whatever_the_contributions(seed: int) -> None:
    random = np.random.default_rng(seed)
    start, width = random.normal(0, 3), int(random.integers(1, 70))
    added = random.normal(0, 10.0 ** random.integers(-12, 2), (200, width)) * (random.random((200, width)) < 0.7)
    added[0] = 0
    added[1] -= added[1].mean()
    scores = np.floor(100 / (1 + np.exp(-start - added.sum(axis=1))) + 0.5).astype(np.int64)
    begin, tenths = points(start, added, scores)
    assert (begin + tenths.sum(axis=1) == 10 * scores).all()
    assert not tenths[added == 0].any()
    assert begin[0] == 10 * scores[0]


def test_points_are_in_proportion_to_contributions(learner: Learner, rows: pd.DataFrame) -> None:
    """Up to what the whole number of the score lacks (.55) and a tenth of rounding."""
    start, added = learner.contributions(rows)
    _, tenths = points(start, added, scored(learner, rows))
    p0, p = 1 / (1 + np.exp(-start)), learner.probabilities(rows)
    expected = added * (1000 * (p - p0) / added.sum(axis=1))[:, None]
    assert np.abs(tenths - expected).max() <= 5.5 + 1
    large = np.abs(expected) > 7
    assert (np.sign(tenths[large]) == np.sign(expected[large])).all()


def test_one_attribute_bears_all() -> None:
    begin, tenths = points(0.0, np.array([[0.4], [-0.4], [0.004]]), np.array([60, 40, 50]))
    assert (begin.tolist(), tenths.tolist()) == ([500, 500, 500], [[100], [-100], [0]])


@pytest.mark.fact("1a.reasons-five")
def test_ranks_run_from_the_strongest_in_each_direction(reasons: pd.DataFrame) -> None:
    for _, found in list(reasons.groupby("record_id", observed=True))[:50]:
        for _, side in found.groupby("direction", observed=True):
            ordered = side.sort_values("rank")
            assert ordered["rank"].to_list() == list(range(1, len(side) + 1))
            assert ordered["points"].abs().is_monotonic_decreasing
    assert ((reasons["points"] > 0) == (reasons["direction"] == "positive")).all()
    assert (reasons["points"] != 0).all()


@pytest.mark.fact("1a.reason-insight", "1c.global-rate", "1c.value-rate")
def test_the_supporting_rate_is_that_of_the_records_learnt_from(rows: pd.DataFrame, reasons: pd.DataFrame) -> None:
    fair = rows["source"] == "fair"
    told = reasons[(reasons["attribute"] == "source") & (reasons["value"] == "fair")].iloc[0]
    assert told["rate"] == pytest.approx(rows["label"][fair].mean())
    assert (told["records"], told["rate_overall"]) == (fair.sum(), pytest.approx(rows["label"].mean()))
    assert told["sentence"] == (
        f"Source is fair: {100 * told['rate']:.0f} % of such leads are qualified within 60 days, "
        f"{100 * told['rate_overall']:.0f} % overall"
    )


@pytest.mark.fact("1c.value-rate")
def test_a_rate_counts_records_and_not_their_rows(learner: Learner, rows: pd.DataFrame) -> None:
    """A record that was looked at three times weighs as much as one looked at once."""
    often = pd.concat([rows, rows[rows["label"]], rows[rows["label"]]])
    once, thrice = (learn_explanations(learner, each, "lead", 60) for each in (rows, often))
    assert [[value.records for value in values] for values in once.values] == [
        [value.records for value in values] for values in thrice.values
    ]
    assert thrice.values[0][2].rate == pytest.approx(once.values[0][2].rate)


@pytest.mark.fact("1a.reason-examples")
def test_values_are_told_as_people_say_them(reasons: pd.DataFrame) -> None:
    told = reasons.drop_duplicates(["attribute", "sentence"]).groupby("attribute", observed=True)["sentence"]
    sentences = {str(name): [text.split(": ")[0] for text in texts] for name, texts in told}
    assert "Size is not filled" in sentences["size"]
    assert any(text.startswith("Size is high (above ") for text in sentences["size"])
    assert set(sentences["calls_7_days"]) <= {
        *(f"Calls in the last 7 days is {number}" for number in range(3)),
        "Calls in the last 7 days is high (3 or more)",
    }
    assert set(sentences["has_account"]) == {"Has account is no", "Has account is yes"}
    values = reasons.groupby("attribute", observed=True)["value"]
    assert set(values.get_group("has_account")) == {"no", "yes"}
    assert values.get_group("size").isna().any()


def test_of_too_few_records_no_rate_is_told(learner: Learner, rows: pd.DataFrame) -> None:
    odd = rows[:1].assign(source=pd.Series(["carrier pigeon"], dtype="category"), size=np.inf)
    found = reasons_of(learner, odd, scored(learner, odd)).set_index("attribute")
    assert np.isnan(found.loc["source", "rate"])
    expected = "Source is rare or new: too few leads like it to say how many are qualified"
    assert found.loc["source", "sentence"] == expected
    assert found.loc["source", "value"] == "carrier pigeon"
    assert found.loc["size", "value"] == "inf"


def test_a_model_without_words_says_what_to_do(learner: Learner, rows: pd.DataFrame) -> None:
    with pytest.raises(ContractBroken, match=r"Train the score again"):
        reasons_of(replace(learner, explanations=None), rows, scored(learner, rows))


def test_reasons_are_written(reasons: pd.DataFrame, workspace_tables: duckdb.DuckDBPyConnection) -> None:
    write_reasons(workspace_tables, reasons, "lead", "lead-1", date(2026, 6, 30))
    odd = "select record_id from scores.reasons group by all having (sum(points) + any_value(base_points)) % 1 <> 0"
    assert workspace_tables.execute(odd).fetchall() == []
    assert workspace_tables.execute("select count(*), any_value(model_id) from scores.reasons").fetchone() == (
        len(reasons),
        "lead-1",
    )
    setting = workspace_tables.execute("select current_setting('preserve_insertion_order')").fetchone()
    assert setting == (True,)


@pytest.fixture
def workspace_tables() -> duckdb.DuckDBPyConnection:
    from warehouse.tables import create_tables

    connection = duckdb.connect()
    create_tables(connection, ())
    return connection


def decision(name: str, *, is_used: bool) -> Decision:
    taken = "used" if is_used else "excluded by the gate"
    return Decision(name, taken, False, "passed the gate" if is_used else "certain leak", "", 0.5, 0.9, 0.8)


@pytest.mark.fact("1c.influence-per-stage", "1c.attribute-insights")
def test_influence_is_the_share_of_all_contributions(learner: Learner, rows: pd.DataFrame) -> None:
    assert learner.explanations is not None
    decisions = [*(decision(a.name, is_used=True) for a in ATTRIBUTES), decision("won_on", is_used=False)]
    found = influence_rows(learner.explanations, decisions)
    overall = found[(found["stage"] == "") & found["share"].notna()].set_index("attribute")["share"]
    size = np.abs(learner.contributions(rows)[1]).mean(axis=0)
    assert overall.to_list() == pytest.approx((size / size.sum()).tolist())
    assert set(overall.nlargest(2).index) == {"source", "size"}
    assert set(found["stage"]) == {"", "fair", "referral", "web"}
    left_out = found[found["attribute"] == "won_on"].iloc[0]
    assert (left_out["reason_not_used"], left_out["filled_open"]) == ("certain leak", 0.9)
    assert found[found["attribute"] == "source"]["reason_not_used"].isna().all()


@pytest.mark.fact("1c.influence-scale")
def test_the_scale_has_five_steps() -> None:
    found = [influence_word(share) for share in (0.0, 0.01, 0.04, 0.1, 0.2, 1.0)]
    assert found == ["Very low", "Low", "Medium", "High", "Very high", "Very high"]


@pytest.mark.fact("1c.value-rates")
def test_rates_of_values_stand_beside_the_global_one(learner: Learner, rows: pd.DataFrame) -> None:
    assert learner.explanations is not None
    found = value_rate_rows(learner.explanations)
    row = found[(found["attribute"] == "source") & (found["value"] == "referral")].iloc[0]
    higher = 100 * (rows["label"][rows["source"] == "referral"].mean() - rows["label"].mean())
    assert row["difference_points"] == pytest.approx(higher)
    assert row["difference"] == f"{higher:.0f} percentage points higher than global"
    assert (found["records"] > 0).all()
    assert found[found["records"] < 20]["rate"].isna().all()
