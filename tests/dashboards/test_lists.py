"""The lists and the search."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from dashboards.app import _templates
from tests.dashboards.company import ODD_KEY


def headings(text: str) -> list[str]:
    return [
        re.sub(r"<[^>]+>|[↑↓]", "", cell).strip() for cell in re.findall(r'<th scope="col".*?</th>', text, re.DOTALL)
    ]


def keys(text: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/leads/([^"]+)"', text)


def test_the_columns_are_those_of_the_view(pages: httpx.Client) -> None:
    """Facts 1a: name, topic, owner, status reason, created on, and score, grade and trend."""
    told = headings(pages.get("/leads").text)
    assert told == ["Name", "Score", "Grade", "Score trend", "Topic", "Owner", "Status reason", "Created on"]
    told = headings(pages.get("/opportunities").text)
    assert told == ["Name", "Score", "Grade", "Score trend", "Account", "Owner", "Status reason", "Created on"]


def test_the_best_come_first_and_the_order_turns(pages: httpx.Client) -> None:
    assert keys(pages.get("/leads").text)[0] == "L001"
    assert keys(pages.get("/leads?order=asc").text)[0] == "L119"
    assert keys(pages.get("/leads?sort=trend").text)[0] == "L000"


def test_every_record_is_on_one_page(pages: httpx.Client) -> None:
    shown = [key for page in (1, 2, 3) for key in keys(pages.get(f"/leads?page={page}").text)]
    assert len(shown) == len(set(shown)) == 120
    assert "page 3 of 3" in pages.get("/leads?page=99").text


def test_grade_and_owner_filter_together_and_are_kept_in_the_links(pages: httpx.Client) -> None:
    text = pages.get("/leads?grade=A&owner=u1").text
    assert "20 open leads" in text
    assert len(keys(text)) == 20
    assert "sort=full_name&amp;order=asc&amp;grade=A&amp;owner=u1" in text
    assert "0 open leads" in pages.get("/leads?owner=nobody' or 1=1 --").text


def test_search_finds_by_name_company_and_key(pages: httpx.Client) -> None:
    assert keys(pages.get("/search?q=lead 005").text) == ["L005"]
    assert keys(pages.get("/search", params={"q": ODD_KEY}).text) == ["a%2Fb%3Fc%3D1%26d%20%23e"]
    assert len(keys(pages.get("/search?q=ACME").text)) == 50
    assert "is not open any more" in pages.get("/search?q=gone").text
    assert "No open lead has “%”" in pages.get("/search", params={"q": "%"}).text


@pytest.mark.fact("1a.trend-arrows")
def test_a_trend_has_its_arrow() -> None:
    macros: Any = _templates().get_template("macros.html").module
    told = {name: re.sub(r"<[^>]+>|\s", "", macros.trend(name)) for name in ("Improving", "Declining", "Steady")}
    assert told == {"Improving": "▲Improving", "Declining": "▼Declining", "Steady": "▶Steady"}
