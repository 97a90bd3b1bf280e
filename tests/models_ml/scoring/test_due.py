"""When a model is due, and that a refused one is not tried for ever."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from config.schema.scores import Score
from config.workspace import Workspace
from models_ml.scoring.due import due
from models_ml.scoring.fingerprint import setup_fingerprint
from models_ml.scoring.ledger import model_of
from tests.conftest import MakeWorkspace
from tests.models_ml.scoring.company import DAY
from warehouse.connection import open_warehouse


def note(workspace: Workspace, status: str, day: date = DAY, setup: str | None = None) -> Workspace:
    """A model of that status and day."""
    current = setup_fingerprint(model_of(workspace, "lead", None))
    with open_warehouse(workspace) as connection:
        connection.execute(
            "insert into scores.models "
            "(score_name, model_name, model_id, as_of_date, status, because, setup, model_number) "
            "values ('lead', 'LeadScoring', 'lead-1', ?, ?, '', ?, 1)",
            [day, status, setup or current],
        )
    return workspace


def is_due(workspace: Workspace, days_later: int = 0) -> bool:
    return due(workspace, "lead", as_of=DAY + timedelta(days=days_later)).is_due


def test_the_first_model_is_due(workspace: Workspace) -> None:
    found = due(workspace, "lead", as_of=DAY)
    assert (found.is_due, found.lines()) == (True, ["due: it has not been trained yet"])


@pytest.mark.fact("1c.retrain-15-days")
@pytest.mark.parametrize("status", ["champion", "refused"])
def test_a_new_one_is_due_when_the_newest_is_old_enough(workspace: Workspace, status: str) -> None:
    note(workspace, status)
    assert [is_due(workspace, days) for days in (0, 1, 14, 15)] == [False, False, False, True]


@pytest.mark.parametrize("status", ["trained", "validated"])
def test_one_left_half_way_is_due(workspace: Workspace, status: str) -> None:
    assert is_due(note(workspace, status), 1)


def test_one_that_waits_for_a_person_is_not_offered_every_day(make_workspace: MakeWorkspace) -> None:
    text = "horizon_days: 60\napproval: manual\ngrades: {A: 60, B: 40, C: 20}\n"
    workspace = note(make_workspace({"scores/lead.yml": text}), "validated")
    assert [is_due(workspace, days) for days in (0, 1, 15)] == [True, False, True]


@pytest.mark.fact("1c.edit-model")
def test_a_change_of_settings_makes_it_due(workspace: Workspace) -> None:
    found = due(note(workspace, "refused", setup="other"), "lead", as_of=DAY)
    assert found.is_due
    assert "settings or code have changed" in found.because


def test_a_model_of_a_later_day_does_not_count(workspace: Workspace) -> None:
    assert is_due(note(workspace, "champion", DAY + timedelta(days=1)))


def test_grades_and_approval_do_not_make_a_model_due_but_the_horizon_does() -> None:
    grades = {"A": 60, "B": 40, "C": 20}

    def setup(**settings: object) -> str:
        score = Score.model_validate({"horizon_days": 60, "grades": grades} | settings)
        return setup_fingerprint(score.all_models("lead")[0])

    assert setup() == setup(grades=grades | {"A": 70}, approval="manual", retrain_automatically=False)
    assert setup() != setup(horizon_days=61)


@pytest.mark.parametrize("status", ["inactive", "deleted"])
def test_what_a_person_has_ended_is_not_trained_by_itself(workspace: Workspace, status: str) -> None:
    assert [is_due(note(workspace, status), days) for days in (0, 15, 100)] == [False, False, False]


@pytest.mark.fact("1c.retrain-default")
def test_without_automatic_training_only_the_first_time_is_due(make_workspace: MakeWorkspace) -> None:
    text = "horizon_days: 60\nretrain_automatically: false\ngrades: {A: 60, B: 40, C: 20}\n"
    workspace = make_workspace({"scores/lead.yml": text})
    assert is_due(workspace)
    assert not is_due(note(workspace, "champion", setup="other"), 100)
