"""Every query on the page about published data can be run on the published tables."""

from __future__ import annotations

import re

import duckdb
import pytest
import yaml

from config.workspace import PROJECT

PAGE = (PROJECT / "docs" / "published.md").read_text(encoding="utf-8")
MARTS = sorted((PROJECT / "dbt_project" / "models" / "marts").glob("*.yml"))


def _queries(pattern: str) -> list[str]:
    blocks = re.findall(rf"```{pattern}\n(.*?)```", PAGE, re.DOTALL)
    return [query.strip() for block in blocks for query in block.split(";") if query.strip()]


@pytest.fixture
def published() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for path in MARTS:
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            columns = ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
            connection.execute(f"create table {model['name']} ({columns})")
    return connection


@pytest.mark.parametrize("query", _queries("sql"), ids=lambda query: query.splitlines()[0])
def test_a_query_runs(published: duckdb.DuckDBPyConnection, query: str) -> None:
    published.execute(query)
