"""The order of a run for new leads, and when it does nothing. Each step has tests of its own."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from config.workspace import Workspace
from models_ml.scoring import score_arrivals as module
from models_ml.scoring.score_arrivals import score_arrivals
from warehouse.arrivals import Standing

DAY = date(2026, 6, 30)


class _Scored:
    records_scored = 12


class Steps:
    """Stands in for every step and notes what was called, with which arguments beside the workspace."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, because: str = "", waiting: int = 3) -> None:
        self.called: list[str] = []
        answers: dict[str, Any] = {"standing": Standing(DAY, because), "waiting": waiting, "note_published": 3}
        answers |= {"apply": _Scored()}
        for name in ("standing", "waiting", "build_arrivals", "apply", "explain", "build_lead_marts", "publish"):
            monkeypatch.setattr(module, name, self.step(name, answers.get(name)))
        monkeypatch.setattr(module, "note_published", self.step("note_published", 3))

    def step(self, name: str, answer: object = None) -> Any:
        def stand_in(_: Workspace, *arguments: object, **named: object) -> object:
            texts = [argument for argument in arguments if isinstance(argument, str)]
            self.called.append(" ".join([name, *texts, *(key for key in named if key == "only_new")]))
            assert DAY in (*arguments, *named.values()) or name == "standing"
            return answer

        return stand_in

    def run(self, workspace: Workspace) -> module.ArrivalsReport:
        return score_arrivals(workspace, self.step("load"), self.step("check_arrivals"))


def test_new_leads_go_through_all_steps_on_the_day_of_the_daily_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps(monkeypatch)
    report = steps.run(workspace)
    assert steps.called == [
        *("standing", "load", "check_arrivals raw", "waiting", "build_arrivals", "check_arrivals features"),
        *("apply lead only_new", "explain lead only_new", "check_arrivals scores", "build_lead_marts", "publish"),
        "note_published",
    ]
    assert report.published
    assert report.lines()[0] == "3 new leads joined 2026-06-30 and are published; 12 leads of the day are scored"


def test_where_the_daily_run_is_not_through_nothing_is_even_loaded(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps(monkeypatch, because="leads of 2026-06-30 are not scored yet.")
    report = steps.run(workspace)
    assert steps.called == ["standing"]
    assert not report.published
    assert report.lines() == ["No new lead is scored now: leads of 2026-06-30 are not scored yet."]


def test_without_a_new_lead_nothing_is_built_and_nothing_published(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps(monkeypatch, waiting=0)
    assert steps.run(workspace).lines() == ["No new lead is scored now: none has come since the last run."]
    assert steps.called == ["standing", "load", "check_arrivals raw", "waiting"]
