"""Memory does not grow with the rows: seven times as many need hardly more, in a process of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.extract.contract.adapter import adapter, held_to
from tests.extract.contract.reading import FIRST, Reading, serving
from tests.extract.contract.runs import Run, Runner

ROWS, TIMES, WEIGHT, PAGE = 300, 7, 3_000, 30
MORE: Final = (TIMES - 1) * ROWS * WEIGHT
"""The text that the further rows bring, in bytes: were rows held, they would need more than that. Half of it is several
times what the peak of a source with workers of its own differs by, which have their pages at once or one after another.
"""


def peak(runner: Runner, reading: Reading, name: str) -> int:
    """The highest memory of a fetch into a new data folder, in bytes."""
    told = reading.folder / f"{name}.peak"
    buffers = adapter(reading.source).BUFFERS
    run = Run(f"fetch {reading.source}", reading.environment(name), FIRST.isoformat(), buffers, str(told))
    runner.start(run)
    assert runner.end() == 0
    return int(told.read_text())


@pytest.mark.parametrize("source", held_to("flat_memory"))
def test_seven_times_the_rows_need_hardly_more_memory(source: str, runner: Runner, tmp_path: Path) -> None:
    with serving(source, tmp_path, PAGE) as reading:
        reading.organisation.add(range(ROWS), WEIGHT)
        few = peak(runner, reading, "few")
        reading.organisation.add(range(ROWS, TIMES * ROWS), WEIGHT)
        many = peak(runner, reading, "many")
        reading.load(name="many")
        assert reading.rows(f"select count(*) from {reading.table}", "many") == [(TIMES * ROWS,)]
    assert many - few < MORE / 2, f"{few / 1e6:.2f} MB for {ROWS:,} rows, {many / 1e6:.2f} MB for {TIMES * ROWS:,}"
