"""A source among failures of every kind reads what it would have read without, and tells nobody its secrets."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote, quote_plus

import pytest

from config.errors import SalesInsightsError
from extract.demo.failures import Plan, Rates
from tests.extract.contract.adapter import held_to
from tests.extract.contract.reading import Reading, serving

EXPIRED_ON, DAYS_AT_MOST = 2, 15
"""A source that asks for little takes some days until everything has happened to it."""
QUIET: Final = Plan(0, Rates())
FAILING: Final = Plan(0, Rates(0.1, 0.08, 0.08, 0.02, 0.06, 0.3, 0.1, 0.08, 0.06), retry_after_s=0, slow_s=0.01)
"""More than half of all requests fail."""
EVERYWHERE: Final = {"throttled", "unavailable", "dropped", "truncated", "html", "expired_token"}
WRONG: Final = "a-wrong-secret-that-is-secret-too"


class Heard(logging.Handler):
    """Every line of every log, with what was raised."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@dataclass
class Story:
    """Some days of a source, read twice: quietly, and among failures."""

    reading: Reading
    happened: set[str] = field(default_factory=set)
    problems: list[Any] = field(default_factory=list)
    said: str = ""
    days: int = 0


@pytest.fixture(scope="module")
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Each day something has changed, on one of them whatever can expire has; at last the secret is wrong."""
    heard, root = Heard(), logging.getLogger()
    level = root.level
    with serving(request.param, tmp_path_factory.mktemp(request.param)) as reading:
        told = Story(reading)
        root.addHandler(heard)
        root.setLevel(logging.DEBUG)
        try:
            _live(reading, told)
            told.said = _refused(reading)
        finally:
            root.removeHandler(heard)
            root.setLevel(level)
        told.said += "\n".join(heard.lines)
        for name in ("quiet", "data"):
            reading.load(told.days, name)
        yield told


def _live(reading: Reading, told: Story) -> None:
    organisation = reading.organisation
    organisation.add(range(1, 8))
    for day in range(1, DAYS_AT_MOST):
        organisation.live_on(7 + day)
        organisation.fail(QUIET)
        reading.fetch(day, "quiet")
        if day == EXPIRED_ON:
            organisation.expire()
        happened = organisation.fail(replace(FAILING, seed=day))
        told.problems += reading.fetch(day).fetched.problems
        told.happened |= {kind for _, kind in happened}
        told.days = day
        if day >= EXPIRED_ON and told.happened >= EVERYWHERE:
            break
    organisation.fail(QUIET)


def _refused(reading: Reading) -> str:
    with pytest.MonkeyPatch.context() as patch:
        for name in reading.organisation.secrets:
            patch.setenv(name, WRONG)
        with pytest.raises(SalesInsightsError) as raised:
            reading.fetch()
    return str(raised.value)


def of(name: str) -> pytest.MarkDecorator:
    """The story of every source that is held to a property."""
    return pytest.mark.parametrize("story", held_to(name), indirect=True, scope="module")


@of("troubles")
def test_what_passes_changes_nothing(story: Story) -> None:
    assert story.problems == []
    assert story.happened >= EVERYWHERE
    raw = story.reading.raw()
    assert raw == story.reading.raw("quiet")
    assert len(raw[story.reading.table.removeprefix("raw.")]) >= 7 + story.days


@of("secrets")
def test_no_secret_and_no_token_is_told_or_kept(story: Story) -> None:
    organisation = story.reading.organisation
    told = [*organisation.secrets.values(), *organisation.tokens()]
    assert len(told) > len(organisation.secrets)
    kept = b"".join(path.read_bytes() for path in story.reading.folder.rglob("data/**/*") if path.is_file())
    assert kept
    for secret in (WRONG, *told):
        for written in {secret, quote(secret), quote_plus(secret)}:
            assert written not in story.said
            assert written.encode() not in kept
