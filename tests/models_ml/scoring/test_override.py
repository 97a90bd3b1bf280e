"""A person's score lies beside the model's: with a name and a reason, and never in its place."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from config.errors import ConfigError, RequestRefused
from config.workspace import Workspace
from models_ml.scoring.override import Override, override, withdraw
from tests.models_ml.scoring.company import DAY, make_leads, rows_of, write_leads
from warehouse.connection import open_warehouse

ACTS = "select record_id, as_of_date, act, score, grade, who, why, until_date from scores.overrides order by act_number"


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Leads without a model."""
    made = Workspace.open({"SALES_INSIGHTS_DATA": str(tmp_path_factory.mktemp("leads"))})
    write_leads(made, make_leads(100, span_days=200))
    return made


@pytest.fixture
def company(leads: Workspace) -> Workspace:
    """The same, with no override yet."""
    with open_warehouse(leads) as connection:
        connection.execute("delete from scores.overrides")
        connection.execute("delete from scores.predictions")
    return leads


def record(workspace: Workspace, condition: str) -> str:
    found = rows_of(workspace, f"select max(record_id) from features.feat_lead where {condition}")
    return str(found[0][0])


@pytest.fixture
def waiting(company: Workspace) -> str:
    return record(company, "is_current")


@pytest.mark.fact("1a.feedback")
def test_a_score_is_noted_with_who_and_why_and_the_models_score_stays(company: Workspace, waiting: str) -> None:
    with open_warehouse(company) as connection:
        connection.execute(
            "insert into scores.predictions (score_name, record_id, as_of_date, score) values ('lead', ?, ?, 31)",
            [waiting, DAY],
        )
    until = DAY + timedelta(days=5)
    report = override(company, "lead", waiting, Override(" Ann Field ", "She called.", score=80, until=until))
    assert report.lines()[0] == (
        f"lead {waiting}: score 80 by Ann Field from 2026-06-30 on until 2026-07-05. The model's score stays 31."
    )
    assert rows_of(company, ACTS) == [(waiting, DAY, "set", 80, None, "Ann Field", "She called.", until)]
    assert rows_of(company, "select record_id, score from scores.predictions") == [(waiting, 31)]


def test_acts_are_added_and_none_is_changed(company: Workspace, waiting: str) -> None:
    override(company, "lead", waiting, Override("Ann", "She called.", score=0))
    override(company, "lead", waiting, Override("Tom", "He visited.", grade="A"))
    withdraw(company, "lead", waiting, who="Ann", why="Put off.")
    assert [row[2:7] for row in rows_of(company, ACTS)] == [
        ("set", 0, None, "Ann", "She called."),
        ("set", None, "A", "Tom", "He visited."),
        ("withdrawn", None, None, "Ann", "Put off."),
    ]
    with pytest.raises(RequestRefused, match="No override"):
        withdraw(company, "lead", waiting, who="Ann", why="Again.")
    assert rows_of(company, "select list(act_number order by act_number) from scores.overrides") == [([1, 2, 3],)]


def test_what_has_ended_cannot_be_withdrawn(company: Workspace, waiting: str) -> None:
    override(company, "lead", waiting, Override("Ann", "For today.", score=50, until=DAY))
    withdraw(company, "lead", waiting, who="Ann", why="Not even today.")
    override(company, "lead", waiting, Override("Ann", "For today.", score=50, until=DAY))
    with pytest.raises(RequestRefused, match="is in force on 2026-07-01"):
        withdraw(company, "lead", waiting, who="Ann", why="Over.", as_of=DAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (Override("", "why", score=1), "--by is empty"),
        (Override("Ann", "  ", score=1), "--why is empty"),
        (Override("Ann", "why"), "A score or a grade is needed"),
        (Override("Ann", "why", score=50, grade="B"), "and not both"),
        (Override("Ann", "why", score=101), "between 0 and 100, and this is 101"),
        (Override("Ann", "why", score=-1), "between 0 and 100, and this is -1"),
        (Override("Ann", "why", grade="a"), "no grade 'a'. Give one of A, B, C, D"),
        (
            Override("Ann", "why", score=5, until=date(2026, 6, 29)),
            "would end on 2026-06-29, and the day is 2026-06-30",
        ),
    ],
)
def test_what_is_incomplete_or_out_of_range_is_refused(
    company: Workspace, waiting: str, said: Override, message: str
) -> None:
    with pytest.raises(RequestRefused, match=message):
        override(company, "lead", waiting, said)
    assert rows_of(company, ACTS) == []


def test_a_record_that_is_unknown_or_closed_is_refused(company: Workspace) -> None:
    said = Override("Ann", "why", score=50)
    with pytest.raises(RequestRefused, match=r"There is no lead L999 on 2026-06-30\. Take the key from"):
        override(company, "lead", "L999", said)
    closed = record(company, "record_id not in (select record_id from features.feat_lead where is_current)")
    with pytest.raises(RequestRefused, match=f"lead {closed} is not open on 2026-06-30"):
        override(company, "lead", closed, said)
    with pytest.raises(ConfigError, match="no score 'leed'"):
        override(company, "leed", closed, said)
    assert rows_of(company, ACTS) == []
