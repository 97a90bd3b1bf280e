"""What came out of a day, read from the published files as any reader would."""

from __future__ import annotations

from typing import Any, Final

import duckdb
from rich.console import Console
from rich.table import Table

from config.workspace import Workspace

SCORES: Final = ("lead", "opportunity")
_ROWS_READ: Final = """
    select
        source, entity, if(count(distinct file) = 1, any_value(file), count(distinct file) || ' tables or files'),
        sum(rows_read), sum(rows_loaded), sum(rows_quarantined)
    from load_summary
    group by rollup (source, entity)
    having grouping(source, entity) <> 1 and count(*) > 0
    order by source nulls last, entity
"""


def summarise(workspace: Workspace, console: Console) -> None:
    """Print rows read, scores by grade, accuracy and verdict, forecasts, and how to open the published files."""
    current = workspace.data.published / "current"
    if not current.exists():
        console.print("Nothing has been published yet: no run has come to its end.")
        return
    folder = current.resolve()
    with duckdb.connect(str(folder / "sales_insights.duckdb"), read_only=True) as published:
        _rows_read(published, console)
        unscored = _grades(published, console)
        _models(published, console, unscored)
        _forecasts(published, console, workspace.config.organisation.currency)
    _how_to_open(workspace, console)


def _rows_read(published: duckdb.DuckDBPyConnection, console: Console) -> None:
    table = _table("Rows read", "source", "entity", "from", "read", "loaded", "set aside")
    for source, entity, file, *counts in published.execute(_ROWS_READ).fetchall():
        table.add_row(source or "all", entity, file if source else "", *(f"{count:,}" for count in counts))
    for column in table.columns[1:3]:
        column.justify = "left"
    console.print(table)
    aside = _table("Rows set aside, each kept with its reason", "table", "column", "rows", "the first of them")
    for name, column, count, reason in published.execute(
        "select table_name, column_name, count(*), arg_min(reason, row_number) from quarantined_rows "
        "group by all order by 3 desc, 1, 2"
    ).fetchall():
        aside.add_row(name, column, f"{count:,}", reason)
    if aside.rows:
        aside.columns[-1].justify = "left"
        console.print(aside)


def _grades(published: duckdb.DuckDBPyConnection, console: Console) -> set[str]:
    """Returns the scores of which none is published; the reason of each has been printed."""
    unscored = set()
    table = _table("Open records scored", "score", "A", "B", "C", "D", "all", "day")
    for score in SCORES:
        found = published.execute(f"select grade, count(*) from {score}_scores group by grade").fetchall()
        grades: dict[str, int] = dict(found)
        row = published.execute(
            "select any_value(as_of_date), string_agg(because, ' ' order by model_name) from score_runs "
            "where score_name = ?",
            [score],
        ).fetchone()
        day, because = row or ("", "")
        counts = [f"{grades.get(grade, 0):,}" for grade in "ABCD"]
        table.add_row(score, *counts, f"{sum(grades.values()):,}", str(day))
        if not grades and because:
            unscored.add(score)
            console.print(f"No {score} score is published: {because}", highlight=False, markup=False)
    console.print(table)
    return unscored


def _models(published: duckdb.DuckDBPyConnection, console: Console, unscored: set[str]) -> None:
    table = _table(
        "Accuracy, measured on the most recent records",
        "model",
        "AUC",
        "95 % interval",
        "calibration error",
        "records held out",
        "verdict",
        "status",
    )
    rows = published.execute(
        "select score_name, model_name, auc, auc_low, auc_high, calibration_error, holdout_records, standing_verdict, "
        "status, concat_ws(' ', because, drift_because) from model_performance qualify row_number() over (partition by "
        "model_name order by as_of_date desc, trained_at desc) = 1 order by score_name, model_name"
    ).fetchall()
    for score, model, auc, low, high, calibration, held_out, verdict, status, because in rows:
        interval = f"{low:.3f} to {high:.3f}" if low is not None else "not measured"
        table.add_row(
            model, _number(auc), interval, _number(calibration), f"{held_out or 0:,}", verdict or "none", status
        )
        if because and score not in unscored:
            console.print(f"{model}: {because}", highlight=False, markup=False)
    console.print(table)


def _forecasts(published: duckdb.DuckDBPyConnection, console: Console, currency: str) -> None:
    table = _table(f"Won revenue forecast, {currency}", "manager", "period", "won so far", "forecast", "80 %", "95 %")
    rows = published.execute(
        "select manager_name, period_label, status, won_to_date_amount, predicted_amount, low_80_amount, "
        "high_80_amount, low_95_amount, high_95_amount from revenue_forecasts order by manager_name, period_start"
    ).fetchall()
    for manager, period, status, won, predicted, low_80, high_80, low_95, high_95 in rows:
        if predicted is None:
            table.add_row(manager, period, _amount(won), status, "", "")
        else:
            eighty, ninety_five = _interval(low_80, high_80), _interval(low_95, high_95)
            table.add_row(manager, period, _amount(won), _amount(predicted), eighty, ninety_five)
    if rows:
        console.print(table)
    else:
        console.print("No forecast: the data name no managers, or nothing was ever won.")


def _how_to_open(workspace: Workspace, console: Console) -> None:
    file = workspace.data.published / "current" / "sales_insights.duckdb"
    console.print(
        f"\nPublished files   {workspace.data.published / 'current'}/\n"
        f"  from Python     duckdb.connect({str(file)!r}, read_only=True).sql('from lead_scores').df()\n"
        f"  from a BI tool  open that DuckDB file, or the Parquet files beside it; see docs/published.md\n"
        f"Checks            {workspace.data.data_docs}/",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number == 0 else "right")
    return table


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3f}"


def _amount(value: Any) -> str:
    return "" if value is None else f"{value:,.0f}"


def _interval(low: Any, high: Any) -> str:
    if low is None:
        return ""
    return "the period is over" if low == high else f"{low:,.0f} to {high:,.0f}"
