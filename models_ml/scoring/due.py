"""Whether a score's model is due to be trained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.schema.scores import Score
from config.workspace import Workspace
from models_ml.scoring import fingerprint, ledger
from warehouse.connection import open_warehouse
from warehouse.day import day_loaded


@dataclass(frozen=True)
class Due:
    """Whether to train now, and why."""

    is_due: bool
    because: str

    def lines(self) -> list[str]:
        """What a person should read."""
        return [f"{'due' if self.is_due else 'not due'}: {self.because}"]


def due(workspace: Workspace, score_name: str, *, as_of: date | str | None = None) -> Due:
    """Whether a model is to be trained on the day.

    It is due when none was ever trained; when the newest one is ``retrain_every_days`` old; when the score's settings
    or the code that trains it have changed since; and when the newest one was left half-way (trained and not validated,
    or validated and not promoted), as after a kill: training then finds it again and goes on. A refused model is not
    tried again before its time, because the same data would be refused for the same reason.

    Raises:
        ConfigError: where there is no such score.
        ContractBroken: where nothing has been loaded yet.
    """
    settings = ledger.settings_of(workspace, score_name)
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        newest = ledger.newest(connection, score_name, day, of_the_day=False)
    if newest is None:
        return Due(True, "no model has been trained yet")
    return _judge(newest, settings, day, workspace.config.schedule.retrain_every_days)


def _judge(newest: ledger.ModelRow, settings: Score, day: date, every_days: int) -> Due:
    age_days = (day - newest.as_of_date).days
    waits_for_person = newest.status == "validated" and settings.approval == "manual" and age_days > 0
    if newest.setup != fingerprint.setup_fingerprint(settings):
        return Due(True, f"settings or code have changed since {newest.model_id} was trained")
    if age_days >= every_days:
        return Due(True, f"{newest.model_id} was trained {age_days} days ago; a new one is due every {every_days}")
    if newest.status in ("trained", "validated") and not waits_for_person:
        return Due(True, f"{newest.model_id} was left half-way: '{newest.status}'")
    return Due(False, f"{newest.model_id} ('{newest.status}') is {age_days} of {every_days} days old")
