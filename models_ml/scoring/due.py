"""Whether a score's model is due to be trained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.schema.learning import Model
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


def due(
    workspace: Workspace, score_name: str, model_name: str | None = None, *, as_of: date | str | None = None
) -> Due:
    """Whether a model is to be trained on the day.

    It is due when it was never trained; when its newest version is ``retrain_every_days`` old; when its settings or the
    code that trains it have changed since; and when the newest version was left half-way (trained and not validated, or
    validated and not promoted), as after a kill: training then finds it again and goes on. A refused version is not
    tried again before its time, because the same data would be refused for the same reason. What a person has ended
    (reverted, rejected, made inactive, deleted) waits for its time or for a person, and with ``retrain_automatically:
    false`` nothing is due after the first training.

    Raises:
        ConfigError: where there is no such score or model.
        ContractBroken: where nothing has been loaded yet.
    """
    settings = ledger.model_of(workspace, score_name, model_name)
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        newest = ledger.newest(connection, settings.name, day, of_the_day=False)
    if newest is None:
        return Due(True, "it has not been trained yet")
    return _judge(newest, settings, day, workspace.config.schedule.retrain_every_days)


def _judge(newest: ledger.ModelRow, settings: Model, day: date, every_days: int) -> Due:
    age_days = (day - newest.as_of_date).days
    is_half_way = newest.status in ("trained", "validated")
    waits_for_person = newest.status == "validated" and settings.approval == "manual" and age_days > 0
    half_way = f"{newest.model_id} was left half-way: '{newest.status}'"
    if newest.status in ("inactive", "deleted"):
        return Due(False, f"a person has ended it ('{newest.status}'); 'sales-insights train' begins anew")
    if not settings.retrain_automatically:
        if is_half_way and age_days == 0:
            return Due(True, half_way)
        return Due(False, "retrain_automatically is false; 'sales-insights train' trains it")
    reasons = {
        f"settings or code have changed since {newest.model_id} was trained": (
            newest.setup != fingerprint.setup_fingerprint(settings)
        ),
        f"{newest.model_id} was trained {age_days} days ago; a new one is due every {every_days}": (
            age_days >= every_days
        ),
        half_way: is_half_way and not waits_for_person,
    }
    because = next((reason for reason, holds in reasons.items() if holds), "")
    return Due(
        bool(because), because or f"{newest.model_id} ('{newest.status}') is {age_days} of {every_days} days old"
    )
