"""What happens to a record in Dataverse, from there through raw and history to the features: before and after.

Before: the day it was first read. After: ten days later. What was known before stays as it was then.
"""

from __future__ import annotations

import json
from datetime import date, datetime, time
from typing import Any

import pytest

from tests.extract.sources.dataverse.organisation import SECRET, SECRET_ENV
from tests.journeys.fates import (
    ADA,
    AFTER,
    BEFORE,
    BEN,
    CHANGED,
    DEAL_GONE,
    DEAL_GONE_UNSEEN,
    DEAL_MOVED,
    DEAL_OF_LOSER,
    GONE,
    GONE_UNSEEN,
    LOSER,
    MAIL,
    MOVED,
    MOVED_UNSEEN,
    NEW_COLUMN,
    OLD_COLUMN,
    PLAIN,
    SNAPSHOT,
    STORED,
    WINNER,
    Fates,
    Rows,
    live_through,
)


@pytest.fixture(scope="module")
def fates(tmp_path_factory: pytest.TempPathFactory) -> Fates:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET_ENV, SECRET)
        return live_through(tmp_path_factory.mktemp("fates"))


def known_by(day: date) -> datetime:
    return datetime.combine(day, time.max)


def feature(rows: Rows, table: str, record: str, *names: str) -> dict[date, tuple[Any, ...]]:
    """Day on which the record was looked at to its features."""
    mine = [row for row in rows[f"features.{table}"] if row["record_id"] == record]
    return {row["as_of_date"]: tuple(row[name] for name in names) for row in mine}


def records(rows: Rows, table: str) -> set[str]:
    return {row["record_id"] for row in rows[table]}


def test_the_first_day_built_again_is_what_was_stored_then(fates: Fates) -> None:
    for name in STORED:
        assert fates.before[name] != []
        assert fates.before_again[name] == fates.before[name]


def test_an_expired_delta_token_loses_and_repeats_nothing(fates: Fates) -> None:
    assert set(fates.expired) == {"lead", "opportunity", "account", "systemuser", "email"}
    told = "count(*), count(*) filter (_deleted)"
    counted = f"select _known_at, {told} from raw.dataverse__{{}} group by 1 order by 1 nulls first"
    changed, after = known_by(CHANGED), known_by(AFTER)
    assert fates.rows(counted.format("leads")) == [(None, 7, 0), (changed, 7, 2), (after, 2, 1)]
    assert fates.rows(counted.format("opportunities")) == [(None, 4, 0), (changed, 3, 1), (after, 1, 1)]
    assert fates.rows(counted.format("users")) == [(None, 2, 0)]
    assert fates.versions("hist_leads", GONE_UNSEEN, "owner_id")[1:] == [(ADA, False, AFTER), (None, True, None)]
    assert fates.versions("hist_leads", MOVED_UNSEEN, "owner_id")[1:] == [(ADA, False, AFTER), (BEN, False, None)]
    assert feature(fates.after, "feat_lead", MOVED_UNSEEN, "owner_id") == {
        BEFORE: (ADA,),
        SNAPSHOT: (ADA,),
        AFTER: (BEN,),
    }
    for table in ("intermediate.int_leads_known", "features.feat_lead", "features.label_lead"):
        assert GONE_UNSEEN in records(fates.before, table)
        assert records(fates.after, table) == {MOVED, MOVED_UNSEEN, WINNER, PLAIN}


def test_a_deleted_row_is_known_until_then_and_looked_at_no_more(fates: Fates) -> None:
    for day, lead, deal in ((CHANGED, GONE, DEAL_GONE), (AFTER, GONE_UNSEEN, DEAL_GONE_UNSEEN)):
        assert fates.versions("hist_leads", lead, "status")[-2:] == [("open", False, day), (None, True, None)]
        assert fates.versions("hist_opportunities", deal, "status") == [("open", False, day), (None, True, None)]
    assert GONE in records(fates.before, "features.feat_lead")
    assert GONE not in records(fates.after, "features.feat_lead")
    for table in ("intermediate.int_opportunities_known", "features.feat_opportunity", "features.label_opportunity"):
        assert {DEAL_GONE, DEAL_GONE_UNSEEN} < records(fates.before, table)
        assert records(fates.after, table) == {DEAL_MOVED, DEAL_OF_LOSER}


def test_a_deleted_row_counts_among_its_peers_as_long_as_it_was_there(fates: Fates) -> None:
    assert feature(fates.before, "feat_lead", PLAIN, "owner_open_leads") == {BEFORE: (7,)}
    assert feature(fates.after, "feat_lead", PLAIN, "owner_open_leads") == {BEFORE: (7,), SNAPSHOT: (4,), AFTER: (2,)}
    deals = ("account_deals_open", "owner_open_opportunities")
    assert feature(fates.before, "feat_opportunity", DEAL_OF_LOSER, *deals) == {BEFORE: (3, 4)}
    assert feature(fates.after, "feat_opportunity", DEAL_OF_LOSER, *deals) == {BEFORE: (3, 4), AFTER: (1, 1)}


def test_a_merged_lead_ends_undecided_and_what_was_its_is_the_winner_s(fates: Fates) -> None:
    versions = fates.versions("hist_leads", LOSER, "status")
    assert versions == [("open", False, CHANGED), (None, True, None)]
    assert feature(fates.before, "feat_lead", LOSER, "activities", "is_current") == {BEFORE: (1, True)}
    assert LOSER not in records(fates.after, "features.feat_lead") | records(fates.after, "features.label_lead")
    assert fates.versions("hist_activities", MAIL, "regarding_id") == [(LOSER, False, CHANGED), (WINNER, False, None)]
    assert feature(fates.before, "feat_lead", WINNER, "activities") == {BEFORE: (0,)}
    assert feature(fates.after, "feat_lead", WINNER, "activities") == {BEFORE: (0,), SNAPSHOT: (1,), AFTER: (1,)}
    deal = fates.versions("hist_opportunities", DEAL_OF_LOSER, "lead_id")
    assert deal == [(LOSER, False, CHANGED), (WINNER, False, None)]
    assert set(feature(fates.after, "feat_opportunity", DEAL_OF_LOSER, "has_lead").values()) == {(True,)}


def test_a_reassigned_owner_is_the_new_one_from_then_on(fates: Fates) -> None:
    assert fates.versions("hist_leads", MOVED, "owner_id") == [(ADA, False, CHANGED), (BEN, False, None)]
    assert fates.versions("hist_opportunities", DEAL_MOVED, "owner_id") == [(ADA, False, CHANGED), (BEN, False, None)]
    owners = ("owner_id", "owner_open_leads")
    assert feature(fates.before, "feat_lead", MOVED, *owners) == {BEFORE: (ADA, 7)}
    assert feature(fates.after, "feat_lead", MOVED, *owners) == {BEFORE: (ADA, 7), SNAPSHOT: (BEN, 1), AFTER: (BEN, 2)}
    owners = ("owner_id", "owner_open_opportunities")
    assert feature(fates.before, "feat_opportunity", DEAL_MOVED, *owners) == {BEFORE: (ADA, 4)}
    assert feature(fates.after, "feat_opportunity", DEAL_MOVED, *owners) == {BEFORE: (ADA, 4), AFTER: (BEN, 1)}


def test_a_renamed_custom_column_has_its_old_name_until_then(fates: Fates) -> None:
    old, new = ({OLD_COLUMN: "R7"}, {NEW_COLUMN: "R7"})
    versions = [(json.dumps(old), False, CHANGED), (json.dumps(new), False, None)]
    assert fates.versions("hist_leads", PLAIN, "custom") == versions
    assert feature(fates.before, "feat_lead", PLAIN, "custom") == {BEFORE: (old,)}
    neither = {OLD_COLUMN: None, NEW_COLUMN: None}
    earlier, later = (neither | old,), (neither | new,)
    assert feature(fates.after, "feat_lead", PLAIN, "custom") == {BEFORE: earlier, SNAPSHOT: later, AFTER: later}
