"""What only a browser can tell: charts that are drawn, a form that moves, nothing that sticks out or asks elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser import needs_chromium

pytestmark = needs_chromium

CHARTS = {"/leads/L000": 1, "/models/LeadScoring": 4, "/models/LeadScoring/attributes/source": 1}
NARROW = ("/", "/search?q=lead", "/leads", "/leads/L000", "/models/LeadScoring", "/grades/LeadScoring?default=1")


@pytest.mark.fact("1a.score-over-time")
@pytest.mark.parametrize(("path", "charts"), CHARTS.items())
def test_charts_are_drawn(page: Page, path: str, charts: int) -> None:
    page.goto(path)
    page.wait_for_selector("html[data-drawn=yes]")
    assert page.locator("figure.chart").count() == charts
    assert page.locator("figure.chart:has(svg.main-svg .trace)").count() == charts


def test_a_name_that_is_a_script_does_nothing(page: Page) -> None:
    page.goto("/leads/L000")
    assert page.title().startswith("<script>")
    assert page.locator("h1").text_content() == "<script>document.title='taken'</script>"


@pytest.mark.parametrize("path", NARROW)
def test_nothing_sticks_out_at_400_pixels(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") == 400


def test_a_minimum_moves_the_maximum_below_it_and_a_mistake_is_told_before_it_is_sent(page: Page) -> None:
    page.goto("/grades/LeadScoring")
    page.fill("#min-A", "51")
    assert page.locator("#max-B").text_content() == "50"
    assert page.locator("#max-A").text_content() == "100"
    page.fill("#min-B", "51")
    assert "must begin above B (51)" in (page.locator("#mistake").text_content() or "")
    assert page.locator("#preview").is_disabled()
    page.fill("#min-B", "45")
    page.click("#preview")
    assert "grades: {A: 51, B: 45, C: 20}" in (page.locator("#yaml").text_content() or "")
    page.click("#default")
    assert page.locator("#yaml").text_content() == "grades: default"


def test_a_dark_page_is_dark_and_its_charts_with_it(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/leads/L000")
    page.wait_for_selector("html[data-drawn=yes]")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 28)"
    line = "getComputedStyle(document.querySelector('.plot path.js-line')).stroke"
    assert page.evaluate(line) == "rgb(125, 183, 255)"
