"""Note that a person does not want a version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.errors import GateNotPassed
from config.workspace import Workspace
from models_ml.scoring import ledger
from warehouse.connection import open_warehouse
from warehouse.day import day_loaded


@dataclass(frozen=True)
class RejectReport:
    """Which version was rejected."""

    model_name: str
    model_id: str

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        return [f"{self.model_name}: {self.model_id} is rejected; what was in use stays in use"]


def reject(
    workspace: Workspace, score_name: str, model_name: str | None = None, *, as_of: date | str | None = None
) -> RejectReport:
    """Reject the newest version of the day: it is not put to use, and a new one is offered when the next is due.

    Raises:
        GateNotPassed: where that version does not wait for a decision.
        ConfigError: where there is no such score or model.
    """
    settings = ledger.model_of(workspace, score_name, model_name)
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        row = ledger.newest(connection, settings.name, day, of_the_day=True)
        if row is None or row.status not in ("validated", "rejected"):
            state = f"The newest version of {day} is '{row.status}'." if row else f"There is no version of {day}."
            because = f"{state} Only one that is validated can be rejected; to go back use 'sales-insights revert'."
            raise GateNotPassed(score_name, "verdict", None, settings.gate.ok_from, because)
        because = "A person has rejected it, or nobody answered in time. The version in use stays."
        ledger.write_status(connection, row, "rejected", because)
    return RejectReport(settings.name, row.model_id)
