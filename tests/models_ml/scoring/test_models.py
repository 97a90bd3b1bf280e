"""Several models of one score: who scores which record, from which target, and the list of all."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from config.errors import ConfigError, ContractBroken
from config.workspace import Workspace
from models_ml.scoring.apply import apply
from models_ml.scoring.models import models
from models_ml.scoring.promote import promote
from models_ml.scoring.train import train
from models_ml.scoring.validate import validate
from tests.conftest import MakeWorkspace
from tests.models_ml.scoring.company import give_store, make_leads, rows_of, write_leads
from warehouse.connection import open_warehouse

YML = """
horizon_days: 60
snapshot_ages_days: [0, 7]
grades: {A: 60, B: 40, C: 20}
models:
  - name: Colourful
    filter: {column: colour, values: [RED, blue]}
  - name: Web
    filter: {column: source, values: [web]}
"""


@pytest.fixture
def company(make_workspace: MakeWorkspace, store: Path) -> Workspace:
    workspace = give_store(make_workspace({"scores/lead.yml": YML}), store)
    write_leads(workspace, make_leads(1500, strength=2.5), model_names=("Colourful", "Web"))
    return workspace


def put_to_use(company: Workspace, name: str) -> None:
    train(company, "lead", name)
    validate(company, "lead", name)
    promote(company, "lead", name)


def scored_by(company: Workspace) -> dict[str, set[tuple[str | None, str]]]:
    rows = rows_of(
        company,
        "select p.model_name, f.custom.Colour, f.source from scores.predictions p "
        "join features.feat_lead f on f.record_id = p.record_id and f.is_current",
    )
    found: dict[str, set[tuple[str | None, str]]] = {}
    for name, colour, source in rows:
        found.setdefault(name, set()).add((colour, source))
    return found


@pytest.mark.fact("1a.realtime-one-model", "1c.filter-combined", "1c.overlap-question")
def test_each_record_is_scored_by_the_first_model_in_use_that_takes_it(company: Workspace) -> None:
    put_to_use(company, "Web")
    report = apply(company, "lead")
    assert {source for _, source in scored_by(company)["Web"]} == {"web"}
    assert {colour for colour, _ in scored_by(company)["Web"]} >= {None, "red"}  # the first model is not in use yet

    put_to_use(company, "Colourful")
    report = apply(company, "lead")
    found = scored_by(company)
    assert {colour for colour, _ in found["Colourful"]} == {"red", "blue"}
    assert found["Web"] == {(None, "web")}
    untaken = report.runs[-1]
    assert untaken.model_name is None
    assert untaken.records_scored == 0
    assert "pass the filter of no model" in untaken.because
    waiting = rows_of(company, "select count(*) from features.feat_lead where is_current")[0][0]
    assert sum(run.open_records for run in report.runs) == waiting
    assert report.records_scored == waiting - untaken.open_records


@pytest.mark.fact("1c.filter", "1c.value-rate")
def test_a_model_learns_from_its_own_records_alone(company: Workspace) -> None:
    trained = train(company, "lead", "Web").training_records
    of_web = rows_of(
        company,
        "select count(distinct record_id) from features.feat_lead "
        "join features.label_lead using (record_id, as_of_date) "
        "where source = 'web' and model_name = 'Web' and label is not null",
    )
    assert [(trained,)] == of_web


@pytest.mark.fact("1c.attributes-used")
def test_all_models_are_listed_with_their_state(company: Workspace) -> None:
    put_to_use(company, "Web")
    found = models(company)
    colourful, web = [one for one in found.models if one.score_name == "lead"]
    assert (colourful.status, colourful.newest, colourful.records) == ("not trained", None, "colour: RED, blue")
    assert web.status == "champion"
    assert web.in_use == web.newest
    assert 0 < web.attributes_used <= web.attributes
    assert "Colourful and Web may both score the same records" in found.warnings[0]


def test_a_model_has_to_be_named_where_there_are_several(company: Workspace) -> None:
    with pytest.raises(ConfigError, match=r"has several models\. Name one of: Colourful, Web"):
        train(company, "lead")
    with pytest.raises(ConfigError, match=r"no model 'Fair'\. Name one of: Colourful, Web"):
        train(company, "lead", "Fair")


@pytest.mark.parametrize(
    ("filter_", "told"),
    [
        ("{column: sourze, values: [web]}", r"there is no column 'sourze'; did you mean 'source'"),
        ("{column: size, values: [big]}", r"'big' is no number"),
        ("{column: source, values: [webb]}", r"matches none of the \d+ records.*It holds: fair, referral, web"),
    ],
)
def test_a_filter_that_cannot_work_is_told(make_workspace: MakeWorkspace, store: Path, filter_: str, told: str) -> None:
    text = YML.replace("{column: source, values: [web]}", filter_)
    workspace = give_store(make_workspace({"scores/lead.yml": text}), store)
    write_leads(workspace, make_leads(60), model_names=("Colourful", "Web"))
    with pytest.raises(ConfigError, match=told):
        train(workspace, "lead", "Web")


def test_a_model_that_is_newer_than_the_features_is_told(company: Workspace) -> None:
    with open_warehouse(company) as connection:
        connection.execute("delete from features.label_lead where model_name = 'Web'")
    with pytest.raises(ContractBroken, match=r"no labels for the model Web yet.*sales-insights build features"):
        train(company, "lead", "Web")


@pytest.mark.fact("1b.below")
def test_too_few_records_give_the_smoothed_base_rate_and_say_so(make_workspace: MakeWorkspace, store: Path) -> None:
    text = "horizon_days: 60\nsnapshot_ages_days: [0, 7]\ngrades: {A: 60, B: 40, C: 20}\n"
    workspace = give_store(make_workspace({"scores/lead.yml": text}), store)
    leads = make_leads(70)
    write_leads(workspace, leads)
    with pytest.raises(Exception, match="are needed"):
        train(workspace, "lead")
    report = apply(workspace, "lead")
    assert report.records_scored == report.open_records > 0
    assert report.runs[0].method == "base rate"
    assert "Too few records are decided to learn from" in report.runs[0].because
    decided = pd.DataFrame(
        rows_of(
            workspace,
            "select any_value(source), max(label) from features.feat_lead join features.label_lead "
            "using (record_id, as_of_date) where label is not null group by record_id",
        ),
        columns=["source", "label"],
    )
    overall = (decided["label"].sum() + 1) / (len(decided) + 2)
    for source, probability, method, model_id in rows_of(
        workspace,
        "select distinct source, probability, method, model_id from scores.predictions "
        "join features.feat_lead f using (record_id) where f.is_current",
    ):
        of_source = decided["label"][decided["source"] == source]
        expected = (of_source.sum() + 20 * overall) / (len(of_source) + 20)
        assert probability == pytest.approx(expected, abs=1e-6)
        assert (method, model_id) == ("base rate", None)
