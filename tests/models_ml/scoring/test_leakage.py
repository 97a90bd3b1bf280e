"""The gate before training: leaks are out, honest attributes are in, and each decision has its reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from config.schema.learning import Attributes, NamedAttribute
from config.workspace import Workspace
from models_ml.scoring.dataset import read_dataset
from models_ml.scoring.leakage import BY_ADMINISTRATOR, BY_GATE, KEPT, USED, Decision, judge
from models_ml.scoring.ledger import model_of
from models_ml.scoring.split import split
from tests.models_ml.scoring.company import DAY, make_leads, write_leads
from warehouse.connection import open_warehouse


def judged(
    workspace: Workspace, settings: Attributes | None = None, *, forgotten: float = 0.3, **columns: Any
) -> dict[str, Decision]:
    """Decisions on a company with these columns added, where of the leads of 300 days so many (0-1) stayed open."""
    leads = make_leads(1500, span_days=700)
    random = np.random.default_rng(5)
    is_open = (random.random(1500) < forgotten) & (leads["created"] < 300)
    leads.loc[is_open, "outcome"] = "open"
    added = {name: make(leads, random) if callable(make) else make for name, make in columns.items()}
    write_leads(workspace, leads.assign(**added))
    with open_warehouse(workspace) as connection:
        dataset = read_dataset(connection, "lead", model_of(workspace, "lead", None), DAY)
    decisions = judge(dataset, split(dataset, 0.2, "all"), settings or Attributes())
    return {decision.attribute: decision for decision in decisions}


def after_the_outcome(leads: pd.DataFrame, random: np.random.Generator) -> pd.Series[str]:
    """Filled when a lead is closed, with codes that say nothing."""
    return pd.Series(random.choice(["x", "y", "z"], len(leads))).where(leads["outcome"] != "open", None)


def outcome_again(leads: pd.DataFrame, _: np.random.Generator) -> np.ndarray:
    return np.where(leads["outcome"] == "positive", "yes", "no")


def mostly_the_outcome(leads: pd.DataFrame, random: np.random.Generator) -> np.ndarray:
    knows = random.random(len(leads)) < 0.9
    return np.where(knows, leads["outcome"] == "positive", random.random(len(leads)) < 0.5).astype(int).astype(str)


def some_of_the_outcome(leads: pd.DataFrame, random: np.random.Generator) -> np.ndarray:
    knows = random.random(len(leads)) < 0.5
    return np.where(knows, leads["outcome"] == "positive", random.random(len(leads)) < 0.5).astype(int).astype(str)


def on_open_ones_only(leads: pd.DataFrame, _: np.random.Generator) -> np.ndarray:
    return np.where(leads["outcome"] == "open", "waiting", "done")


def of_lost_ones_mostly(leads: pd.DataFrame, random: np.random.Generator) -> pd.Series[str]:
    """Asked for when a lead is lost, and now and then known before: who else was asked."""
    share = np.where(leads["outcome"] == "negative", 0.6, 0.1)
    return pd.Series(random.choice(["x", "y", "z"], len(leads))).where(random.random(len(leads)) < share, None)


def keep(*names: str) -> Attributes:
    return Attributes(keep=tuple(NamedAttribute(name=name, reason="known beforehand") for name in names))


def test_honest_attributes_pass(workspace: Workspace) -> None:
    decisions = judged(workspace)
    for name in ("source", "size", "noise", "Colour", "age_days"):
        assert (decisions[name].decision, decisions[name].suspected) == (USED, False), decisions[name]


def test_what_is_filled_after_the_outcome_is_a_certain_leak(workspace: Workspace) -> None:
    found = judged(workspace, Remark=after_the_outcome)["Remark"]
    assert found.decision == BY_GATE
    assert found.reason == "certain leak: filled on closed records, empty on open ones"
    assert found.filled_open == 0
    assert found.filled_closed == 1


@pytest.mark.parametrize("forgotten", [0.0, 0.3])
def test_what_is_mostly_filled_with_one_outcome_and_seldom_before_is_a_likely_leak(
    forgotten: float, workspace: Workspace
) -> None:
    found = judged(workspace, forgotten=forgotten, Rival=of_lost_ones_mostly)["Rival"]
    assert found.decision == BY_GATE
    assert "goes with the outcome, and differs between closed records and open ones" in found.reason
    assert "keep: [{name: Rival" in found.advice


def test_what_is_filled_before_and_goes_with_the_outcome_is_honest(workspace: Workspace) -> None:
    """Open leads will be won or lost like the others, so they have it as often as these."""
    leads = make_leads(1500, span_days=700)
    share = np.where(leads["source"] == "referral", 0.9, 0.1)
    given = np.random.default_rng(8).random(len(leads)) < share
    for forgotten in (0.0, 0.3):
        found = judged(workspace, forgotten=forgotten, Telephone=pd.Series("given", leads.index).where(given, None))[
            "Telephone"
        ]
        assert found.decision == USED, found


def test_the_outcome_under_a_second_name_is_a_certain_leak(workspace: Workspace) -> None:
    found = judged(workspace, Answer=outcome_again)["Answer"]
    assert found.decision == BY_GATE
    assert found.reason.startswith("certain leak")
    assert found.auc_alone == pytest.approx(1, abs=0.02)


def test_a_certain_leak_cannot_be_kept(workspace: Workspace) -> None:
    decisions = judged(workspace, keep("Remark", "Answer"), Remark=after_the_outcome, Answer=outcome_again)
    assert {decisions[name].decision for name in ("Remark", "Answer")} == {BY_GATE}


def test_a_likely_leak_is_out_unless_it_is_kept(workspace: Workspace) -> None:
    found = judged(workspace, Guess=mostly_the_outcome)["Guess"]
    assert (found.decision, found.suspected) == (BY_GATE, True)
    assert found.reason.startswith("likely leak: it alone ranks the outcomes too well")
    kept = judged(workspace, keep("Guess"), Guess=mostly_the_outcome)["Guess"]
    assert (kept.decision, kept.suspected, kept.reason) == (KEPT, True, "known beforehand")


def test_a_name_alone_only_arouses_suspicion(workspace: Workspace) -> None:
    columns: dict[str, Any] = {"Last campaign": lambda leads, random: random.choice(["a", "b"], len(leads))}
    found = judged(workspace, **columns)
    assert (found["Last campaign"].decision, found["Last campaign"].suspected) == (USED, True)
    assert "its name says 'last'" in found["Last campaign"].reason


def test_a_name_and_how_well_it_ranks_are_enough(workspace: Workspace) -> None:
    columns: dict[str, Any] = {"Final status": some_of_the_outcome, "Kind": some_of_the_outcome}
    found = judged(workspace, **columns)
    assert found["Final status"].decision == BY_GATE
    assert found["Kind"].decision == USED


def test_a_value_that_only_open_records_have_is_a_leak(workspace: Workspace) -> None:
    # "waiting" means the outcome is not known yet, and whoever is still open after the horizon counts as negative.
    found = judged(workspace, Desk=on_open_ones_only)["Desk"]
    assert found.decision == BY_GATE
    assert found.suspected


def test_keys_and_free_text_are_not_used(workspace: Workspace) -> None:
    found = judged(
        workspace,
        Serial=lambda leads, _: [f"S{number}" for number in range(len(leads))],
        Phone=lambda leads, _: 491_700_000 + 7 * np.arange(len(leads)),
        Amount=lambda leads, random: random.lognormal(8, 1, len(leads)).round(2),
    )
    assert "identifies records" in found["Serial"].reason
    assert "identifies records" in found["Phone"].reason
    assert found["Amount"].decision == USED


@pytest.mark.fact("1c.no-dates", "1c.intelligent-default")
def test_what_never_varies_is_not_used(workspace: Workspace) -> None:
    found = judged(workspace, Flag="same", Day="2026-01-01")
    assert found["Flag"].reason == "the same value on all closed records"
    assert "dates are not learnt from" in found["Day"].reason


def test_the_administrator_excludes_and_unknown_names_are_told(workspace: Workspace) -> None:
    exclude = tuple(NamedAttribute(name=name, reason="policy") for name in ("noise", "Colur"))
    found = judged(workspace, Attributes(exclude=exclude))
    assert (found["noise"].decision, found["noise"].reason) == (BY_ADMINISTRATOR, "policy")
    assert "check its spelling" in found["Colur"].evidence


def test_the_hold_out_is_not_looked_at(workspace: Workspace) -> None:
    """What ranks perfectly on the newest records alone is not visible to the gate."""
    recent = lambda leads, random: np.where(  # noqa: E731
        leads["created"] < 170, leads["outcome"] == "positive", random.random(len(leads)) < 0.4
    ).astype(int)
    found = judged(workspace, Late=recent)["Late"]
    assert found.auc_alone is not None
    assert found.auc_alone < 0.6


def test_other_values_on_open_records_arouse_suspicion_but_a_trend_does_not(workspace: Workspace) -> None:
    found = judged(
        workspace,
        Load=lambda leads, random: random.normal(1.2 * (leads["outcome"] == "open"), 1).round(3),
        Trend=lambda leads, random: (leads["created"] + random.normal(0, 30, len(leads))).round(3),
    )
    assert (found["Load"].decision, found["Load"].suspected) == (USED, True)
    assert "other values than closed ones of their time" in found["Load"].reason
    assert (found["Trend"].decision, found["Trend"].suspected) == (USED, False)


@pytest.mark.parametrize("forgotten", [0.0, 0.01, 0.3])
@pytest.mark.parametrize("days_ago", [400, 120, 70])
def test_a_column_that_came_lately_is_no_leak_and_a_leak_that_came_lately_is(
    forgotten: float, days_ago: int, workspace: Workspace
) -> None:
    """Whether open leads are spread over time, or all are of the last weeks, or all but a few."""
    found = judged(
        workspace,
        forgotten=forgotten,
        Came=lambda leads, random: pd.Series(random.choice(["yes", "no"], len(leads))).where(
            leads["created"] < days_ago, None
        ),
        Went=lambda leads, random: pd.Series(random.choice(["yes", "no"], len(leads))).where(
            leads["created"] > days_ago, None
        ),
        Left=lambda leads, random: after_the_outcome(leads, random).where(leads["created"] < days_ago, None),
    )
    assert found["Came"].decision == found["Went"].decision == USED, (found["Came"], found["Went"])
    assert found["Left"].decision == BY_GATE, found["Left"]


def test_the_month_of_creation_moves_with_the_calendar_alone(workspace: Workspace) -> None:
    created_month = lambda leads, _: (pd.Timestamp(DAY) - pd.to_timedelta(leads["created"], "D")).dt.month  # noqa: E731
    found = judged(workspace, forgotten=0.0, created_month=created_month)["created_month"]
    assert (found.decision, found.suspected) == (USED, False), found
