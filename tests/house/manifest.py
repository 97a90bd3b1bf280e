"""A dbt project as dbt itself reads it: the manifest that ``dbt parse`` makes, without opening a database."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.house.tree import PROJECT, files

PARSE = "import sys; from dbt.cli.main import dbtRunner; sys.exit(not dbtRunner().invoke(sys.argv[1:]).success)"
_VARIABLE = re.compile(r"""var\(\s*["'](\w+)["']""")


def variables(tree: Path) -> dict[str, Any]:
    """A value for every variable that the project asks for; parsing needs one, whichever it is."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in files(tree / "dbt_project", ".sql", ".yml"))
    values: dict[str, Any] = {name: _example(name) for name in set(_VARIABLE.findall(text))}
    return values | {"staged": _staged(tree)}


def _example(name: str) -> int | str | list[int]:
    if name.endswith("ages_days"):
        return [0]
    return 1 if name.endswith(("_days", "_month", "_weeks")) else "text"


def _staged(tree: Path) -> dict[str, list[str]]:
    """Entity to the sources that have a staging model for it, from the names of the models."""
    staged: dict[str, list[str]] = defaultdict(list)
    for path in sorted((tree / "dbt_project" / "models" / "staging").rglob("stg_*__*.sql")):
        source, _, entity = path.stem.removeprefix("stg_").partition("__")
        staged[entity].append(source)
    return dict(staged)


def read_manifest(tree: Path, scratch: Path) -> dict[str, Any]:
    """The manifest of ``tree/dbt_project``; what dbt writes goes to the scratch folder.

    Raises:
        AssertionError: where dbt cannot parse the project, with dbt's own words.
    """
    project = tree / "dbt_project"
    arguments = [
        "parse",
        "--project-dir",
        str(project),
        "--profiles-dir",
        str(PROJECT / "dbt_project"),
        "--no-partial-parse",
    ]
    places = ["--target-path", str(scratch / "target"), "--log-path", str(scratch / "logs")]
    run = subprocess.run(
        [sys.executable, "-c", PARSE, *arguments, *places, "--vars", json.dumps(variables(tree))],
        cwd=scratch,
        env=os.environ | {"SALES_INSIGHTS_WAREHOUSE": str(scratch / "none.duckdb")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    manifest: dict[str, Any] = json.loads((scratch / "target" / "manifest.json").read_text(encoding="utf-8"))
    return manifest
