"""Every mart has its example query in docs/queries.md, and every query runs."""

from __future__ import annotations

import re

import pytest

from tests.conftest import PROJECT
from tests.dbt_project.conftest import Organisation
from tests.dbt_project.raw import table

_SECTION = re.compile(r"^## (\w+)\n.*?```sql\n(.*?)```", re.DOTALL | re.MULTILINE)
QUERIES = dict(_SECTION.findall((PROJECT / "docs" / "queries.md").read_text(encoding="utf-8")))
MARTS = sorted(path.stem for path in (PROJECT / "dbt_project" / "models" / "marts").glob("*.sql"))


def test_every_mart_has_its_query() -> None:
    assert sorted(QUERIES) == MARTS


@pytest.mark.parametrize("mart", MARTS)
def test_the_query_runs_and_reads_its_mart(organisation: Organisation, mart: str) -> None:
    query = QUERIES[mart]
    assert re.search(rf"\bfrom {mart}\b", query)
    table(organisation.workspace, re.sub(rf"\bfrom {mart}\b", f"from marts.{mart}", query))


def test_a_query_says_something_where_there_is_something_to_say(organisation: Organisation) -> None:
    query = QUERIES["lead_scores"].replace("from lead_scores", "from marts.lead_scores")
    (row,) = table(organisation.workspace, query)
    assert (row["owner_name"], row["grade"]) == ("Tom", "A")
