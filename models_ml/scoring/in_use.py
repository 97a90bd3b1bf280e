"""The version of a model that scores: the registry's champion, or the copy kept of the last one that could be read."""

from __future__ import annotations

import json
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.errors import ContractBroken, SourceUnavailable
from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring.learner import Learner
from models_ml.scoring.staged import load_learner

_LOG = logging.getLogger(__name__)
_POINTER: Final = "in_use.json"


@dataclass(frozen=True)
class InUse:
    """A fitted model that scores.

    Attributes:
        learner: the model.
        model_id: its id in ``scores.models``.
        version: the registry's; None where the kept copy scores.
        note: why it is not the registry's champion; empty where it is.
    """

    learner: Learner
    model_id: str
    version: registry.Version | None
    note: str = ""


def model_in_use(workspace: Workspace, model_name: str) -> InUse | None:
    """What scores the records of a model; None where none was put to use.

    A registry that does not answer, or a model file that was altered, stops no scoring: the copy that was kept when a
    model was last read goes on, and the note says so.

    Raises:
        SourceUnavailable, ContractBroken: as the registry says, where no copy was kept.
    """
    kept = workspace.data.models / model_name
    try:
        found = registry.in_use(workspace, model_name)
        if found is None:
            return None
        learner: Learner = registry.load(workspace, model_name, found)
    except (SourceUnavailable, ContractBroken) as error:
        copy = _read(kept)
        if copy is None:
            raise
        _LOG.warning("%s: %s", model_name, error)
        return InUse(copy.learner, copy.model_id, None, f"{error} Until then the kept copy of {copy.model_id} scores.")
    _keep(kept, learner, found)
    return InUse(learner, found.model_id, found)


def _keep(folder: Path, learner: Learner, found: registry.Version) -> None:
    """Write the copy aside, then point to it, then remove the one before: a kill at any moment leaves a whole one."""
    name = f"{found.number}-{found.digest}"
    if _pointed(folder) == (name, found.model_id):
        return
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{name}.part"
    shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(folder / name, ignore_errors=True)
    part.mkdir()
    learner.save(part)
    part.rename(folder / name)
    pointer = folder / f"{_POINTER}.part"
    pointer.write_text(json.dumps({"folder": name, "model_id": found.model_id}), encoding="utf-8")
    pointer.rename(folder / _POINTER)
    for other in folder.iterdir():
        if other.is_dir() and other.name != name:
            shutil.rmtree(other)


def _read(folder: Path) -> InUse | None:
    pointed = _pointed(folder)
    return InUse(load_learner(folder / pointed[0]), pointed[1], None) if pointed else None


def _pointed(folder: Path) -> tuple[str, str] | None:
    try:
        pointer = json.loads((folder / _POINTER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return pointer["folder"], pointer["model_id"]
