"""Features and labels as rows to learn from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from config.errors import ContractBroken
from config.workspace import Workspace
from models_ml.scoring.attributes import Attribute, empty_keys
from models_ml.scoring.dataset import Dataset, read_dataset
from models_ml.scoring.ledger import model_of
from models_ml.scoring.population import OpenRecords
from tests.models_ml.scoring.company import DAY, make_leads, write_leads
from warehouse.connection import open_warehouse


def read(workspace: Workspace) -> Dataset:
    with open_warehouse(workspace) as connection:
        return read_dataset(connection, "lead", model_of(workspace, "lead", None), DAY)


def test_custom_columns_become_attributes_by_what_they_hold(workspace: Workspace) -> None:
    leads = make_leads(60)
    numbers = np.arange(60)
    odd = "A/b ~'\" ü"
    leads = leads.assign(**{"Visits": numbers, "Signed on": "2026-01-31", odd: "x", "Never": None, "Source": "web"})
    write_leads(workspace, leads)
    dataset = read(workspace)
    kinds = {attribute.name: attribute.kind for attribute in dataset.attributes}
    assert kinds == {
        "source": "category", "size": "number", "noise": "number", "age_days": "number", "Colour": "category",
        "Visits": "number", "Signed on": "date", odd: "category", "Source": "category",
    }  # fmt: skip
    first = dataset.rows[dataset.rows["record_id"] == "L00005"].iloc[0]
    assert first["Visits"] == 5.0
    assert first[odd] == "x"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("31.01.2026", "date"),
        ("31.1.26 13:45", "date"),
        ("12/31/2026", "date"),
        ("31/12/2026 13:45:00", "date"),
        ("1/31/2026 1:05 PM", "date"),
        ("31-01-2026", "date"),
        ("2026-01-31T13:45:00Z", "date"),
        ("31.01.", "category"),
        ("32.13.2026", "category"),
        ("192.168.10.1", "category"),
        ("12.5", "number"),
    ],
)
def test_a_day_is_a_date_however_people_write_it(text: str, kind: str, workspace: Workspace) -> None:
    write_leads(workspace, make_leads(30).assign(Day=text))
    assert next(each.kind for each in read(workspace).attributes if each.name == "Day") == kind


def test_a_custom_column_with_the_name_of_a_feature_keeps_apart(workspace: Workspace) -> None:
    write_leads(workspace, make_leads(30))
    with open_warehouse(workspace) as connection:
        connection.execute("create table told as from features.feat_lead")
        connection.execute(
            "create or replace table features.feat_lead as select * replace ({'noise': '7'} as custom) from told"
        )
    dataset = read(workspace)
    assert Attribute("custom.noise", "number", "noise") in dataset.attributes
    assert set(dataset.rows["custom.noise"]) == {7.0}


def test_rows_set_aside_by_a_check_are_left_out(workspace: Workspace) -> None:
    write_leads(workspace, make_leads(30))
    before = read(workspace)
    key = before.rows.iloc[0]
    with open_warehouse(workspace) as connection:
        connection.execute(
            "insert into quarantine.rows (row_id, stage, table_name) values (?, 'check', 'features.feat_lead')",
            [f"{key['record_id']}:{key['as_of_date']:%Y-%m-%d}"],
        )
    after = read(workspace)
    assert after.set_aside == 1
    assert len(after.rows) == len(before.rows) - 1
    assert not ((after.rows["record_id"] == key["record_id"]) & (after.rows["as_of_date"] == key["as_of_date"])).any()


def test_training_and_applying_read_the_same_values(workspace: Workspace) -> None:
    write_leads(workspace, make_leads(400))
    dataset = read(workspace)
    names = ["record_id", *(attribute.name for attribute in dataset.attributes)]
    current = dataset.rows[dataset.rows["is_current"]].sort_values("record_id")[names].astype(object)
    with open_warehouse(workspace) as connection:
        opened = OpenRecords(connection, "lead", DAY)
        where = opened.take(model_of(workspace, "lead", None))
        batches = list(opened.in_batches(opened.named(where), dataset.attributes, 7, lambda rows: rows))
        assert opened.count() == opened.count(where) == len(current)
        assert empty_keys(connection, "lead", DAY, ["Colour", "Size", "Gone"]) == {"Size", "Gone"}
    assert len(batches) > 1
    assert max(len(batch) for batch in batches) == 7
    together = pd.concat([batch[names].astype(object) for batch in batches]).sort_values("record_id")
    pd.testing.assert_frame_equal(together.reset_index(drop=True), current.reset_index(drop=True))


def test_rows_come_in_the_order_of_time(workspace: Workspace) -> None:
    write_leads(workspace, make_leads(50).sample(frac=1, random_state=1))
    rows = read(workspace).rows
    assert rows["created_at"].is_monotonic_increasing
    pd.testing.assert_frame_equal(rows, read(workspace).rows)


def test_a_missing_table_is_named(workspace: Workspace) -> None:
    with pytest.raises(ContractBroken, match=r"features\.feat_lead: missing record_id.*sales-insights build features"):
        read(workspace)


def test_a_column_of_an_unexpected_type_is_named(workspace: Workspace) -> None:
    write_leads(workspace, make_leads(30))
    with open_warehouse(workspace) as connection:
        connection.execute("alter table features.feat_lead add column last_seen date")
    with pytest.raises(ContractBroken, match="column last_seen is DATE"):
        read(workspace)
