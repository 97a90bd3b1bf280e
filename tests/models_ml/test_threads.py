"""Work side by side keeps its order, takes no more than it needs, and tells its errors."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from models_ml.threads import side_by_side


def test_results_come_in_the_order_of_the_items() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.05 if number == 0 else 0)
        return number

    assert list(side_by_side(slow_first, range(20))) == list(range(20))


def test_items_are_taken_as_results_are() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10_000):
            taken.append(number)
            yield number

    results = side_by_side(lambda number: number, items())
    assert next(results) == 0
    assert len(taken) < 1000


def test_the_first_error_is_raised() -> None:
    def refuse(number: int) -> int:
        if number:
            raise ValueError(f"item {number}")
        return number

    with pytest.raises(ValueError, match="item 1"):
        list(side_by_side(refuse, range(5)))
