"""Go back to the version of a model that was in use before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.errors import ConfigError
from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring import ledger
from warehouse.connection import open_warehouse


@dataclass(frozen=True)
class RevertReport:
    """Which version is in use again, and which one no more."""

    model_name: str
    model_id: str
    left: str

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        return [
            f"{self.model_name}: {self.model_id} is in use again, {self.left} no more",
            "Scores follow at the next 'sales-insights apply'; the next version is trained when it is due.",
        ]


def revert(
    workspace: Workspace, score_name: str, model_name: str | None = None, *, as_of: date | str | None = None
) -> RevertReport:
    """Make the previous version the champion again; the champion until now is 'reverted' and stays in the registry.

    The registry is changed first and ``scores.models`` after it; a repetition after a kill in between mends the second.
    Reverting once more is refused: what was in use before the previous one is not known.

    Raises:
        ConfigError: where there is no such score or model, or no version to go back to.
    """
    del as_of  # which version is in use does not depend on a day; every verb takes one
    settings = ledger.model_of(workspace, score_name, model_name)
    champion = registry.in_use(workspace, settings.name)
    previous = registry.in_use(workspace, settings.name, registry.PREVIOUS)
    with open_warehouse(workspace) as connection:
        noted = ledger.champion(connection, settings.name)
    if champion and previous is None and noted and noted.model_id != champion.model_id:
        previous, left = champion, noted.model_id  # killed between the registry and the warehouse
    elif champion is None or previous is None or champion.number == previous.number:
        raise ConfigError(
            f"{settings.name}: there is no version before the one in use, so there is nothing to go back to. To stop "
            f"its scores: 'sales-insights deactivate {score_name} {settings.name}'."
        )
    else:
        left = champion.model_id
        registry.go_back(workspace, settings.name, previous)
    with open_warehouse(workspace) as connection:
        ledger.write_in_use(connection, settings.name, previous.model_id, None, left="reverted")
    return RevertReport(settings.name, previous.model_id, left)
