"""Delete a model with all its versions."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date

from config.errors import ConfigError
from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring import ledger
from warehouse.connection import open_warehouse


@dataclass(frozen=True)
class DeleteReport:
    """What was deleted, or would be."""

    model_name: str
    versions: tuple[str, ...]
    done: bool

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        what = f"{len(self.versions)} versions: {', '.join(self.versions) or 'none'}"
        if self.done:
            return [f"{self.model_name}: deleted, {what}", "Its scores, accuracy and reasons of the past are kept."]
        return [f"{self.model_name}: nothing was deleted; this would go: {what}", "Do it with --really."]


def delete(
    workspace: Workspace,
    score_name: str,
    model_name: str | None = None,
    really: bool = False,
    *,
    as_of: date | str | None = None,
) -> DeleteReport:
    """Remove a model from the registry; what it scored and how good it was stays in the warehouse.

    Raises:
        ConfigError: where there is no such score or model, or it is still trained by itself: it would come again.
    """
    del as_of  # a model is deleted as a whole; every verb takes a day
    settings = ledger.model_of(workspace, score_name, model_name)
    if settings.retrain_automatically:
        raise ConfigError(
            f"{settings.name} is trained by itself and would come again. Set 'retrain_automatically: false' for it in "
            f"scores/{score_name}.yml, then delete it."
        )
    versions = tuple(version.model_id for version in registry.versions(workspace, settings.name))
    if really:
        registry.take_out_of_use(workspace, settings.name)
        registry.delete(workspace, settings.name)
        shutil.rmtree(workspace.data.models / settings.name, ignore_errors=True)
        with open_warehouse(workspace) as connection:
            ledger.write_ended(connection, settings.name, "deleted")
    return DeleteReport(settings.name, versions, really)
