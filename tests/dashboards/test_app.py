"""What every page has in common: what it answers when something is wrong, and what it never shows."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from config.workspace import DataFolder, Workspace
from tests.dashboards.company import DAY, LATER, ODD_KEY, SCRIPT
from tests.dashboards.conftest import served
from warehouse.connection import open_warehouse
from warehouse.publish import publish

PAGES = (
    "/", "/search?q=lead", "/leads", "/leads/L000", "/leads/L001", "/leads/gone", "/opportunities", "/opportunities/O1",
    "/models/LeadScoring", "/models/LeadScoring?version=m1", "/models/LeadScoring/attributes/source",
    "/models/LeadScoring/attributes/closing_code", "/models/OpportunityScoring", "/grades/LeadScoring",
    "/grades/LeadScoring?default=1", "/grades/OpportunityScoring",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_names_its_day(pages: httpx.Client, path: str) -> None:
    answer = pages.get(path)
    assert answer.status_code == 200
    assert answer.text.count("<h1>") == 1
    assert f"as of <strong>{DAY}</strong>" in answer.text
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    tables = re.findall(r"<th(?![^>]*scope=)[ >]", answer.text)
    assert tables == []


@pytest.mark.parametrize(
    "path", ["/", "/search?q=" + SCRIPT, "/leads", "/leads/L000", "/leads/" + SCRIPT, "/models/<b>"]
)
def test_what_people_wrote_is_text_and_nothing_else(pages: httpx.Client, path: str) -> None:
    text = pages.get(path).text
    assert "<script>document" not in text
    assert "<b>" not in text


def test_a_figure_cannot_end_its_script(pages: httpx.Client) -> None:
    text = pages.get("/models/LeadScoring/attributes/source").text
    assert "<Show>" not in text
    assert "\\u003cShow\\u003e" in text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/leads/nobody", 404, "none of its scores is kept"),
        ("/models/nothing", 404, "There is no model nothing"),
        ("/models/LeadScoring?version=m9", 404, "no version m9"),
        ("/models/LeadScoring/attributes/x", 404, "no attribute x"),
        ("/grades/nothing", 404, "The first page lists all models"),
        ("/nowhere", 404, "The first page links to all there is"),
        ("/leads?sort=secret", 400, "Sort by one of: full_name, score"),
        ("/leads?page=zero", 400, "page: "),
        ("/leads?page=0", 400, "page: "),
        ("/leads?grade=E", 400, "grade: "),
        ("/docs", 404, "no such page"),
    ],
)
def test_what_is_not_there_is_told_with_what_to_do(pages: httpx.Client, path: str, status: int, words: str) -> None:
    answer = pages.get(path)
    assert answer.status_code == status
    assert words in answer.text
    assert "Traceback" not in answer.text
    assert 'href="/"' in answer.text


def test_health_names_the_run(pages: httpx.Client) -> None:
    told = pages.get("/health").json()
    assert (told["status"], told["as_of_date"]) == ("ok", str(DAY))


def test_plotly_comes_from_this_machine_and_is_kept_for_a_day(pages: httpx.Client) -> None:
    answer = pages.get("/static/plotly.min.js")
    assert len(answer.content) > 1_000_000
    assert answer.headers["cache-control"] == "public, max-age=86400"


def test_nothing_published_says_what_to_run(tmp_path: Path) -> None:
    with served(tmp_path / "published") as address, httpx.Client(base_url=address, trust_env=False) as client:
        answer = client.get("/leads")
        assert (answer.status_code, client.get("/health").json()["run_id"]) == (503, None)
    assert "Nothing is published yet" in answer.text
    assert "make run" in answer.text


def test_a_new_run_shows_without_a_restart_and_one_of_another_version_is_told(
    company: Workspace, tmp_path: Path
) -> None:
    shutil.copytree(company.data.root, tmp_path / "data", symlinks=True)
    workspace = replace(company, data=DataFolder(tmp_path / "data"))
    with served(workspace.data.published) as address, httpx.Client(base_url=address, trust_env=False) as client:
        assert f"as of <strong>{DAY}</strong>" in client.get("/").text
        _forget_a_column(workspace)
        publish(workspace, as_of=LATER)
        assert f"as of <strong>{LATER}</strong>" in client.get("/leads").text
        answer = client.get("/models/LeadScoring")
    assert answer.status_code == 503
    assert "another version of the product made it" in answer.text
    assert "Traceback" not in answer.text


def _forget_a_column(workspace: Workspace) -> None:
    """The marts of the next day, one of which lacks what a page asks for."""
    with open_warehouse(workspace) as connection:
        connection.execute("alter table marts.model_realised drop column month")
        connection.execute("update ops.build_results set as_of_date = ?", [LATER])
        connection.execute("insert into ops.days values (?, now()::timestamp)", [LATER])


def test_a_key_with_signs_of_addresses_is_found(pages: httpx.Client) -> None:
    (link,) = re.findall(r'href="(/leads/a[^"]*)"', pages.get("/leads?sort=full_name&page=3").text)
    assert pages.get(link).status_code == 200
    assert ODD_KEY.replace("&", "&amp;") in pages.get(link).text
