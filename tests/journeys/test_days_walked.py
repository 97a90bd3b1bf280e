"""The life of a model in Airflow's own pages: created, measured, rejected, retrained, approved, in use, taken back.

A person's way, in a browser; what became of it is read from what was published.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
import pytest
import yaml
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from cli.airflow_api import AirflowApi
from cli.airflow_process import Airflow, await_health, standalone
from cli.day import await_dags
from cli.run import POOL
from config.load import DEFAULTS
from config.workspace import Workspace
from tests.browser import needs_chromium
from tests.journeys.conftest import Undisturbed
from warehouse.connection import open_warehouse

pytestmark = [needs_chromium, pytest.mark.walk, pytest.mark.timeout(900)]

MODEL: Final = "Known_sources"
SOURCES: Final = ("Web", "Referral", "Trade show", "Partner", "Cold call", "Advertisement")
SECONDS: Final = 240
Scores = dict[str, tuple[int, str]]


@dataclass
class Person:
    """Somebody at Airflow's pages, and what can be read besides."""

    page: Page
    airflow: Airflow
    api: AirflowApi
    workspace: Workspace

    def go(self, path: str) -> None:
        self.page.goto(f"{self.airflow.address}{path}")

    def start(self, dag: str, *, words: dict[str, str] | None = None, chosen: dict[str, str] | None = None) -> str:
        """Fill in the form of a DAG and start it; returns the run's id. ``chosen`` are picked from lists."""
        self.go(f"/dags/{dag}")
        self.page.get_by_role("button", name="Trigger").first.click()
        form = self.page.get_by_role("dialog")
        for name, value in (words or {}).items():
            form.locator(f"#element_{name}").fill(value)
        for name, value in (chosen or {}).items():
            form.locator(f"#element_{name}").click()
            self.page.keyboard.type(value)
            self.page.keyboard.press("Enter")
        if dag == "train_models":
            form.locator("label[id='switch:element_retrain']").click()
        form.get_by_role("button", name="Trigger").click()
        self.page.wait_for_url(f"**/dags/{dag}/runs/*")
        return self.page.url.rpartition("/")[2]

    def decide(self, run: str, answer: str) -> str:
        """Open what a run requires of a person, read it, and answer; returns what was read."""
        question = f"Put the new version of {MODEL} to use?"

        def is_asked() -> bool:
            assert not [run for run in self.api.runs() if run.dag_id == "train_models" and run.state == "failed"]
            return self.sees(f"/dags/train_models/runs/{run}/tasks/{MODEL}.approve/required_actions", question)

        until(is_asked)
        told = self.page.locator("body").inner_text()
        self.page.get_by_role("button", name=answer).click()
        expect(self.page.get_by_role("button", name=answer)).to_be_disabled()
        return told

    def await_end(self, dag: str, since: datetime) -> None:
        """Until every run of a DAG since an instant, one at least, has ended well."""

        def has_ended() -> bool:
            runs = [run for run in self.api.runs(since) if run.dag_id == dag]
            assert not [run for run in runs if run.state == "failed"]
            return bool(runs) and all(run.state == "success" for run in runs)

        until(has_ended)

    def scores(self) -> Scores:
        """Score and version of every open lead, as published."""
        place = (self.workspace.data.published / "current").resolve() / "sales_insights.duckdb"
        with duckdb.connect(str(place), read_only=True) as published:
            rows = published.execute("select lead_id, score, model_id from lead_scores").fetchall()
        return {lead: (score, version) for lead, score, version in rows}

    def is_offered(self, dag: str, name: str, value: str) -> bool:
        """Whether the form of a DAG offers a value in a list."""
        self.go(f"/dags/{dag}")
        self.page.get_by_role("button", name="Trigger").first.click()
        self.page.locator(f"#element_{name}").click()
        self.page.keyboard.type(value)
        try:
            self.page.get_by_role("option", name=value).wait_for(timeout=4000)
        except PlaywrightTimeout:
            return False
        return True

    def sees(self, path: str, words: str) -> bool:
        """Whether a page has the words, some moments after it was opened."""
        self.go(path)
        try:
            self.page.get_by_text(words).first.wait_for(timeout=4000)
        except PlaywrightTimeout:
            return False
        return True


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(1)


@pytest.fixture
def person(
    undisturbed: Undisturbed, tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Person]:
    """A person signed in to Airflow, over the days that have run; new versions of leads are approved by a person."""
    settings = yaml.safe_load((DEFAULTS / "scores" / "lead.yml").read_text(encoding="utf-8")) | {"approval": "manual"}
    (tmp_path / "scores").mkdir()
    (tmp_path / "scores" / "lead.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    named = undisturbed.days.environment("undisturbed") | {"SALES_INSIGHTS_CONFIG": str(tmp_path)}
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    workspace = Workspace.open()
    with standalone(workspace) as airflow, browser.new_context() as context:
        api = AirflowApi(airflow)
        await_health(airflow, api.is_healthy)
        api.sign_in()
        api.make_pool(POOL, 1, "One process at a time may open the warehouse.")
        await_dags(api)
        page = context.new_page()
        page.goto(f"{airflow.address}/auth/login")
        page.fill("input[name=username]", airflow.user)
        page.fill("input[name=password]", airflow.password)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{airflow.address}/")
        yield Person(page, airflow, api, workspace)


def test_a_model_is_created_rejected_retrained_approved_used_and_taken_back(person: Person) -> None:
    begun, before = datetime.now(UTC), person.scores()

    person.start("create_model", words={"name": MODEL, "column": "source", "values": ", ".join(SOURCES)})
    person.await_end("create_model", begun)
    until(lambda: person.is_offered("train_models", "model", MODEL))

    told = person.decide(person.start("train_models", chosen={"model": MODEL}), "Reject")
    for words in ("AUC", "95 % interval", "A random split shows", "Left out as leaks: bw_closing_remark_code"):
        assert words in told
    person.await_end("train_models", begun)
    assert person.scores() == before

    first = approve(person)
    assert versions(first) == versions(before) | {in_use(person)}
    assert [lead for lead, (score, _) in first.items() if score != before[lead][0]] != []

    leave_out(person.workspace, "estimated_amount")
    second = approve(person)
    assert in_use(person) not in versions(first)
    assert [lead for lead, (score, _) in second.items() if score != first[lead][0]] != []

    since = datetime.now(UTC)
    person.start("manage_models", chosen={"action": "revert", "model": MODEL})
    person.await_end("score_daily", since)
    assert person.scores() == first


def approve(person: Person) -> Scores:
    """Train, approve, and wait for the scores."""
    since = datetime.now(UTC)
    person.decide(person.start("train_models", chosen={"model": MODEL}), "Approve")
    person.await_end("score_daily", since)
    return person.scores()


def versions(scores: Scores) -> set[str]:
    return {version for _, version in scores.values()}


def in_use(person: Person) -> str:
    """The version of the new model that is in use."""
    with open_warehouse(person.workspace) as connection:
        rows = connection.execute(
            "select model_id from scores.models where model_name = ? and status = 'champion'", [MODEL]
        ).fetchall()
    return str(rows[0][0])


def leave_out(workspace: Workspace, attribute: str) -> None:
    """Let the new model do without an attribute, as an administrator would write it."""
    assert workspace.config_folder is not None
    path = workspace.config_folder / "scores" / "lead.yml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    reason = "To see what becomes of the scores."
    settings["models"][0]["attributes"] = {"exclude": [{"name": attribute, "reason": reason}]}
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
