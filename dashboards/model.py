"""The page of a model: how good a version of it is, on what it rests, what came of it, and its other versions."""

from __future__ import annotations

from typing import Any, Final

from dashboards import charts
from dashboards.kinds import kind_of_score
from dashboards.published import Published, Row
from dashboards.setup import setup
from models_ml.scoring.wording import attribute_words, nouns

_PARTS: Final = {
    "holdout": "This version",
    "logistic regression": "Logistic regression",
    "base rate": "The base rate alone",
}
_ILLUSION: Final = 0.03
"""From this difference in AUC on the random split is called an illusion, as in ``accuracy_report``."""

Figures = dict[tuple[str, str], dict[str, Row]]
"""Part and group to measure to row."""


def model(published: Published, model_name: str, version: str) -> dict[str, Any] | None:
    """A version of a model, the one in use where none is named, else the newest; None where there is no such model."""
    versions = published.rows(
        "select * from model_performance where model_name = $model_name order by as_of_date desc, trained_at desc",
        {"model_name": model_name},
    )
    run = published.row("select * from score_runs where model_name = $model_name", {"model_name": model_name})
    if not versions and run is None:
        return None
    shown = next((row for row in versions if row["model_id"] == version), None) if version else None
    if version and shown is None:
        return None
    chosen = shown or next((row for row in versions if row["is_in_use"]), versions[0] if versions else None)
    score_name = chosen["score_name"] if chosen else run["score_name"] if run else ""
    told = {
        "model_name": model_name,
        "score_name": score_name,
        "kind": kind_of_score(score_name),
        "nouns": nouns(score_name),
        "versions": versions,
        "version": chosen,
        "run": run,
        "setup": setup(published.settings(score_name, model_name)),
        "realised": _realised(published, model_name),
    }
    return told | _accuracy(published, chosen) | _attributes(published, chosen) if chosen else told


def attribute(published: Published, model_name: str, name: str) -> dict[str, Any] | None:
    """An attribute of the version in use: its influence, where it is filled, and the rate of each value."""
    row = published.row(
        "select * from model_attributes where model_name = $model_name and attribute = $name "
        "order by is_in_use desc, as_of_date desc, stage",
        {"model_name": model_name, "name": name},
    )
    if row is None:
        return None
    values = published.rows(
        "select * from attribute_values where model_id = $model_id and attribute = $name order by position",
        {"model_id": row["model_id"], "name": name},
    )
    stages = published.rows(
        "select stage, influence, influence_share from model_attributes "
        "where model_id = $model_id and attribute = $name and stage <> '' order by influence_share desc, stage",
        {"model_id": row["model_id"], "name": name},
    )
    words = attribute_words(name)
    chart = charts.rates("rates", words, values) if values else None
    told = {"row": row, "model_name": model_name, "stages": stages, "nouns": nouns(row["score_name"])}
    return told | {"chart": chart}


def _accuracy(published: Published, version: Row) -> dict[str, Any]:
    key = {"model_id": version["model_id"]}
    figures: Figures = {}
    for row in published.rows("select * from model_accuracy where model_id = $model_id", key):
        figures.setdefault((row["part"], row["group_name"]), {})[row["measure"]] = row
    curves = published.rows("select * from model_curves where model_id = $model_id order by curve, position", key)
    held_out = figures.get(("holdout", ""), {})
    return {
        "held_out": held_out,
        "comparison": _comparison(figures),
        "random": _random(figures),
        "windows": _groups(figures, "window"),
        "segments": _segments(published, figures),
        "members": [(name, rows) for (part, name), rows in figures.items() if part == "member"],
        "charts": _charts(curves, nouns(version["score_name"]).records),
    }


def _comparison(figures: Figures) -> list[tuple[str, dict[str, Row]]]:
    """What the version is compared with, on the same records; what is new to the active model in rows of its own."""
    told = [(words, figures[part, ""]) for part, words in _PARTS.items() if (part, "") in figures]
    fresh = figures.get(("holdout", "new to the active model"))
    active = figures.get(("active model", ""))
    if fresh and active:
        records = f"the {active['auc']['records']:,} records new to both"
        told += [(f"This version, on {records}", fresh), (f"The version then in use, on {records}", active)]
    return told


def _random(figures: Figures) -> dict[str, Any] | None:
    """The random split beside the forward figure: a warning, and louder where it is far from it."""
    drawn = figures.get(("random split", ""), {}).get("auc")
    forward = figures.get(("holdout", ""), {}).get("auc")
    if not drawn or not forward or drawn["value"] is None or forward["value"] is None:
        return None
    is_illusion = drawn["value"] - forward["value"] >= _ILLUSION
    return {"auc": drawn["value"], "forward": forward["value"], "is_illusion": is_illusion}


def _groups(figures: Figures, part: str) -> list[dict[str, Any]]:
    """The measured groups of a part, each with its measures; what could not be judged is left out."""
    found = [
        {"name": name, **rows}
        for (named, name), rows in figures.items()
        if named == part and "auc" in rows and rows["auc"]["value"] is not None
    ]
    return sorted(found, key=lambda group: (group["name"] == "holdout", str(group["auc"]["begins"] or group["name"])))


def _segments(published: Published, figures: Figures) -> list[dict[str, Any]]:
    """Those by value, the best ranked first; owners by their name, where one of them has an open record."""
    owners = published.rows(
        "select owner_id, owner_name from lead_scores where owner_name is not null union "
        "select owner_id, owner_name from opportunity_scores where owner_name is not null"
    )
    names = {row["owner_id"]: row["owner_name"] for row in owners}
    found = sorted(_groups(figures, "segment"), key=lambda group: -group["auc"]["value"])
    for group in found:
        name, _, value = group["name"].partition(" = ")
        shown = names.get(value, value) if name == "owner_id" else value
        group["words"] = f"{attribute_words(name)}: {shown}"
    return found


def _charts(curves: list[Row], records: str) -> list[charts.Chart]:
    calibration = [row for row in curves if row["curve"] == "calibration"]
    gains = [row for row in curves if row["curve"] == "gains" and row["captured"] is not None]
    drawn = [charts.calibration(calibration)] if calibration else []
    return [*drawn, charts.gains(gains, records), charts.lift(gains, records)] if gains else drawn


def _attributes(published: Published, version: Row) -> dict[str, Any]:
    key = {"model_id": version["model_id"]}
    rows = published.rows(
        "select * from model_attributes where model_id = $model_id and stage = '' "
        "order by influence_share desc nulls last, attribute",
        key,
    )
    used = [row for row in rows if row["decision"] in ("used", "kept by the administrator")]
    return {
        "attributes": rows,
        "used": used,
        "unused": [row for row in rows if row not in used],
        "suspected": [row for row in rows if row["suspected"]],
        "stages": published.rows("select * from model_stages where model_id = $model_id order by position", key),
        "drift": published.rows(
            "select * from model_drift where model_id = $model_id and is_newest and aspect <> 'model' "
            "and status in ('moderate', 'drifting') order by status, effect desc",
            key,
        ),
    }


def _realised(published: Published, model_name: str) -> charts.Chart | None:
    rows = published.rows(
        "select * from model_realised where model_name = $model_name order by month, model_id",
        {"model_name": model_name},
    )
    return charts.realised(rows) if rows else None
