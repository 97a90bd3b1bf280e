"""Take a model out of use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring import ledger
from warehouse.connection import open_warehouse


@dataclass(frozen=True)
class DeactivateReport:
    """Which version was in use, if any."""

    score_name: str
    model_name: str
    model_id: str | None

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        if self.model_id is None:
            return [f"{self.model_name}: no version was in use"]
        return [
            f"{self.model_name}: {self.model_id} is out of use; its records get no score from it any more",
            f"To begin anew: 'sales-insights train {self.score_name} {self.model_name}', then validate and promote.",
        ]


def deactivate(
    workspace: Workspace, score_name: str, model_name: str | None = None, *, as_of: date | str | None = None
) -> DeactivateReport:
    """Take the aliases away, in the registry and then in ``scores.models``; its versions stay. Twice changes nothing.

    While it is inactive it is not trained by itself.

    Raises:
        ConfigError: where there is no such score or model.
    """
    del as_of  # which version is in use does not depend on a day; every verb takes one
    settings = ledger.model_of(workspace, score_name, model_name)
    champion = registry.take_out_of_use(workspace, settings.name)
    with open_warehouse(workspace) as connection:
        ledger.write_ended(connection, settings.name, "inactive")
    return DeactivateReport(score_name, settings.name, champion.model_id if champion else None)
