"""Lines read as records are refused; honest records that belong together are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from config.errors import GateNotPassed
from config.workspace import PROJECT, Workspace
from models_ml.scoring.dataset import Dataset
from models_ml.scoring.grain import find_lines
from models_ml.scoring.split import split
from models_ml.scoring.train import train
from tests.models_ml.scoring.company import make_leads, rows_of, write_leads
from tests.models_ml.scoring.undated import undated

SUPERSTORE = PROJECT.parent / "shared" / "data" / "superstore"


def found(dataset: Dataset) -> Any:
    return find_lines(dataset, split(dataset, 0.2, "all"))


def lines(orders: int = 300, seed: int = 4, **of_order: Any) -> tuple[np.ndarray, dict[str, Any]]:
    """Outcomes drawn per order, 1 to 6 lines of each; customer, seller and day are the order's, the rest the line's."""
    random = np.random.default_rng(seed)
    order = np.repeat(np.arange(orders), random.integers(1, 7, orders))
    won = random.random(orders) < 0.4
    columns = {
        "Customer": np.array([f"C{number}" for number in random.integers(0, 120, orders)])[order],
        "Seller": np.array([f"S{number}" for number in random.integers(0, 9, orders)])[order],
        "Day": random.integers(0, 200, orders)[order].astype(float),
        "Article": random.choice([f"A{number}" for number in range(40)], len(order)),
        "Amount": random.lognormal(5, 1, len(order)).round(2),
    }
    return won[order], columns | {name: make(order) for name, make in of_order.items()}


def as_text(order: np.ndarray) -> list[str]:
    return [f"O-{number:04d}" for number in order]


@pytest.mark.parametrize("number", [as_text, lambda order: order.astype(float)], ids=["text", "number"])
def test_lines_are_known_by_the_number_of_their_order(number: Any) -> None:
    labels, columns = lines(Order=number)
    lines_found = found(undated(labels, columns))
    assert lines_found is not None
    assert lines_found.by == ("Order",)
    assert lines_found.agreement == pytest.approx(1)
    assert set(lines_found.alike) >= {"Customer", "Seller", "Day"}
    assert not {"Article", "Amount", "Order"} & set(lines_found.alike)


def test_lines_are_known_without_a_number_where_they_lie_together() -> None:
    labels, columns = lines()
    lines_found = found(undated(labels, columns))
    assert lines_found is not None
    assert set(lines_found.by) == {"Customer", "Seller", "Day"}


def test_shuffled_outcomes_do_not_agree() -> None:
    labels, columns = lines(Order=as_text)
    assert found(undated(np.random.default_rng(1).permutation(labels), columns)) is None


def test_some_lines_that_disagree_are_no_lines_of_one_outcome() -> None:
    labels, columns = lines(Order=as_text)
    other = np.random.default_rng(1).random(len(labels)) < 0.1
    assert found(undated(labels ^ other, columns)) is None


def test_customers_who_mostly_buy_or_mostly_do_not_are_honest() -> None:
    random = np.random.default_rng(6)
    customer = np.sort(random.integers(0, 300, 1500))
    taste = random.beta(0.4, 0.4, 300)[customer]
    columns = {
        "Customer": [f"C{number}" for number in customer],
        "City": [f"T{number % 40}" for number in customer],
        "Industry": [f"I{number % 7}" for number in customer],
        "Amount": random.lognormal(5, 1, 1500),
    }
    assert found(undated(random.random(1500) < taste, columns)) is None


def test_a_leak_of_many_values_is_a_leak_and_no_grain() -> None:
    random = np.random.default_rng(6)
    labels = random.random(1500) < 0.4
    reason = np.char.add(np.where(labels, "won ", "lost "), random.integers(0, 200, 1500).astype(str))
    columns = {
        "Reason": reason,
        "State": np.where(labels, "Won", "Lost"),
        "Won": labels.astype(float),
        "Amount": random.lognormal(5, 1, 1500),
        "Colour": random.choice(["red", "blue"], 1500),
    }
    assert found(undated(labels, columns)) is None


def test_a_file_sorted_by_outcome_is_no_file_of_lines() -> None:
    random = np.random.default_rng(6)
    place = np.repeat(np.arange(500), 3)
    columns = {
        name: [f"{name}{number}" for number in (place // step) % 17] for name, step in (("A", 1), ("B", 2), ("C", 3))
    }
    assert found(undated(place > 250, columns | {"Amount": random.lognormal(5, 1, 1500)})) is None


def test_some_duplicates_are_no_lines() -> None:
    random = np.random.default_rng(6)
    answers = random.choice(["yes", "no", "unknown"], (400, 12))
    labels = random.random(400) < 0.5
    answers[1:160:2], labels[1:160:2] = answers[0:160:2], labels[0:160:2]
    assert found(undated(labels, {f"Answer {number}": answers[:, number] for number in range(12)})) is None


@pytest.mark.skipif(not SUPERSTORE.is_dir(), reason="../shared/data/superstore is not on this machine")
@pytest.mark.parametrize("is_numbered", [True, False], ids=["with their order's number", "without it"])
def test_real_order_lines_are_told_and_real_orders_are_not(is_numbered: bool) -> None:
    """Whether an order was returned holds for all its lines: on them a model would be measured by heart."""
    rows = pd.read_csv(SUPERSTORE / "Orders.csv", dtype={"Postal Code": str})
    returned = rows["Order ID"].isin(pd.read_csv(SUPERSTORE / "Returns.csv")["Order ID"])
    columns = rows.drop(columns=["Row ID"] if is_numbered else ["Row ID", "Order ID"])
    lines_found = found(undated(returned.to_numpy(), columns.to_dict("series")))
    assert lines_found is not None
    assert (lines_found.by == ("Order ID",)) is is_numbered
    assert {"Customer ID", "Order Date", "Ship Mode"} <= set(lines_found.alike)
    first = ~rows["Order ID"].duplicated()
    assert found(undated(returned[first].to_numpy(), columns[first].reset_index(drop=True).to_dict("series"))) is None


def test_training_on_lines_is_refused_and_says_what_to_do(company: Workspace) -> None:
    leads = make_leads(300)
    leads = leads.assign(Order=[f"O{number}" for number in range(300)], Region=leads["created"] % 17)
    several = pd.concat([leads.assign(record_id=leads["record_id"] + f"-{line}", noise=line) for line in range(4)])
    write_leads(company, several.sort_values("record_id"))
    with pytest.raises(GateNotPassed, match="lines of something larger") as shut:
        train(company, "lead")
    assert "as the key of the record" in shut.value.because
    assert rows_of(company, "select status, because from scores.models") == [("refused", shut.value.because)]
