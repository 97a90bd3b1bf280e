"""How a model is set up, in words: the settings that the published run carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def setup(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and value of each setting that a person asks about; empty where the run says nothing about the model."""
    if not settings:
        return []
    target = settings.get("target") or {"column": "Status", "positive": ["qualified or won"], "negative": ["the rest"]}
    chosen = settings["filter"]
    horizon = settings["horizon_days"]
    window = settings["training_window"]
    return [
        ("State column", target["column"]),
        ("Wanted values", _listed(target["positive"])),
        ("Other values", _listed(target["negative"])),
        ("Filter", f"{chosen['column']}: {_listed(chosen['values'])}" if chosen else "none: all records"),
        ("Business process flow", _process(settings.get("business_process"))),
        ("Horizon", f"{horizon} days" if horizon else "the final outcome"),
        ("Trained on records of", "all time" if window == "all" else f"the last {window} days"),
        ("Attributes", _attributes(settings["attributes"])),
        ("Approval", {"auto": "by the gate alone", "manual": "by a person in Airflow as well"}[settings["approval"]]),
        ("Retrain automatically", "yes" if settings["retrain_automatically"] else "no"),
    ]


def _process(settings: Mapping[str, Any] | None) -> str:
    if not settings:
        return "none: one model for all stages"
    stages = _listed(settings["stages"]) or "stages as they come in the data"
    return f"{stages}; {'a model per stage' if settings['per_stage'] else 'one model for all stages'}"


def _attributes(settings: Mapping[str, Any]) -> str:
    told = ["all that pass the gate" if settings["use"] == "auto" else f"edited: {_listed(settings['use'])}"]
    told += [f"{word} {_listed([each['name'] for each in settings[key]])}" for key, word in _DECIDED if settings[key]]
    return "; ".join(told)


_DECIDED = (("exclude", "left out by an administrator:"), ("keep", "kept by an administrator:"))


def _listed(values: Sequence[object]) -> str:
    return ", ".join(str(value) for value in values)
