"""Names that follow from content: the same data, settings and code always give the same model id."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pandas as pd

from config.schema.learning import Model
from models_ml.scoring.dataset import Dataset

_LIBRARIES: Final = ("lightgbm", "numpy", "pandas", "scikit-learn", "scipy")
_NOT_OF_THE_MODEL: Final = {"approval", "retrain_automatically", "monitoring"}
_LENGTH: Final = 10


def setup_fingerprint(settings: Model) -> str:
    """The fingerprint of all that decides about a model but the data: settings, code and libraries.

    The kind of approval, whether it is trained by itself and how it is monitored are left out: they say what is done
    with a model, not what it is.
    """
    chosen = settings.model_dump_json(exclude=_NOT_OF_THE_MODEL)
    return _digest(chosen, _code(), *(f"{name} {version(name)}" for name in _LIBRARIES))


def model_id(model_name: str, day: date, dataset: Dataset, setup: str) -> str:
    """``<model>-<day>-<fingerprint>`` of the data, settings and code that make the model."""
    hashed = pd.util.hash_pandas_object(dataset.rows.reset_index(drop=True), index=False)
    data = hashlib.sha256(hashed.to_numpy().tobytes()).hexdigest()
    attributes = json.dumps([[each.name, each.kind, each.key] for each in dataset.attributes])
    return f"{model_name}-{day}-{_digest(model_name, str(day), data, attributes, setup)}"


@cache
def _code() -> str:
    """The fingerprint of this package's source and of the metrics it uses."""
    here = Path(__file__).resolve().parent
    files = [*sorted(here.glob("*.py")), here.parent / "metrics.py"]
    return _digest(*(f"{path.name}\n{path.read_text(encoding='utf-8')}" for path in files))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_LENGTH]
