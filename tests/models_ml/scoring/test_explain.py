"""Every score of the day has reasons that add up to it; what has not changed is not explained again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.workspace import Workspace
from models_ml.scoring.apply import apply
from models_ml.scoring.explain import explain
from models_ml.scoring.promote import promote
from models_ml.scoring.train import train
from models_ml.scoring.validate import validate
from tests.models_ml.scoring.company import DAY, make_leads, rows_of, write_leads
from warehouse.connection import open_warehouse

UNEXPLAINED = """
    select p.record_id from scores.predictions p
    left join (
        select record_id, as_of_date, any_value(base_points) + sum(points) as told from scores.reasons group by all
    ) using (record_id, as_of_date)
    where told is distinct from p.score and as_of_date = '{}'
"""
EXPLAINED = "select * from scores.explained order by record_id, as_of_date"
REASONS = "select * from scores.reasons order by record_id, as_of_date, attribute"


@pytest.fixture
def in_use(company: Workspace) -> Workspace:
    for verb in (train, validate, promote):
        verb(company, "lead")
    return company


def test_every_score_is_explained_to_the_tenth_and_again_the_same(in_use: Workspace) -> None:
    scored = apply(in_use, "lead").records_scored
    report = explain(in_use, "lead")
    assert (report.explained, report.still_holding) == (scored, 0)
    assert rows_of(in_use, UNEXPLAINED.format(DAY)) == []
    before = rows_of(in_use, EXPLAINED), rows_of(in_use, REASONS)
    assert explain(in_use, "lead").explained == scored
    assert (rows_of(in_use, EXPLAINED), rows_of(in_use, REASONS)) == before


def test_only_what_has_changed_is_explained_on_the_next_day_and_why_it_moved(in_use: Workspace) -> None:
    apply(in_use, "lead")
    explain(in_use, "lead")
    tomorrow = DAY + timedelta(days=1)
    write_leads(in_use, make_leads(), day=tomorrow)
    (moved,) = rows_of(in_use, "select min(record_id) from features.feat_lead where is_current and source = 'fair'")[0]
    with open_warehouse(in_use) as connection:
        connection.execute(
            f"update features.feat_lead set age_days = age_days - 1 where is_current and as_of_date = '{tomorrow}'"
        )
        connection.execute(
            f"update features.feat_lead set source = 'referral' where record_id = '{moved}' and is_current"
        )
    apply(in_use, "lead")
    report = explain(in_use, "lead")
    changed = rows_of(
        in_use,
        "select count(*) filter (where y.probability is distinct from t.probability) from scores.predictions t "
        f"left join scores.predictions y on y.record_id = t.record_id and y.as_of_date = '{DAY}' "
        f"where t.as_of_date = '{tomorrow}'",
    )
    assert [(report.explained,)] == changed
    assert report.still_holding > 0
    told = rows_of(
        in_use, f"select moved from scores.explained where record_id = '{moved}' and as_of_date = '{tomorrow}'"
    )
    assert told[0][0].startswith("Up ")
    assert f"since {DAY}: Source fair -> referral (+" in told[0][0]


def test_a_base_rate_is_not_explained(company: Workspace) -> None:
    write_leads(company, make_leads(60))
    with pytest.raises(Exception, match="are needed"):
        train(company, "lead")
    assert apply(company, "lead").records_scored > 0
    report = explain(company, "lead")
    assert (report.explained, report.still_holding) == (0, 0)
    assert rows_of(company, REASONS) == []
