"""The rules of the SQL find what they look for: a small bad dbt project, parsed by dbt."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house import test_sql as rules
from tests.house.manifest import read_manifest
from tests.house.tree import plant

PROJECT_YML = """
name: sales_insights
version: "1.0"
config-version: 2
profile: sales_insights
"""
SCHEMA = """
version: 2
sources:
  - name: raw
    tables: [{name: files__leads}, {name: batches}]
models:
  - name: stg_files__leads
    description: One row per lead.
    columns: [{name: lead_id, data_tests: [unique, not_null]}]
  - name: hist_leads
    description: Versions of leads. One row per version.
    columns: [{name: lead_id, data_tests: [unique]}]
  - name: int_leads_joined
    description: One row per lead.
    columns: [{name: lead_id, data_tests: [not_null]}]
  - name: feat_lead
    description: One row per lead and day.
  - name: lead_scores
    description: One row per lead.
    config: {contract: {enforced: false}}
    columns: [{name: lead_id, data_type: varchar}]
"""
RAW = "select lead_id from {{ source('raw', 'files__leads') }}"
TREE = {
    "dbt_project/dbt_project.yml": PROJECT_YML,
    "dbt_project/models/schema.yml": SCHEMA,
    "dbt_project/models/staging/stg_files__leads.sql": RAW,
    "dbt_project/models/history/hist_leads.sql": RAW,
    "dbt_project/models/intermediate/int_leads_joined.sql": "select * from {{ ref('stg_files__leads') }}",
    "dbt_project/models/features/feat_lead.sql": "select * from {{ ref('lead_scores') }}",
    "dbt_project/models/marts/lead_scores.sql": "select * from {{ ref('int_leads_joined') }}",
    "dbt_project/models/marts/hist_things.sql": "select * from {{ source('raw', 'batches') }}",
}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return read_manifest(plant(tmp_path_factory.mktemp("bad"), TREE), tmp_path_factory.mktemp("manifest"))


def names(lines: list[str]) -> set[str]:
    return {line.partition(":")[0] for line in lines}


def test_a_name_of_another_layer(bad: dict[str, Any]) -> None:
    assert names(rules.misnamed(bad)) == {"hist_things"}


def test_a_description_without_its_grain_first(bad: dict[str, Any]) -> None:
    assert names(rules.without_grain(bad)) == {"hist_leads", "hist_things"}


def test_a_key_that_is_half_tested_or_not_at_all(bad: dict[str, Any]) -> None:
    half = {"hist_leads", "int_leads_joined"}
    assert names(rules.without_key(bad)) == half | {"feat_lead", "lead_scores", "hist_things"}


def test_reads_across_the_layers(bad: dict[str, Any]) -> None:
    assert rules.wrong_reads(bad) == [
        "hist_leads: history must not read source.sales_insights.raw.files__leads",
        "int_leads_joined: intermediate must not read model.sales_insights.stg_files__leads",
        "feat_lead: features must not read model.sales_insights.lead_scores",
    ]


def test_features_without_a_unit_test(bad: dict[str, Any]) -> None:
    assert names(rules.untested_features(bad)) == {"feat_lead"}


def test_marts_without_a_contract_or_a_description(bad: dict[str, Any]) -> None:
    assert names(rules.loose_marts(bad)) == {"lead_scores", "lead_scores.lead_id", "hist_things"}
