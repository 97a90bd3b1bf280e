"""Planted leaks of every kind are caught, honest attributes pass, and shuffled labels give .5."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from pydantic import ValidationError

from config.schema.learning import Attributes, NamedAttribute
from config.workspace import Workspace
from models_ml import metrics
from models_ml.scoring.dataset import Dataset, read_dataset
from models_ml.scoring.leakage import BY_ADMINISTRATOR, BY_GATE, KEPT, Decision, _advice, judge, used_attributes
from models_ml.scoring.learner import Learner
from models_ml.scoring.ledger import model_of
from models_ml.scoring.split import Split, record_weights, split
from tests.models_ml.scoring.company import DAY, make_leads, write_leads
from warehouse.connection import open_warehouse


@dataclass(frozen=True)
class Leads:
    """What a column is made from: whether each lead was won, whether it is open, and chance."""

    won: np.ndarray
    is_open: np.ndarray
    random: np.random.Generator

    def one_of(self, *values: str) -> np.ndarray:
        return self.random.choice(values, len(self.won))

    def chance(self, share: float) -> np.ndarray:
        return self.random.random(len(self.won)) < share

    def amounts(self) -> np.ndarray:
        return self.random.lognormal(8, 1, len(self.won)).round(2)


Column = Callable[[Leads], Any]
EMPTY = np.array(None, dtype=object)


RESTATED: dict[str, Column] = {
    "Answer": lambda of: np.where(of.won, "yes", "no"),
    "Answer spelt freely": lambda of: np.where(of.won, of.one_of("Won", " won ", "WON!"), of.one_of("lost", "LOST")),
    "Flag": lambda of: of.won.astype(int),
    "Booked value": lambda of: np.where(of.won, of.amounts(), 0),
    "Delivery": lambda of: np.where(of.won, of.one_of("road", "rail"), EMPTY),
    "Cause": lambda of: np.where(of.won, of.one_of("price", "quality"), of.one_of("budget", "no reply")),
}
"""The outcome under another name: refused, whatever the YAML says."""

OTHER_LEAKS: dict[str, Column] = {
    "State": lambda of: np.where(of.is_open, "working", np.where(of.won, "done", "dropped")),
    "Filled late": lambda of: np.where(of.is_open, EMPTY, of.one_of("x", "y")),
    "Noisy copy": lambda of: np.where(of.chance(0.93), of.won, ~of.won).astype(str),
    "Waiting": lambda of: np.where(of.is_open, of.one_of("p", "q"), "gone"),
    "Duration": lambda of: of.random.gamma(np.where(of.won, 6, 2), 3),
    "Lead rating": lambda of: np.where(of.chance(0.6), np.where(of.won, "hot", "cold"), of.one_of("hot", "cold")),
}
HONEST: dict[str, Column] = {
    "Region": lambda of: of.one_of("north", "south", "east"),
    "Budget": lambda of: of.amounts(),
    "Need": lambda of: np.where(of.chance(0.3), of.won, of.chance(0.5)),
    "Partner": lambda of: np.where(of.chance(0.2), of.one_of("a", "b"), EMPTY),
    "Code": lambda of: of.one_of(*(f"K{number}" for number in range(30))),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Split]:
    """A company with all of them; a third of its newest leads is open."""
    workspace = Workspace.open({"SALES_INSIGHTS_DATA": str(tmp_path_factory.mktemp("planted"))})
    leads, random = make_leads(1500, span_days=700), np.random.default_rng(5)
    leads.loc[(random.random(1500) < 0.3) & (leads["created"] < 300), "outcome"] = "open"
    of = Leads((leads["outcome"] == "positive").to_numpy(), (leads["outcome"] == "open").to_numpy(), random)
    columns = RESTATED | OTHER_LEAKS | HONEST
    write_leads(workspace, leads.assign(**{name: make(of) for name, make in columns.items()}))
    with open_warehouse(workspace) as connection:
        dataset = read_dataset(connection, "lead", model_of(workspace, "lead", None), DAY)
    return dataset, split(dataset, 0.2, "all")


def judged(planted: tuple[Dataset, Split], settings: Attributes | None = None) -> dict[str, Decision]:
    return {each.attribute: each for each in judge(*planted, settings or Attributes())}


@pytest.fixture(scope="module")
def decisions(planted: tuple[Dataset, Split]) -> dict[str, Decision]:
    return judged(planted)


def test_every_planted_leak_is_out(decisions: dict[str, Decision]) -> None:
    leaks = (*RESTATED, *OTHER_LEAKS)
    assert {name: decisions[name].decision for name in leaks} == dict.fromkeys(leaks, BY_GATE)


def test_no_honest_attribute_is_dropped_or_suspected(decisions: dict[str, Decision]) -> None:
    honest = [decisions[name] for name in (*HONEST, "source", "size", "noise")]
    assert [each for each in honest if each.reason != "passed the gate"] == []


def test_the_outcome_under_another_name_is_refused_though_kept(planted: tuple[Dataset, Split]) -> None:
    keep = tuple(NamedAttribute(name=name, reason="we need it") for name in RESTATED)
    found = judged(planted, Attributes(keep=keep))
    assert {found[name].reason for name in RESTATED} == {"certain leak: it is the outcome under another name"}
    assert {(found[name].decision, found[name].advice) for name in RESTATED} == {(BY_GATE, "")}


def test_advice_turns_a_decision_round(planted: tuple[Dataset, Split], decisions: dict[str, Decision]) -> None:
    advised = {name: yaml.safe_load(each.advice) for name, each in decisions.items() if each.advice}
    assert {"Noisy copy", "Duration", "Lead rating"} <= advised.keys()
    assert all(list(line) == ["attributes"] for line in advised.values())
    for name in ("Noisy copy", "Duration"):
        found = judged(planted, Attributes.model_validate(advised[name]["attributes"]))[name]
        assert found.decision == KEPT
        again = judged(planted, Attributes.model_validate(yaml.safe_load(found.advice)["attributes"]))[name]
        assert (again.decision, again.advice) == (BY_ADMINISTRATOR, "")


def test_advice_is_one_line_of_yaml_whatever_the_name() -> None:
    for name in ("Tags: all", "Grüße 'n' \"more\"", "- [x] {y}", "a" * 300, "yes", "12"):
        line = _advice(name, BY_GATE, "why")
        assert "\n" not in line
        assert Attributes.model_validate(yaml.safe_load(line)["attributes"]).keep[0].name == name


def test_an_attribute_is_decided_on_once() -> None:
    named = {"name": "Tags", "reason": "why"}
    with pytest.raises(ValidationError, match="Tags: named more than once"):
        Attributes.model_validate({"keep": [named], "exclude": [named]})


def test_shuffled_labels_give_one_half(planted: tuple[Dataset, Split], decisions: dict[str, Decision]) -> None:
    """What the gate lets through, and what it keeps out, says nothing of outcomes drawn by lot."""
    dataset, parts = planted
    random = np.random.default_rng(8)
    for attributes in (used_attributes(dataset, list(decisions.values()), Attributes()), dataset.attributes):
        usable = tuple(each for each in attributes if each.kind != "date")
        rows = dataset.rows.copy()
        records = rows.loc[parts.labelled, "record_id"]
        drawn = pd.Series(random.random(records.nunique()) < 0.4, index=records.unique())
        rows.loc[parts.labelled, "label"] = records.map(drawn).astype(rows["label"].dtype)
        learner = Learner.fit(rows[parts.older], usable)
        newer = rows[parts.newer]
        labels, weights = newer["label"].to_numpy().astype(bool), record_weights(newer["record_id"].to_numpy())
        auc = metrics.auc(labels, learner.probabilities(newer), weights)
        assert auc == pytest.approx(0.5, abs=0.1)
