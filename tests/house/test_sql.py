"""The rules of the SQL: no wall clock, layers that read only what they may, a key and a grain for every model."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.house.manifest import read_manifest
from tests.house.tree import PROJECT, files, place, plant

Manifest = dict[str, Any]
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
CLOCK = re.compile(
    r"\b(current_date|current_time|current_timestamp|localtime|localtimestamp|sysdate)\b"
    r"|\b(now|today|getdate|get_current_timestamp|transaction_timestamp|clock_timestamp)\s*\(",
    re.IGNORECASE,
)
JINJA_CLOCK = re.compile(r"run_started_at|modules\.datetime|current_timestamp|\bnow\s*\(", re.IGNORECASE)
NAMES = {
    "staging": r"stg_[a-z]+__[a-z_]+s",
    "history": r"hist_[a-z_]+",
    "intermediate": r"int_[a-z_]+s_[a-z_]+",
    "features": r"(feat|label)_[a-z_]+",
    "marts": r"(?!stg_|hist_|int_|feat_|label_)[a-z_]+",
}
MAY_READ = {
    "staging": set[str](),
    "history": {"staging"},
    "intermediate": {"history", "intermediate"},
    "features": {"history", "intermediate"},
    "marts": {"staging", "history", "intermediate", "features", "marts"},
}
HAND_WRITTEN = {"scores", "forecasts", "quality", "quarantine", "ops"}
"""Schemas of ``warehouse/tables.py`` besides raw: what the marts may read without a staging model."""


def wall_clocks(tree: Path) -> list[str]:
    """SQL that asks the clock instead of ``today()``."""
    found = []
    for path in files(tree, ".sql"):
        text = COMMENT.sub("", path.read_text(encoding="utf-8"))
        code = " ".join(part for part in JINJA.findall(text) if not part.startswith("{#"))
        hits = [*CLOCK.finditer(JINJA.sub(" ", text)), *JINJA_CLOCK.finditer(code)]
        found += [f"{place(tree, path)}: {hit.group(0)}; use today()" for hit in hits]
    return found


def unnamed_steps(tree: Path) -> list[str]:
    """Models without the silhouette: steps with names, and ``select * from final`` at the end."""
    return [
        f"{place(tree, path)}: end with 'select * from final'"
        for path in files(tree, ".sql")
        if "models" in path.parts
        and COMMENT.sub("", path.read_text(encoding="utf-8")).lower().split()[-4:] != ["select", "*", "from", "final"]
    ]


def models(manifest: Manifest) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def layer_of(model: dict[str, Any]) -> str:
    return str(model["fqn"][1])


def misnamed(manifest: Manifest) -> list[str]:
    """Models whose name does not say their layer, or that lie in no layer."""
    return [
        f"{model['name']}: not a name of the layer {layer_of(model)}"
        for model in models(manifest)
        if not re.fullmatch(NAMES.get(layer_of(model), "(?!)"), model["name"])
    ]


def without_grain(manifest: Manifest) -> list[str]:
    """Models whose description does not say, first of all, what one row is."""
    return [
        f"{model['name']}: the first sentence of its description must say 'One row per …'"
        for model in models(manifest)
        if "One row per" not in model["description"].split(". ")[0]
    ]


def without_key(manifest: Manifest) -> list[str]:
    """Models without a key that is tested to be unique and never null."""
    tests: dict[str, set[str]] = {}
    for node in manifest["nodes"].values():
        metadata = node.get("test_metadata")
        if metadata and node["config"]["enabled"]:
            held = tests.setdefault(node["attached_node"], set())
            held.add(metadata["name"] if metadata["name"] == "is_key" else f"{metadata['name']} {node['column_name']}")
    return [
        f"{model['name']}: no key tested unique and not null"
        for model in models(manifest)
        if not _has_key(tests.get(model["unique_id"], set()))
    ]


def _has_key(tests: set[str]) -> bool:
    unique = {test.removeprefix("unique ") for test in tests if test.startswith("unique ")}
    return "is_key" in tests or any(f"not_null {column}" in tests for column in unique)


def wrong_reads(manifest: Manifest) -> list[str]:
    """Models that read a layer or a source that their own layer may not."""
    return [
        f"{model['name']}: {layer_of(model)} must not read {read}"
        for model in models(manifest)
        for read in model["depends_on"]["nodes"]
        if not _may_read(manifest, model, read)
    ]


def _may_read(manifest: Manifest, model: dict[str, Any], read: str) -> bool:
    layer = layer_of(model)
    if read.startswith("source."):
        source = manifest["sources"][read]
        hand_written = source["schema"] in HAND_WRITTEN or source["name"] == "batches"
        return layer == "staging" or (layer == "marts" and hand_written)
    return layer_of(manifest["nodes"][read]) in MAY_READ[layer]


def untested_features(manifest: Manifest) -> list[str]:
    """Feature and label models without a unit test."""
    tested = {unit["model"] for unit in manifest["unit_tests"].values()}
    return [
        f"{model['name']}: no unit test"
        for model in models(manifest)
        if layer_of(model) == "features" and model["name"] not in tested
    ]


def loose_marts(manifest: Manifest) -> list[str]:
    """Marts without an enforced contract, or with a column that nobody has described."""
    found = []
    for model in (model for model in models(manifest) if layer_of(model) == "marts"):
        if not model["config"]["contract"]["enforced"]:
            found.append(f"{model['name']}: its contract is not enforced")
        mute = [name for name, column in model["columns"].items() if not column["description"]]
        found += [f"{model['name']}.{name}: no description" for name in mute]
    return found


TEXT_RULES: list[Callable[[Path], list[str]]] = [wall_clocks, unnamed_steps]
MANIFEST_RULES: list[Callable[[Manifest], list[str]]] = [
    misnamed,
    without_grain,
    without_key,
    wrong_reads,
    untested_features,
    loose_marts,
]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return read_manifest(PROJECT, tmp_path_factory.mktemp("manifest"))


@pytest.mark.parametrize("rule", TEXT_RULES, ids=lambda rule: rule.__name__)
def test_the_sql_keeps_the_rule(rule: Callable[[Path], list[str]]) -> None:
    assert files(PROJECT / "dbt_project" / "models", ".sql") != []
    assert rule(PROJECT) == []


@pytest.mark.parametrize("rule", MANIFEST_RULES, ids=lambda rule: rule.__name__)
def test_the_manifest_keeps_the_rule(rule: Callable[[Manifest], list[str]], manifest: Manifest) -> None:
    assert {layer_of(model) for model in models(manifest)} == set(NAMES)
    assert rule(manifest) == []


@pytest.mark.parametrize(
    "clock",
    [
        "select current_date",
        "select NOW()",
        "select today ()",
        "select '{{ run_started_at }}'",
        "{{ dbt.current_timestamp() }}",
    ],
)
def test_a_wall_clock_is_found(tmp_path: Path, clock: str) -> None:
    assert len(wall_clocks(plant(tmp_path, {"dbt_project/models/a.sql": clock}))) == 1


def test_the_as_of_day_is_no_wall_clock(tmp_path: Path) -> None:
    text = "{# now() #}\n-- current_date\nselect {{ today() }}, known_now, current_dated, '{{ var('as_of') }}'"
    assert wall_clocks(plant(tmp_path, {"dbt_project/models/a.sql": text})) == []


def test_a_model_without_named_steps_is_found(tmp_path: Path) -> None:
    good = "with final as (select 1)\n\nselect *\nfrom final\n"
    plant(tmp_path, {"dbt_project/models/a.sql": "select 1\n", "dbt_project/models/b.sql": good})
    assert unnamed_steps(tmp_path) == ["dbt_project/models/a.sql: end with 'select * from final'"]
