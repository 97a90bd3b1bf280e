"""Which attributes an administrator may choose, which none can, and what an empty value says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from config.schema.learning import Attributes
from config.workspace import Workspace
from models_ml.scoring.attributes import Attribute
from models_ml.scoring.dataset import Dataset, read_dataset
from models_ml.scoring.encoding import Encoder
from models_ml.scoring.leakage import BY_ADMINISTRATOR, BY_GATE, USED, judge, used_attributes
from models_ml.scoring.ledger import model_of
from models_ml.scoring.split import split
from tests.models_ml.scoring.company import DAY, make_leads, write_leads
from warehouse.connection import open_warehouse

MADE_BY_THE_SYSTEM = ("Versionnumber", "Exchangerate", "Entityimage", "Msdyn_leadscore", "Msdyn_leadgrade",
                      "Msdyn_predictivescoreid")  # fmt: skip


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Leads with features, a column of the organisation's own, and columns that the system makes."""
    workspace = Workspace.open({"SALES_INSIGHTS_DATA": str(tmp_path_factory.mktemp("data"))})
    random = np.random.default_rng(3)
    made = {name: random.integers(0, 9, 300) for name in MADE_BY_THE_SYSTEM}
    write_leads(workspace, make_leads(300).assign(**made, Leadscore=random.integers(0, 9, 300)))
    with open_warehouse(workspace) as connection:
        return read_dataset(connection, "lead", model_of(workspace, "lead", None), DAY)


def decided(dataset: Dataset, settings: Attributes) -> dict[str, tuple[str, str]]:
    decisions = judge(dataset, split(dataset, 0.2, "all"), settings)
    return {each.attribute: (each.decision, each.reason) for each in decisions}


@pytest.mark.fact("1c.edit-fields")
def test_of_those_that_are_chosen_features_and_own_columns_are_used_and_no_others(dataset: Dataset) -> None:
    settings = Attributes(use=("source", "Colour", "Colur"))
    found = decided(dataset, settings)
    assert (found["source"][0], found["Colour"][0]) == (USED, USED)
    assert found["size"] == (BY_ADMINISTRATOR, "not named in attributes.use")
    assert found["Colur"] == (BY_GATE, "named in attributes.use")
    decisions = judge(dataset, split(dataset, 0.2, "all"), settings)
    assert [each.name for each in used_attributes(dataset, decisions, settings)] == ["source", "Colour"]


@pytest.mark.fact("1c.recommended-fields")
def test_auto_uses_all_that_pass_the_gate(dataset: Dataset) -> None:
    used = {name for name, (decision, _) in decided(dataset, Attributes()).items() if decision == USED}
    assert used >= {"source", "size", "Colour", "age_days"}


@pytest.mark.fact("1c.no-system-columns")
def test_what_the_system_makes_is_never_learnt_from(dataset: Dataset) -> None:
    found = decided(dataset, Attributes(use=MADE_BY_THE_SYSTEM))
    for name in MADE_BY_THE_SYSTEM:
        assert found[name][0] == BY_GATE
        assert found[name][1].startswith("made by the system")
    assert not found["Leadscore"][1].startswith("made by the system")  # of another program: the gate's matter


@pytest.mark.fact("1c.ignore-empty")
def test_an_empty_value_says_nothing_where_it_is_to_be_ignored() -> None:
    """It counts as the median, or as the most frequent value; of an attribute that is not named it is a value."""
    rows = pd.DataFrame(
        {
            "size": [1.0, 2.0, 2.0, 3.0, 4.0] * 4 + [np.nan],
            "colour": pd.Series(["red"] * 12 + ["blue"] * 8 + [None], dtype="category"),
        }
    )
    for ignored in (False, True):
        size, colour = Attribute("size", "number"), Attribute("colour", "category")
        encoder = Encoder.fit(rows, [replace(each, ignore_empty=ignored) for each in (size, colour)])
        empty, median_and_most = encoder.indicators(rows.tail(1)), encoder.indicators(rows.iloc[[1]])
        assert ((empty != median_and_most).nnz == 0) is ignored
        assert bool(np.isnan(encoder.table(rows.tail(1))[0, 0])) is not ignored
