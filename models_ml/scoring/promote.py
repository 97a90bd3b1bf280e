"""Put a validated model to use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.errors import GateNotPassed
from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring import ledger
from warehouse.connection import open_warehouse
from warehouse.day import day_loaded


@dataclass(frozen=True)
class PromoteReport:
    """Which model is in use now, and which was before."""

    score_name: str
    model_id: str
    previous: str | None

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        before = f"; before it {self.previous}" if self.previous else ""
        return [f"{self.score_name}: model {self.model_id} is in use{before}"]


def promote(workspace: Workspace, score_name: str, *, as_of: date | str | None = None) -> PromoteReport:
    """Make the newest model of the day the champion; the champion until now becomes the previous one.

    The registry's aliases decide which model is applied; ``scores.models`` mirrors them. Done twice, or again after a
    kill in between, the result is the same.

    Raises:
        GateNotPassed: where that model has not been validated, or was refused.
        ConfigError: where there is no such score.
    """
    settings = ledger.settings_of(workspace, score_name)
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        row = ledger.newest(connection, score_name, day, of_the_day=True)
    found = registry.find(workspace, score_name, row.model_id) if row else None
    if row is None or found is None or row.status not in ("validated", "champion"):
        state = f"The newest model of {day} is '{row.status}'. {row.because}" if row else f"There is no model of {day}."
        measured = row.auc_low if row else None
        because = f"{state} Run 'sales-insights validate {score_name}' and read what it says."
        raise GateNotPassed(score_name, "verdict", measured, settings.gate.ok_from, because)
    registry.put_to_use(workspace, score_name, found)
    before = registry.in_use(workspace, score_name, registry.PREVIOUS)
    previous = before.model_id if before else None
    with open_warehouse(workspace) as connection:
        ledger.write_in_use(connection, score_name, row.model_id, previous)
    return PromoteReport(score_name, row.model_id, previous)
