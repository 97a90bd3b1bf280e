"""The labels of option sets, as Synapse Link writes them beside the tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from extract.sources.dataverse.lake.files import Files

PLACE: Final = "Microsoft.Athena.TrickleFeedService"
_KINDS: Final = (
    ("OptionSetMetadata", "Option", ""),
    ("GlobalOptionSetMetadata", "Option", ""),
    ("StateMetadata", "State", "statecode"),
    ("StatusMetadata", "Status", "statuscode"),
)
Labels = Mapping[str, Mapping[str, str]]


def read_labels(files: Files, table: str, folder: str = "") -> Labels:
    """Column to code to label; nothing where the lake has none for the table."""
    prefix = f"{folder}/" if folder else ""
    text = files.text(f"{prefix}{PLACE}/{table}-EntityMetadata.json") if PLACE in files.names(folder) else None
    try:
        told = json.loads(text or "{}")
    except ValueError:
        return {}
    found: dict[str, dict[str, str]] = {}
    for kind, code, column in _KINDS:
        for one in told.get(kind) or ():
            name = column or str(one.get("OptionSetName"))
            _take(found.setdefault(name, {}), one, code)
    return found


def _take(labels: dict[str, str], one: Mapping[str, Any], code: str) -> None:
    """A label; that in the user's own language wins."""
    value = str(one.get(code))
    if one.get("LocalizedLabel") and (value not in labels or one.get("IsUserLocalizedLabel")):
        labels[value] = str(one["LocalizedLabel"])
