"""Leads that come after the day was built: whether they may be taken up, and what is built for them alone.

Their features are made by the models of the daily build, for these leads only (see ``macros/arrivals.sql``), and then
added to the day's. A lead is on its way until readers see it (``ops.arrivals``): a run that was killed loses none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import duckdb

from config.errors import RequestRefused
from config.workspace import Workspace
from warehouse.connection import open_warehouse, transaction
from warehouse.dbt import ARRIVALS, BuildReport, build_some
from warehouse.tables import raw_table

_HISTORY: Final = ("hist_leads", "hist_contacts", "hist_accounts", "int_leads_known")
"""Rebuilt in place: what leads are made of, whole and for the same day."""
_LAYERS: Final = ("staging", "history", "intermediate", "features", "marts")
_MARTS: Final = (
    *("lead_scores", "my_open_leads_scored", "score_reasons", "score_runs", "score_history", "score_grades"),
    *("load_summary", "quarantined_rows"),
)
"""The marts that a new lead is seen in, directly or in a sum."""


@dataclass(frozen=True)
class Standing:
    """Whether leads that come now can be taken up. ``because``: why not; empty where they can."""

    day: date
    because: str


def standing(workspace: Workspace, *, as_of: date | str | None = None) -> Standing:
    """Look whether the daily run of the day is through: arrivals join a day and never begin one.

    Raises:
        WarehouseBusy: where another process holds the warehouse.
    """
    day = workspace.day(as_of)
    with open_warehouse(workspace) as connection:
        return Standing(day, _why_not(connection, day))


def _why_not(connection: duckdb.DuckDBPyConnection, day: date) -> str:
    loaded = connection.execute("select as_of_date from ops.days order by loaded_at desc limit 1").fetchone()
    if loaded is None or loaded[0] != day:
        return f"{day} has not been loaded yet: ingest_daily brings what is new with all else."
    built = connection.execute(
        "select layer from ops.build_results group by layer "
        "having bool_and(as_of_date = ? and status in ('success', 'pass', 'warn'))",
        [day],
    ).fetchall()
    missing = [layer for layer in _LAYERS if (layer,) not in built]
    if missing:
        return f"of {day} {', '.join(missing)} is not built yet: build_daily and score_daily take up what is new."
    scored = connection.execute("select 1 from scores.runs where score_name = 'lead' and as_of_date = ?", [day])
    if scored.fetchone() is None:
        return f"leads of {day} are not scored yet: score_daily scores what is new with all else."
    return ""


def waiting(workspace: Workspace, day: date) -> int:
    """How many leads are on their way: loaded but in no table of the day, open but not listed, or not yet published.

    Rows that are deleted, set aside, or created after the day are none.
    """
    with open_warehouse(workspace) as connection:
        row = connection.execute(
            f"""
            with
                came as (
                    select lead_id from ({_loaded_leads(workspace)})
                    group by lead_id
                    having not bool_or(_deleted) and coalesce(min(created_at) < $day::date + 1, true)
                ),
                known as (select record_id, outcome from intermediate.int_leads_known),
                listed as (select record_id from features.feat_lead where is_current and as_of_date = $day::date)
            select count(*) from (
                select lead_id from came where lead_id not in (select record_id from known)
                union
                select record_id from known where outcome = 'open' and record_id not in (select record_id from listed)
                union
                select record_id from ops.arrivals where as_of_date = $day::date and published_at is null
            )
            """,
            {"day": day},
        ).fetchone()
    return int(row[0]) if row else 0


def _loaded_leads(workspace: Workspace) -> str:
    """The rows of leads that were loaded on the day, as SQL."""
    of_each = [
        f"select lead_id, coalesce(_deleted, false) as _deleted, created_at from {table} where lead_id is not null "
        "and _batch_id in (select batch_id from raw.batches where as_of_date = $day::date) and _row_id not in "
        f"(select row_id from quarantine.rows where table_name = '{table}' and row_id is not null)"
        for table in (raw_table(source, "leads") for source in workspace.config.sources)
    ]
    return " union all ".join(of_each)


@dataclass(frozen=True)
class ArrivalsBuilt:
    """What was built for arrivals, and how many open ones were added to the day's features."""

    built: BuildReport
    leads: int

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        return [f"{self.leads} leads came within {self.built.as_of} and are among its features", *self.built.lines()]


def build_arrivals(workspace: Workspace, *, as_of: date | str | None = None) -> ArrivalsBuilt:
    """Bring the history of leads up to date, build the features of arrivals, and add them to those of the day.

    Rows that are there stay as they are, so that a repetition adds nothing; all that is added is added at once.

    Raises:
        RequestRefused: where the daily run of that day is not through.
        ContractBroken: where a table could not be built, or a test failed; nothing is added then.
    """
    found = standing(workspace, as_of=as_of)
    if found.because:
        raise RequestRefused(f"{found.because} Wait for it, or run the day by hand.")
    report = build_some(workspace, ARRIVALS, [*_HISTORY, f"tag:{ARRIVALS}"], as_of=found.day, target=ARRIVALS)
    with open_warehouse(workspace) as connection, transaction(connection):
        leads = _add(connection, found.day)
    return ArrivalsBuilt(report, leads)


def _add(connection: duckdb.DuckDBPyConnection, day: date) -> int:
    now = datetime.now(UTC).replace(tzinfo=None)
    added = connection.execute(
        "insert into ops.arrivals by name select $day::date as as_of_date, record_id, $now::timestamp as found_at "
        "from arrivals.feat_lead as came where is_current and as_of_date = $day::date and not exists (select 1 from "
        "features.feat_lead as there where there.is_current and (there.record_id, there.as_of_date) "
        "= (came.record_id, came.as_of_date)) returning record_id",
        {"day": day, "now": now},
    ).fetchall()
    for table, key in (("feat_lead", "record_id, as_of_date"), ("label_lead", "record_id, as_of_date, model_name")):
        connection.execute(
            f"insert into features.{table} by name select * from arrivals.{table} "
            f"where ({key}) not in (select ({key}) from features.{table})"
        )
    return len(added)


def build_lead_marts(workspace: Workspace, *, as_of: date | str | None = None) -> BuildReport:
    """Build the marts that a new lead is seen in; the others stay as the day built them.

    Raises:
        ContractBroken: where a mart could not be built or a test failed.
    """
    return build_some(workspace, "marts", _MARTS, as_of=as_of, target=ARRIVALS)


def note_published(workspace: Workspace, day: date) -> int:
    """Note that the arrivals of the day are through: readers see them, or why they have no score. Returns how many."""
    with open_warehouse(workspace) as connection:
        noted = connection.execute(
            "update ops.arrivals set published_at = ? where as_of_date = ? and published_at is null "
            "returning record_id",
            [datetime.now(UTC).replace(tzinfo=None), day],
        ).fetchall()
    return len(noted)
