"""Values that are later than their row: what history has seen of them, and what they do to a ranking."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import duckdb
import numpy as np
import pytest

from config.schema.learning import Attributes, NamedAttribute
from models_ml.scoring.attributes import Attribute
from models_ml.scoring.dataset import Dataset
from models_ml.scoring.hindsight import NOT_SEEN, Closings, gain, read_closings
from models_ml.scoring.leakage import BY_GATE, KEPT, USED, Decision, judge
from models_ml.scoring.split import split
from tests.models_ml.scoring.undated import undated

RANDOM = np.random.default_rng(5)
LABELS = RANDOM.random(2000) < 0.4


@pytest.fixture
def history() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty history of leads."""
    with duckdb.connect() as connection:
        connection.execute("create schema history")
        connection.execute(
            "create table history.hist_leads (lead_id varchar, version_number bigint, known_at timestamp, "
            "status varchar, source varchar, employee_count double, custom varchar, is_deleted boolean)"
        )
        yield connection


def version(
    connection: duckdb.DuckDBPyConnection, lead: int, number: int, status: str | None, source: str | None, **custom: str
) -> None:
    connection.execute(
        "insert into history.hist_leads values (?, ?, timestamp '2026-01-01' + to_days(?::int), ?, ?, 7, ?, false)",
        [f"L{lead}", number, number, status, source, json.dumps(custom)],
    )


def test_what_changed_between_the_last_open_and_the_first_closed_version(history: duckdb.DuckDBPyConnection) -> None:
    for lead in range(40):
        version(history, lead, 1, "open", "web", Colour="red", Remark="")
        version(history, lead, 2, None, "fair", Colour="red", Remark="")
        remark = {"Remark": "done"} if lead < 30 else {}
        version(history, lead, 3, "qualified", "fair", Colour=" red " if lead % 2 else "blue", **remark)
        version(history, lead, 4, "qualified", "later", Colour="green", Remark="much later")
    found = read_closings(history, "lead")
    assert found.records == 40
    assert found.share(Attribute("Remark", "category", "Remark")) == 30 / 40
    assert found.share(Attribute("Colour", "category", "Colour")) == 20 / 40
    assert found.share(Attribute("source", "category")) == 0
    assert found.share(Attribute("custom.source", "category", "source")) == 0
    assert found.share(Attribute("age_days", "number")) == 0


def test_who_was_seen_only_open_or_only_closed_says_nothing(history: duckdb.DuckDBPyConnection) -> None:
    for lead in range(50):
        version(history, lead, 1, "qualified" if lead % 2 else "open", "web")
        version(history, lead, 2, "qualified" if lead % 2 else "open", "fair")
    assert read_closings(history, "lead") == NOT_SEEN


def test_who_was_opened_again_counts_once_it_is_closed_again(history: duckdb.DuckDBPyConnection) -> None:
    for number, status in enumerate(("open", "disqualified", "open", "qualified"), start=1):
        version(history, 1, number, status, f"source {number}")
    assert read_closings(history, "lead").changed[("source", False)] == 1


def test_a_warehouse_without_history_and_few_closings_say_nothing(history: duckdb.DuckDBPyConnection) -> None:
    history.execute("drop table history.hist_leads")
    assert read_closings(history, "lead") == NOT_SEEN
    assert Closings(29, {("Colour", True): 29}).share(Attribute("Colour", "category", "Colour")) is None


def company(is_hindsight: np.ndarray | bool = True) -> Dataset:
    """Records with an honest attribute, one that follows the outcome in hindsight only, and one called after that."""
    rows = np.broadcast_to(is_hindsight, len(LABELS))
    knows = np.where(rows, RANDOM.random(2000) < 0.6, False)
    written = np.where(knows, LABELS, RANDOM.random(2000) < 0.4)
    columns = {
        "Colour": RANDOM.choice(["red", "blue"], 2000),
        "Mood": np.where(written, "good", "bad"),
        "Final mood": np.where(np.where(RANDOM.random(2000) < 0.5, LABELS, RANDOM.random(2000) < 0.4), "good", "bad"),
    }
    dataset = undated(LABELS, columns)
    return replace(dataset, rows=dataset.rows.assign(is_hindsight=rows))


def judged(dataset: Dataset, closings: Closings = NOT_SEEN, settings: Attributes | None = None) -> dict[str, Decision]:
    decisions = judge(dataset, split(dataset, 0.2, "all"), settings or Attributes(), closings)
    return {each.attribute: each for each in decisions}


def test_what_closings_change_is_out_where_rows_hold_the_value_of_after() -> None:
    closings = Closings(200, {("Colour", True): 120})
    found = judged(company(), closings)["Colour"]
    assert found.decision == BY_GATE
    assert found.reason.startswith("likely leak: its value changes when a record is closed")
    assert "changed by 60% of closings" in found.evidence
    settings = Attributes(keep=(NamedAttribute(name="Colour", reason="painted anew"),))
    assert judged(company(), closings, settings)["Colour"].decision == KEPT


def test_what_some_closings_change_is_reported() -> None:
    found = judged(company(), Closings(200, {("Colour", True): 50}))["Colour"]
    assert (found.decision, found.suspected) == (USED, True)
    assert "its value often changes when a record is closed" in found.reason


def test_neither_changes_nor_names_count_where_the_value_of_the_day_is_known() -> None:
    found = judged(company(is_hindsight=False), Closings(200, {("Colour", True): 200}))
    assert (found["Colour"].decision, found["Colour"].suspected) == (USED, False)
    assert (found["Final mood"].decision, found["Final mood"].suspected) == (USED, False)
    assert judged(company())["Final mood"].decision == BY_GATE


def test_what_ranks_in_hindsight_alone_is_out() -> None:
    is_hindsight = np.arange(2000) % 3 > 0
    found = judged(company(is_hindsight))
    assert found["Mood"].reason.startswith("likely leak: it ranks far better where today's value stands in")
    assert (found["Colour"].decision, found["Colour"].suspected) == (USED, False)
    assert judged(company())["Mood"].decision == USED


def test_a_gain_is_what_exceeds_chance() -> None:
    weights, side = np.ones(2000), np.arange(2000) % 2 == 0
    noise = RANDOM.random(2000)
    assert gain(LABELS, noise, weights, side) == 0
    assert gain(LABELS, np.where(side, LABELS, noise), weights, side) == pytest.approx(0.45, abs=0.06)
    assert gain(LABELS, np.where(side, noise, LABELS), weights, side) == 0
    assert gain(LABELS, LABELS.astype(float), weights, np.ones(2000, dtype=bool)) == 0
