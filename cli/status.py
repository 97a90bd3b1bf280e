"""``sales-insights status``: where the pipeline stands, straight from the warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from config.workspace import Workspace
from extract.missing import gaps
from warehouse.connection import open_warehouse

# A title, the headings, and the query behind each part of the page.
_PARTS: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    (
        "Files loaded",
        ("source", "file", "read", "loaded", "set aside", "day"),
        """
        select source, file, rows_read, rows_loaded, rows_quarantined, as_of_date from raw.batches
        qualify row_number() over (partition by source, entity, file order by batch_number desc) = 1
        order by source, file
        """,
    ),
    (
        "Rows set aside, each kept in quarantine.rows with its reason",
        ("table", "column", "rows", "the first of them"),
        """
        select table_name, column_name, count(*), arg_min(reason, row_number) from quarantine.rows
        group by all order by 3 desc, 1, 2
        """,
    ),
    (
        "Models",
        ("score", "model", "version", "day", "AUC", "verdict", "status"),
        """
        select score_name, model_name, model_id, as_of_date, round(auc, 3), verdict, status from scores.models
        order by score_name, model_name, trained_at desc limit 10
        """,
    ),
    (
        "Last scoring",
        ("score", "model", "day", "open", "scored", "how, or why not"),
        """
        select score_name, model_name, as_of_date, open_records, records_scored, because from scores.runs
        qualify rank() over (partition by score_name order by scored_at desc) = 1 order by score_name, model_name
        """,
    ),
    (
        "Checks that failed on the last day",
        ("layer", "table", "expectation", "column", "rows"),
        """
        select layer, table_name, expectation, column_name, rows_failed from quality.check_results
        where not success and as_of_date = (select max_by(as_of_date, loaded_at) from ops.days) order by 1, 2, 3, 4
        """,
    ),
)


def status(workspace: Workspace, console: Console) -> None:
    """Print the state of every part of the pipeline.

    Raises:
        WarehouseBusy: while another process writes.
    """
    with open_warehouse(workspace) as connection:
        day = connection.execute("select max_by(as_of_date, loaded_at) from ops.days").fetchone()
        console.print(f"{workspace.config.organisation.name}: {workspace.data.warehouse}", soft_wrap=True)
        console.print(f"Last day loaded: {day[0] if day and day[0] else 'none yet'}")
        for title, headings, query in _PARTS:
            _part(console, title, headings, connection.execute(query).fetchall())
        if day and day[0]:
            enabled = [name for name, source in workspace.config.sources.items() if source.enabled]
            told = [(gap.source, gap.what, gap.since, gap.because) for gap in gaps(connection, enabled, day[0])]
            _part(console, "Missing from that day's data", ("source", "what", "since", "why, and what to do"), told)
    current = workspace.data.published / "current"
    console.print(f"Published: {current.resolve() if current.exists() else 'nothing yet'}", soft_wrap=True)


def _part(console: Console, title: str, headings: tuple[str, ...], rows: Sequence[Sequence[object]]) -> None:
    if not rows:
        console.print(f"[bold]{title}[/]: none")
        return
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading)
    for row in rows:
        table.add_row(
            *("" if value is None else f"{value:,}" if isinstance(value, int) else str(value) for value in row)
        )
    console.print(table)
