"""Real exports, each with its mapping from ``docs/examples`` alone: from the file to the verdict, forward in time.

Two examples share a workspace, one for leads and one for opportunities, as building the layers takes longest.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from config.errors import GateNotPassed
from config.schema.learning import Attributes
from config.workspace import PROJECT, Workspace
from extract.fetch import fetch
from extract.load import load
from models_ml.scoring.dataset import Dataset, read_dataset
from models_ml.scoring.duplicates import groups
from models_ml.scoring.leakage import Decision, judge
from models_ml.scoring.ledger import model_of
from models_ml.scoring.split import split
from models_ml.scoring.train import train
from models_ml.scoring.validate import validate
from models_ml.scoring.verdict import NOT_READY, READY
from tests.conftest import write_files
from tests.layers import build_tables
from warehouse.connection import open_warehouse
from warehouse.day import day_loaded

DATA = PROJECT.parent / "shared" / "data"
EXAMPLES = PROJECT / "docs" / "examples"
FOLDERS = {"salvirt": "salvirt_b2b", "bank": "bank_marketing", "x_education": "x_education_leads", "maven": "maven_crm"}
ABSENT = [folder for folder in FOLDERS.values() if not (DATA / folder).is_dir()]

pytestmark = pytest.mark.skipif(bool(ABSENT), reason=f"not on this machine: ../shared/data/{', '.join(ABSENT)}")


def read(example: str, file: str) -> Any:
    return yaml.safe_load((EXAMPLES / example / file).read_text(encoding="utf-8"))


def features(folder: Path, leads: str, opportunities: str) -> Workspace:
    """Both examples in one workspace, built up to the features; files are linked, not copied."""
    tables = [table for example in (leads, opportunities) for table in read(example, "sources/files.yml")["tables"]]
    config = {
        "organisation.yml": (EXAMPLES / opportunities / "organisation.yml").read_bytes(),
        "sources/files.yml": yaml.safe_dump({"tables": tables}).encode(),
        "scores/lead.yml": (EXAMPLES / leads / "scores/lead.yml").read_bytes(),
        "scores/opportunity.yml": (EXAMPLES / opportunities / "scores/opportunity.yml").read_bytes(),
    }
    write_files(folder / "config", config)
    (folder / "input").mkdir()
    for path in (path for example in (leads, opportunities) for path in (DATA / FOLDERS[example]).glob("*.csv")):
        (folder / "input" / path.name).symlink_to(path)
    workspace = Workspace.open(
        {f"SALES_INSIGHTS_{name.upper()}": str(folder / name) for name in ("config", "input", "data")}
    )
    fetch(workspace, "files")
    load(workspace)
    build_tables(workspace, "staging", "history", "intermediate", "features")
    return workspace


@pytest.fixture(scope="module")
def undated(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return features(tmp_path_factory.mktemp("undated"), "bank", "salvirt")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return features(tmp_path_factory.mktemp("known"), "x_education", "maven")


def dataset_of(workspace: Workspace, score_name: str) -> Dataset:
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, None)
        return read_dataset(connection, score_name, model_of(workspace, score_name, None), day)


def unaided(dataset: Dataset) -> dict[str, Decision]:
    """What the gate decides where nobody has named a leak."""
    return {each.attribute: each for each in judge(dataset, split(dataset, 0.2, "all"), Attributes())}


@pytest.mark.timeout(600)
def test_salvirt_ranks_forward_with_duplicates_kept_together(undated: Workspace) -> None:
    report = train(undated, "opportunity")
    row = validate(undated, "opportunity").row
    assert row.auc is not None
    assert row.auc >= 0.72
    dataset = dataset_of(undated, "opportunity")
    parts, group = split(dataset, 0.2, "all"), groups(dataset.rows, dataset.attributes)
    assert not set(group[parts.older]) & set(group[parts.newer])
    assert len(group) - len(set(group)) >= 60
    custom = {each.name for each in dataset.attributes if each.key}
    assert {each.attribute for each in report.decisions if each.is_used and not each.suspected} >= custom


@pytest.mark.timeout(600)
def test_bank_is_not_ready_and_the_length_of_the_call_is_a_leak(undated: Workspace) -> None:
    train(undated, "lead")
    with pytest.raises(GateNotPassed, match="hardly better than chance"):
        validate(undated, "lead")
    decisions = unaided(dataset_of(undated, "lead"))
    assert [name for name, each in decisions.items() if each.suspected and not each.is_used] == ["duration"]


@pytest.mark.timeout(600)
def test_x_education_ranks_forward_and_no_leak_goes_unsaid(known: Workspace) -> None:
    train(known, "lead")
    row = validate(known, "lead").row
    assert row.verdict == READY
    assert row.auc is not None
    assert row.auc >= 0.86
    named = {leak["name"] for leak in read("x_education", "scores/lead.yml")["attributes"]["exclude"]}
    suspected = {name for name, each in unaided(dataset_of(known, "lead")).items() if each.suspected}
    assert suspected == named


@pytest.mark.timeout(600)
def test_maven_has_no_signal_and_is_not_ready(known: Workspace) -> None:
    train(known, "opportunity")
    with pytest.raises(GateNotPassed) as shut:
        validate(known, "opportunity")
    assert shut.value.measured is not None
    assert shut.value.measured < 0.55
    with open_warehouse(known) as connection:
        assert connection.execute("select verdict from scores.models where score_name = 'opportunity'").fetchall() == [
            (NOT_READY,)
        ]
    assert unaided(dataset_of(known, "opportunity"))["stage"].reason.startswith("certain leak")
