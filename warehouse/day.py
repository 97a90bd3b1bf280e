"""Which day the pipeline is on: the as-of day that was loaded last."""

from __future__ import annotations

from datetime import date

import duckdb

from config.errors import ContractBroken
from config.workspace import Workspace


def day_loaded(connection: duckdb.DuckDBPyConnection, workspace: Workspace, explicit: date | str | None = None) -> date:
    """The day given, else the day that was loaded last: what is built, scored and published goes on with that day.

    Raises:
        ContractBroken: where nothing has been loaded yet.
        ConfigError: where the text given is not a date.
    """
    if explicit:
        return workspace.day(explicit)
    row = connection.execute("select as_of_date from ops.days order by loaded_at desc limit 1").fetchone()
    if row is None:
        raise ContractBroken(
            f"{workspace.data.warehouse}: nothing has been loaded yet. Run 'sales-insights fetch' and then "
            "'sales-insights load', or the DAG ingest_daily."
        )
    day: date = row[0]
    return day
