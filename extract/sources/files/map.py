"""``map``: a first mapping for a folder of exports that nobody has described yet, for a person to complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from config.errors import SourceUnavailable
from config.schema.canonical import ENTITIES
from extract.sources.files.sniff import FORMATS, Found, examine

_HEAD: Final = """\
# A first mapping, guessed from names and the first values.
# Decide every CHECK, then run 'sales-insights fetch files' and read what it says."""


def map_folder(folder: Path) -> str:
    """Propose ``sources/files.yml`` for a folder of CSV, TSV, Parquet or JSON-lines files.

    Returns:
        YAML that loads: a table for every file whose entity and key could be guessed; the other files as comments.
        Remarks starting with CHECK say what a person has to decide.

    Raises:
        SourceUnavailable: where there is no such folder, or none of its files can be read.
    """
    if not folder.is_dir():
        raise SourceUnavailable(f"{folder}: there is no such folder. Name the folder that holds the exported files.")
    listed = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in FORMATS)
    known: list[Found] = []
    unknown: list[str] = []
    for path in listed:
        found = examine(path)
        if isinstance(found, str):
            unknown.append(f"# {path.name}: {found}")
        elif found.entity is None:
            why = "; ".join(found.remarks) or "no entity guessed"
            unknown.append(f"# {found.file}: {why}. {found.rows:,} rows: {', '.join(found.names)}")
        else:
            known.append(found)
    if not known:
        raise SourceUnavailable(
            f"{folder}: no file in it looks like leads, opportunities, accounts or the like. Write sources/files.yml "
            "by hand, starting from one of docs/examples.\n" + "\n".join(unknown)
        )
    tables = [line for found in known for line in _lines(found, _shares_entity(found, known))]
    tail = ["", "# Not mapped:", *unknown] if unknown else []
    return "\n".join([_HEAD, "tables:", *tables, *tail]) + "\n"


def _lines(found: Found, shares_entity: bool) -> list[str]:
    shared = [f"CHECK: several files look like {found.entity}; keep those that are"] if shares_entity else []
    shared = [] if found.entity == "activities" else shared
    lines = [
        f"  # {found.rows:,} rows",
        *(f"  # {remark}" for remark in shared),
        *(f"  # {remark}" for remark in found.remarks),
    ]
    lines += [f"  - entity: {found.entity}", f"    files: {_scalar(found.file)}"]
    for key, value in found.settings.items():
        lines.append(f"    {key}: {value if key in {'date_formats', 'empty_values'} else _scalar(value)}")
    if shares_entity and found.entity == "activities":
        lines.append(f"    key_prefix: {_scalar(Path(found.file).stem.lower() + '-')} # their keys may meet")
    lines += ["    columns:", *(f"      {name}: {_scalar(source)}" for name, source in found.columns.items())]
    if found.values:
        lines += ["    values: # CHECK: what each value stands for; one that is not listed is quarantined"]
    for name, values in found.values.items():
        lines.append(f"      {name}:")
        lines += [
            f"        {_scalar(source)}: {canonical}" if canonical else f"        # {_scalar(source)}: ?"
            for source, canonical in values.items()
        ]
    for key, told in (("constants", found.constants), ("regarding", found.regarding)):
        if told:
            lines += [f"    {key}:", *(f"      {name}: {_scalar(text)}" for name, text in told.items())]
    custom = [name for name in found.names if name not in found.columns.values()]
    lines += [f"    # custom attributes: {', '.join(custom)}"] if custom else []
    return [*lines, ""]


def _shares_entity(found: Found, known: list[Found]) -> bool:
    """Whether another table has the same entity: their keys may meet."""
    return sum(other.entity == found.entity for other in known) > 1 and len(ENTITIES[found.entity or ""].key) == 1


def _scalar(text: str) -> str:
    """A text as YAML: in quotes, as JSON writes it, which YAML understands."""
    return (
        text
        if text.replace("_", "").replace("$", "").isalpha() and text.lower() not in _WORDS
        else json.dumps(text, ensure_ascii=False)
    )


_WORDS: Final = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
"""Texts that YAML takes for something else."""
