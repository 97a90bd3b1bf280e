"""A row that was merged into another one is read as deleted, whichever way its table is read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from extract.sources.dataverse.emulator import Store
from extract.sources.dataverse.emulator.schema import yes_no
from tests.extract.sources.dataverse.conftest import Serve
from tests.extract.sources.dataverse.organisation import TABLES, key, organisation, packaged_keys
from tests.extract.sources.dataverse.test_lake import Lakeside

SECOND = "2026-07-01"


def merging(store: Store) -> Store:
    """The same with tables that can be merged."""
    for table in ("lead", "account"):
        store.add_column(table, yes_no("merged"))
    return store


def test_with_change_tracking_without_and_from_the_first_day(serve: Serve) -> None:
    served = serve(merging(organisation()))
    served.store.merge("lead", key(7), key(8))
    assert packaged_keys(served.a_day(tables=TABLES[:2]))["lead"] == (11, 0)
    served.store.clock.put_forward(timedelta(days=1))
    served.store.merge("lead", key(1), key(2))
    served.store.merge("account", key(501), key(502))
    assert packaged_keys(served.a_day(SECOND, tables=TABLES[:2])) == {"lead": (1, 0), "account": (1, 0)}
    assert served.rows("select lead_id from raw.dataverse__leads where _deleted") == [(key(1),)]
    assert served.rows("select account_id from raw.dataverse__accounts where _deleted") == [(key(501),)]
    assert key(2) in {lead for (lead,) in served.latest("lead_id")}


def test_from_a_lake(tmp_path: Path) -> None:
    shore = Lakeside(tmp_path, "append")
    merging(shore.store)
    shore.export()
    shore.a_day(tables=TABLES[:1])
    shore.store.merge("lead", key(1), key(2))
    shore.export()
    assert packaged_keys(shore.a_day(SECOND, tables=TABLES[:1])) == {"lead": (1, 0)}
    assert len(shore.latest("lead_id")) == 11
