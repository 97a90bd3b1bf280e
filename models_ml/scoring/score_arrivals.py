"""``score_arrivals``: leads that came since the daily run get their scores within minutes, as of the same day."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from config.workspace import Workspace
from models_ml.scoring.apply import apply
from models_ml.scoring.explain import explain
from warehouse.arrivals import build_arrivals, build_lead_marts, note_published, standing, waiting
from warehouse.publish import publish

_LOG = logging.getLogger(__name__)
_SCORE: Final = "lead"

Verb = Callable[..., Any]


@dataclass
class ArrivalsReport:
    """What became of the leads that came within a day.

    Attributes:
        day: the day they joined.
        because: why nothing was published; empty where something was.
        leads: how many came that were open, and are published now.
        scored: how many leads of the day have a score now.
        steps: step to seconds.
    """

    day: date
    because: str = ""
    leads: int = 0
    scored: int = 0
    steps: dict[str, float] = field(default_factory=dict)

    @property
    def published(self) -> bool:
        """Whether readers see something new."""
        return not self.because

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        if self.because:
            return [f"No new lead is scored now: {self.because}"]
        return [
            f"{self.leads} new leads joined {self.day} and are published; {self.scored:,} leads of the day are scored",
            *(f"  {step}: {seconds:.1f} s" for step, seconds in self.steps.items()),
        ]


def score_arrivals(
    workspace: Workspace, load: Verb, check_arrivals: Verb, *, as_of: date | str | None = None
) -> ArrivalsReport:
    """Load what was fetched, and take the new leads through all steps to the published copy.

    They join the day of the last daily run; its other scores stay. Where that run is not through, or there is no new
    lead, nothing is done, and the report says so. A lead that a run left half-way is taken up by the next.

    Args:
        workspace: whose leads.
        load: the verb ``load``, which belongs to another room.
        check_arrivals: the verb of that name, likewise.
        as_of: the day; None: the organisation's own, or today.

    Raises:
        ContractBroken: where a table or a row breaks a promise; readers keep what they have.
        SourceUnavailable: where the registry does not answer and no copy of its model is kept.
        WarehouseBusy: where another process holds the warehouse.
    """
    found = standing(workspace, as_of=as_of)
    report = ArrivalsReport(found.day, found.because)
    if report.because:
        return report
    day, step = found.day, report.steps
    with _timed("load", step):
        load(workspace, as_of=day)
        check_arrivals(workspace, "raw", as_of=day)
    if not waiting(workspace, day):
        report.because = "none has come since the last run."
        return report
    with _timed("build", step):
        build_arrivals(workspace, as_of=day)
        check_arrivals(workspace, "features", as_of=day)
    with _timed("apply", step):
        report.scored = apply(workspace, _SCORE, as_of=day, only_new=True).records_scored
    with _timed("explain", step):
        explain(workspace, _SCORE, as_of=day, only_new=True)
        check_arrivals(workspace, "scores", as_of=day)
    with _timed("build marts", step):
        build_lead_marts(workspace, as_of=day)
    with _timed("publish", step):
        publish(workspace, as_of=day)
        report.leads = note_published(workspace, day)
    return report


@contextmanager
def _timed(name: str, steps: dict[str, float]) -> Iterator[None]:
    started = time.monotonic()
    yield
    steps[name] = time.monotonic() - started
    _LOG.info("%s: %.1f s", name, steps[name])
