"""The page of a record: facts 1a and 2 of the product that it replaces."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape

import httpx
import pytest

from tests.dashboards.company import DAY


def plain(text: str) -> str:
    """A page without its tags, blanks as one."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text))).replace("−", "-")


def test_score_grade_probability_trend_and_percentile(pages: httpx.Client) -> None:
    told = plain(pages.get("/leads/L000").text)
    assert "60.0 % likely to be qualified within 60 days." in told
    assert "More likely to be qualified than 60 % of open leads." in told
    assert "Improving" in told
    assert "Why it moved. Up 10 since 2026-06-29" in told


@pytest.mark.fact("1a.reasons-five")
def test_five_reasons_of_either_direction_stand_first(pages: httpx.Client) -> None:
    text = pages.get("/leads/L000").text
    raised, lowered = (
        re.search(rf'<ol class="reasons {tone}">.*?</ol>', text, re.DOTALL) for tone in ("positive", "negative")
    )
    assert raised
    assert lowered
    assert re.findall(r"Reason (\d+)", raised[0]) == ["0", "1", "2", "3", "4"]
    assert re.findall(r"Reason (\d+)", lowered[0]) == ["6", "7", "8", "9", "10"]
    assert "64 % of such leads are qualified within 60 days, 38 % overall" in raised[0]


def test_all_reasons_add_up_to_the_score_exactly(pages: httpx.Client) -> None:
    text = pages.get("/leads/L000").text
    table = re.search(r'<table class="sum">(.*?)</table>', text, re.DOTALL)
    assert table
    points = re.findall(r'<td class="n (?:positive|negative)">([+−][\d.]+)</td>', table[1])
    start = re.search(r'starts</th><td></td><td class="n">([\d.]+)', table[1])
    total = re.search(r'id="total">([\d.]+)', table[1])
    assert start
    assert total
    assert len(points) == 12
    summed = Decimal(start[1]) + sum(Decimal(each.replace("−", "-")) for each in points)
    assert summed == Decimal(total[1]) == 60


def test_a_person_stands_beside_the_model(pages: httpx.Client) -> None:
    told = plain(pages.get("/leads/L001").text)
    assert "Ann <b>Field</b> , 2026-06-30 09:00 UTC: She called." in told
    assert "until it is withdrawn" in told
    assert "has not been explained yet" in told


def test_a_record_that_is_not_open_any_more_says_so_and_keeps_its_history(pages: httpx.Client) -> None:
    told = plain(pages.get("/leads/gone").text)
    assert "is not among the open leads of 2026-06-30" in told
    assert "its last one was 50 on 2026-06-28" in told


def test_a_base_rate_is_labelled_as_none_of_a_model(pages: httpx.Client) -> None:
    told = plain(pages.get("/opportunities/O1").text)
    assert "41.0 % likely to be won in the end." in told
    assert "no model's score" in told
    assert "A base rate has no reasons" in told
    assert "0 % of open opportunities" in told


@pytest.mark.fact("1a.about")
def test_the_about_part_says_what_how_when_and_what_impacts_it(pages: httpx.Client) -> None:
    told = plain(pages.get("/leads/L000").text)
    about = told.partition("About this score")[2]
    for words in (
        f"within 60 days of {DAY}", "60 to 100", "0 to 19", "at 2026-06-30 23:00 UTC",
        "Source (very high), Owner (low)", "900 closed leads",
    ):  # fmt: skip
        assert words in about
