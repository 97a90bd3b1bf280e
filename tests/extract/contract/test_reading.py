"""What a source is read to: every item once, in any order, the odd ones kept or set aside, nothing twice."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest

from extract.fetch import FetchReport
from tests.extract.contract.adapter import held_to
from tests.extract.contract.reading import BOOKKEEPING, Reading, serving

ITEMS: Final = 12
UNKNOWN: Final = ("bw_unheard_of", "kept whatever it is")
Tables = dict[str, Counter[tuple[Any, ...]]]


@dataclass(frozen=True)
class Story:
    """The first two days of a source, on the second of which nothing is new, and what was then in the warehouse."""

    reading: Reading
    first: FetchReport
    again: FetchReport
    raw: Tables
    raw_twice: Tables
    raw_again: Tables


@pytest.fixture(scope="module")
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The packages of the first day are loaded twice, as after a kill between their commit and their removal."""
    with serving(request.param, tmp_path_factory.mktemp(request.param)) as reading:
        reading.organisation.add(range(1, ITEMS + 1))
        first = reading.fetch()
        packages, copied = reading.workspace().data.packages, reading.folder / "copied"
        shutil.copytree(packages, copied)
        reading.load()
        raw = reading.raw()
        shutil.rmtree(packages)
        shutil.copytree(copied, packages)
        reading.load()
        raw_twice = reading.raw()
        yield Story(reading, first, reading.a_day(1), raw, raw_twice, reading.raw())


def of(name: str) -> pytest.MarkDecorator:
    """The story of every source that is held to a property."""
    return pytest.mark.parametrize("story", held_to(name), indirect=True, scope="module")


def latest(reading: Reading, name: str = "data") -> list[tuple[Any, ...]]:
    """The last row of every item that is there, in order."""
    return reading.rows(
        f"""
        select * exclude ({", ".join((*BOOKKEEPING, "_known_at", "_file", "batch_number"))})
        from (
            select raw.*, batch_number from {reading.table} as raw join raw.batches on _batch_id = batch_id
            qualify row_number() over (partition by {reading.key} order by batch_number desc, _row_number desc) = 1
        )
        where not _deleted order by {reading.key}
        """,
        name,
    )


@of("unique_keys")
def test_pages_are_complete_and_keys_are_unique(story: Story) -> None:
    rows = story.raw[story.reading.table.removeprefix("raw.")]
    assert (rows.total(), len(rows)) == (ITEMS, ITEMS)
    found = f"select count(*), count(distinct {story.reading.key}) from {story.reading.table}"
    assert story.reading.rows(found) == [(ITEMS, ITEMS)]
    assert story.first.fetched.problems == ()
    assert all(file.rows_read == file.rows_loaded + file.rows_quarantined for file in story.first.fetched.read)


@of("twice")
def test_the_same_batch_twice_changes_nothing(story: Story) -> None:
    assert story.raw_twice == story.raw
    assert story.again.fetched.read == ()
    assert story.raw_again == story.raw


@of("unknown_column")
def test_a_column_that_nobody_has_heard_of_is_kept(story: Story) -> None:
    column, value = UNKNOWN
    story.reading.organisation.add_unknown(ITEMS + 1, column, value)
    assert story.reading.a_day(2).fetched.problems == ()
    kept = [told for row in latest(story.reading) for told in row if column in str(told)]
    assert [json.loads(told)[column] for told in kept] == [value]


@of("malformed")
def test_a_malformed_item_is_set_aside_and_the_others_are_read(story: Story) -> None:
    before = len(latest(story.reading))
    reason = story.reading.organisation.add_malformed(ITEMS + 2)
    story.reading.organisation.add([ITEMS + 3])
    report = story.reading.a_day(3)
    assert report.fetched.problems == ()
    assert sum(file.rows_quarantined for file in report.fetched.read) == 1
    told = story.reading.rows("select reason, count(distinct row_id) over () from quarantine.rows")
    assert all((reason in words, rows) == (True, 1) for words, rows in told), told
    assert len(latest(story.reading)) == before + 1


@of("any_order")
def test_the_order_of_items_changes_nothing(story: Story) -> None:
    straight = latest(story.reading)
    story.reading.organisation.turn_round()
    story.reading.a_day(4, "turned")
    assert latest(story.reading, "turned") == straight
