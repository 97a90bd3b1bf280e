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

    model_name: str
    model_id: str
    previous: str | None

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        before = f"; before it {self.previous}" if self.previous else ""
        return [f"{self.model_name}: {self.model_id} is in use{before}"]


def promote(
    workspace: Workspace, score_name: str, model_name: str | None = None, *, as_of: date | str | None = None
) -> PromoteReport:
    """Make the newest version of the day the champion; the champion until now becomes the previous one.

    The registry's aliases decide which model is applied; ``scores.models`` mirrors them. Done twice, or again after a
    kill in between, the result is the same.

    Raises:
        GateNotPassed: where that model has not been validated, or was refused.
        ConfigError: where there is no such score or model.
    """
    settings = ledger.model_of(workspace, score_name, model_name)
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        row = ledger.newest(connection, settings.name, day, of_the_day=True)
    found = registry.find(workspace, settings.name, row.model_id) if row else None
    if row is None or found is None or row.status not in ("validated", "champion"):
        state = (
            f"The newest version of {day} is '{row.status}'. {row.because}" if row else f"There is no version of {day}."
        )
        measured = row.auc_low if row else None
        because = f"{state} Run 'sales-insights validate {score_name}' and read what it says."
        raise GateNotPassed(score_name, "verdict", measured, settings.gate.ok_from, because)
    registry.put_to_use(workspace, settings.name, found)
    before = registry.in_use(workspace, settings.name, registry.PREVIOUS)
    previous = before.model_id if before else None
    with open_warehouse(workspace) as connection:
        ledger.write_in_use(connection, settings.name, row.model_id, previous, left="validated")
    return PromoteReport(settings.name, row.model_id, previous)
