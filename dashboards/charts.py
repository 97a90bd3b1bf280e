"""Charts: each is a Plotly figure, and beside it the same numbers as a table for those who cannot see it.

Colours are names of a palette that ``static/charts.js`` fills in, as light and dark pages have different ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go
from markupsafe import Markup

from dashboards import formats
from dashboards.published import Row

MAIN, OTHER, GOOD, BAD = "rgb(1,1,1)", "rgb(2,2,2)", "rgb(3,3,3)", "rgb(4,4,4)"
"""Places of the palette, which no page shows as they are."""

_HEIGHT: Final = 300
_BAR: Final = 30
_FEW: Final = 6
_LONGEST: Final = 42


@dataclass(frozen=True)
class Chart:
    """A figure with what is needed to read it without seeing it.

    Attributes:
        name: unique on its page.
        title: what it shows, in a sentence.
        figure: Plotly's.
        headings: of the table with the same numbers.
        cells: its rows.
    """

    name: str
    title: str
    figure: go.Figure
    headings: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]

    def json(self) -> Markup:
        """The figure for a script element: no text within it can end the element."""
        told = str(self.figure.to_json())
        escaped = told.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
        return Markup(escaped)  # noqa: S704  # JSON, whose angle brackets and ampersands are escaped above


def history(rows: Sequence[Row], title: str) -> Chart:
    """Score over time; rows: as_of_date, score, grade, model_id."""
    figure = _figure(
        go.Scatter(
            x=[row["as_of_date"] for row in rows],
            y=[row["score"] for row in rows],
            mode="lines+markers",
            line={"color": MAIN},
            hovertemplate="%{x|%Y-%m-%d}: %{y}<extra></extra>",
        )
    )
    figure.update_yaxes(range=[0, 100], title="score")
    figure.update_xaxes(tickformat="%Y-%m-%d", nticks=6)
    if len(rows) <= _FEW:
        figure.update_xaxes(tickvals=[row["as_of_date"].isoformat() for row in rows])
    cells = [
        (formats.day(row["as_of_date"]), str(row["score"]), formats.text(row["grade"]), formats.text(row["model_id"]))
        for row in rows
    ]
    return Chart("history", title, figure, ("Day", "Score", "Grade", "Version of the model"), tuple(cells))


def calibration(rows: Sequence[Row]) -> Chart:
    """Promised against realised share; rows of the curve ``calibration``."""
    figure = _figure(_diagonal(), _line([row["promised"] for row in rows], [row["realised"] for row in rows]))
    _shares(figure, "promised", "came true")
    cells = [
        (formats.share(row["promised"], 1), formats.share(row["realised"], 1), formats.count(row["records"]))
        for row in rows
    ]
    title = "Calibration: what was promised, and what came true. On the dotted line promises hold exactly."
    return Chart("calibration", title, figure, ("Promised", "Came true", "Records"), tuple(cells))


def gains(rows: Sequence[Row], records: str) -> Chart:
    """Share of wanted outcomes captured by the best records; rows of the curve ``gains``."""
    drawn = [0.0, *(row["position"] / len(rows) for row in rows)]
    figure = _figure(_diagonal(), _line(drawn, [0.0, *(row["captured"] for row in rows)]))
    _shares(figure, f"best {records}", "of all wanted outcomes")
    cells = [
        (
            formats.share(row["position"] / len(rows)),
            formats.share(row["realised"], 1),
            formats.times(row["lift"]),
            formats.share(row["captured"], 1),
        )
        for row in rows
    ]
    title = f"Gains: how many of all wanted outcomes the best {records} hold. The dotted line is drawing at random."
    headings = (f"Best {records}, down to", "Rate in this tenth", "Lift", "Of all wanted outcomes, down to here")
    return Chart("gains", title, figure, headings, tuple(cells))


def lift(rows: Sequence[Row], records: str) -> Chart:
    """Lift of each tenth; rows of the curve ``gains``, whose table has these numbers."""
    bars = go.Bar(
        x=[f"{row['position']}" for row in rows],
        y=[row["lift"] for row in rows],
        marker={"color": [MAIN if row["lift"] >= 1 else OTHER for row in rows]},
        hovertemplate="tenth %{x}: %{y:.2f}×<extra></extra>",
    )
    figure = _figure(bars)
    figure.add_hline(y=1, line={"color": OTHER, "dash": "dot"})
    figure.update_xaxes(title=f"tenth of the {records}, best first", type="category")
    figure.update_yaxes(title="lift")
    cells = [(str(row["position"]), formats.times(row["lift"])) for row in rows]
    title = f"Lift: the rate of each tenth of the {records}, by the overall rate."
    return Chart("lift", title, figure, ("Tenth, best first", "Lift"), tuple(cells))


def rates(name: str, attribute: str, rows: Sequence[Row]) -> Chart:
    """A bar per value against the overall rate; rows of ``attribute_values`` of one attribute."""
    known = [row for row in rows if row["rate"] is not None]
    overall = rows[0]["rate_overall"]
    bars = go.Bar(
        x=[row["rate"] for row in known],
        y=[_cut(row["value"]) for row in known],
        orientation="h",
        marker={"color": [GOOD if row["rate"] >= overall else BAD for row in known]},
        hovertemplate="%{y}: %{x:.0%}<extra></extra>",
    )
    figure = _figure(bars)
    figure.add_vline(x=overall, line={"color": MAIN, "dash": "dot"})
    figure.update_xaxes(tickformat=".0%", rangemode="tozero", nticks=6)
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_layout(height=90 + _BAR * max(1, len(known)))
    cells = [
        (row["value"], formats.count(row["records"]), formats.share(row["rate"]), formats.text(row["difference"]))
        for row in rows
    ]
    title = f"{attribute}: the rate of each value; the dotted line is that of all, {formats.share(overall)}."
    return Chart(name, title, figure, ("Value", "Records", "Rate", "Against all"), tuple(cells))


def realised(rows: Sequence[Row]) -> Chart:
    """Promised against realised share by month; rows of ``model_realised``."""
    months = [f"{row['month']:%Y-%m}" for row in rows]
    figure = _figure(
        go.Bar(x=months, y=[row["promised_rate"] for row in rows], name="promised", marker={"color": OTHER}),
        go.Bar(x=months, y=[row["realised_rate"] for row in rows], name="came true", marker={"color": MAIN}),
    )
    figure.update_layout(barmode="group", showlegend=True, legend={"orientation": "h", "y": 1.12})
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    figure.update_xaxes(type="category")
    cells = [
        (
            month,
            formats.count(row["records"]),
            f"{formats.share(row['promised_rate'], 1)} / {formats.share(row['realised_rate'], 1)}",
            f"{formats.number(row['promised_auc'])} / {formats.number(row['realised_auc'])}",
            f"{formats.number(row['promised_brier'])} / {formats.number(row['realised_brier'])}",
        )
        for month, row in zip(months, rows, strict=True)
    ]
    title = "Promised and realised share of wanted outcomes, by the month of the scores."
    return Chart("realised", title, figure, ("Month", "Records", "Rate", "AUC", "Brier"), tuple(cells))


def _figure(*traces: Any) -> go.Figure:
    figure = go.Figure(list(traces))
    figure.update_layout(
        template="none",
        height=_HEIGHT,
        showlegend=False,
        margin={"l": 8, "r": 12, "t": 12, "b": 8},
        dragmode=False,
    )
    figure.update_xaxes(automargin=True, fixedrange=True)
    figure.update_yaxes(automargin=True, fixedrange=True)
    return figure


def _line(x: Sequence[float], y: Sequence[float]) -> go.Scatter:
    told = "%{x:.0%}, %{y:.0%}<extra></extra>"
    return go.Scatter(x=x, y=y, mode="lines+markers", line={"color": MAIN}, hovertemplate=told)


def _diagonal() -> go.Scatter:
    return go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line={"color": OTHER, "dash": "dot"}, hoverinfo="skip")


def _shares(figure: go.Figure, x: str, y: str) -> None:
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%", title=x)
    figure.update_yaxes(range=[0, 1.04], tickformat=".0%", title=y)


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
