"""A small published day made by hand: every mart as its contract has it, filled with what pages have to cope with."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

import duckdb
import yaml

from config.workspace import PROJECT, Workspace
from warehouse.connection import open_warehouse
from warehouse.publish import publish

DAY: Final = date(2026, 6, 30)
LATER: Final = DAY + timedelta(days=1)
SCRIPT: Final = "<script>document.title='taken'</script>"
"""The name of a lead."""

ODD_KEY: Final = "a/b?c=1&d #e"
"""The key of a lead, with all that means something in an address."""

_MODEL: Final = {"score_name": "lead", "model_name": "LeadScoring"}
_VERSION: Final = _MODEL | {"model_id": "m2", "as_of_date": DAY, "is_in_use": True}
_SCORED: Final = {
    "grade": "B",
    "trend": "Steady",
    "previous_score": 50,
    "percentile": 60,
    "method": "model",
    "model_name": "LeadScoring",
    "model_id": "m2",
    "horizon_days": 60,
    "as_of_date": DAY,
    "created_at": datetime(2026, 6, 1, 8),
    "currency": "EUR",
}


def publish_company(workspace: Workspace) -> None:
    """Write the marts as dbt would have, and publish them."""
    with open_warehouse(workspace) as connection:
        connection.execute("create schema if not exists marts")
        for path in sorted((PROJECT / "dbt_project" / "models" / "marts").glob("*.yml")):
            for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
                columns = ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
                connection.execute(f"create or replace table marts.{model['name']} ({columns})")
        for table, rows in _marts().items():
            for row in rows:
                _insert(connection, f"marts.{table}", row)
        connection.execute("insert or replace into ops.days values (?, now()::timestamp)", [DAY])
        _insert(connection, "ops.build_results", {"as_of_date": DAY, "layer": "marts", "status": "success"})
    publish(workspace, as_of=DAY)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, row: dict[str, Any]) -> None:
    named = ", ".join(f"${name}" for name in row)
    connection.execute(f"insert into {table} ({', '.join(row)}) values ({named})", row)


def _marts() -> dict[str, list[dict[str, Any]]]:
    return {
        "lead_scores": _leads(),
        "opportunity_scores": _opportunities(),
        "score_runs": _runs(),
        "score_reasons": _reasons(),
        "score_history": _history(),
        "score_grades": _grades(),
        "model_performance": _versions(),
        "model_accuracy": _accuracy(),
        "model_curves": _curves(),
        "model_attributes": _attributes(),
    } | _more_marts()


def _more_marts() -> dict[str, list[dict[str, Any]]]:
    return {
        "score_overrides": [
            {"score_name": "lead", "record_id": "L001", "override_score": 90, "override_grade": "A"}
            | {
                "override_by": "Ann <b>Field</b>",
                "override_at": datetime(2026, 6, 30, 9),
                "override_why": "She called.",
            }
            | {"override_from": DAY}
        ],
        "held_out_scores": [
            {"score_name": "lead", "model_name": "LeadScoring", "model_id": "m2", "score": score, "records": 10.0}
            | {"positive_records": score / 10}
            for score in range(5, 96)
        ],
        "attribute_values": [
            _VERSION_KEY
            | {"attribute": "source", "position": position, "value": value, "records": 100, "rate": rate}
            | {"rate_overall": 0.4, "difference_points": 100 * rate - 40, "difference": "so many points"}
            for position, (value, rate) in enumerate([("Web", 0.3), ("Fair & <Show>", 0.64)])
        ],
        "model_drift": [
            _VERSION
            | {"is_newest": True, "aspect": "input", "attribute": "source", "status": "drifting", "effect": 0.4}
            | {"because": "'Web' rose from 20 % to 61 %."}
        ],
        "model_stages": [
            _VERSION
            | {"stage": "Propose", "position": 1, "positive_records": 90, "negative_records": 120}
            | {"scored_by": "own", "because": "It ranks better there."}
        ],
        "model_realised": [
            _VERSION_KEY
            | {"month": date(2026, month, 1), "records": 80, "promised_auc": 0.77, "realised_auc": 0.74}
            | {"promised_rate": 0.4, "realised_rate": 0.36, "promised_brier": 0.2, "realised_brier": 0.21}
            for month in (3, 4)
        ],
    }


_VERSION_KEY: Final = _MODEL | {"model_id": "m2"}


def _leads() -> list[dict[str, Any]]:
    rows = [
        _SCORED
        | {"lead_id": f"L{number:03d}", "full_name": f"Lead {number:03d}", "company_name": "Acme"}
        | {"owner_id": f"u{number % 3}", "owner_name": f"Owner {number % 3}", "topic": "Pumps", "source": "Web"}
        | {"score": 90 - number // 2, "probability": (90 - number / 2) / 100, "status_reason": "New"}
        | {"grade": "A" if number < 61 else "B", "estimated_amount": 1000.0 * number}
        for number in range(120)
    ]
    rows[0] |= {
        "full_name": SCRIPT,
        "topic": SCRIPT,
        "score": 60,
        "probability": 0.6,
        "moved": "Up 10 since 2026-06-29",
    }
    rows[0] |= {"trend": "Improving"}
    rows[1] |= {"override_score": 90, "override_grade": "A"}
    rows[2] |= {"lead_id": ODD_KEY, "full_name": None}
    return rows


def _opportunities() -> list[dict[str, Any]]:
    base_rate = {
        "method": "base rate",
        "model_id": None,
        "model_name": "OpportunityScoring",
        "trend": "Not enough info",
    }
    return [
        _SCORED
        | base_rate
        | {"opportunity_id": "O1", "name": "Pumps for Acme", "account_name": "Acme", "score": 41}
        | {"probability": 0.41, "horizon_days": None, "previous_score": None, "percentile": 0, "owner_id": "u1"}
    ]


def _runs() -> list[dict[str, Any]]:
    counts = {f"grade_{grade}_records": 30 for grade in "abcd"}
    at = {"as_of_date": DAY, "scored_at": datetime(2026, 6, 30, 23)}
    return [
        _VERSION_KEY
        | at
        | counts
        | {"method": "model", "open_records": 120, "records_scored": 120, "because": "By m2."},
        {"score_name": "opportunity", "model_name": "OpportunityScoring", "method": "base rate", "open_records": 1}
        | at
        | counts
        | {"records_scored": 1, "because": "Only 12 opportunities are decided, 40 are needed."},
    ]


def _reasons() -> list[dict[str, Any]]:
    parts = [9.5, 7.0, 4.0, 3.0, 2.5, 1.5, -3.0, -2.0, -1.5, -1.0, -0.5, -0.4]
    return [
        {
            "score_name": "lead",
            "record_id": "L000",
            "as_of_date": DAY,
            "model_id": "m2",
            "score": 60,
            "base_points": 40.9,
        }
        | {
            "attribute": f"attribute_{number}",
            "value": "Finance",
            "points": points,
            "records": 120,
            "explained_on": DAY,
        }
        | {"direction": "positive" if points > 0 else "negative", "rank": number + 1 if points > 0 else number - 5}
        | {"sentence": f"Reason {number}: 64 % of such leads are qualified within 60 days, 38 % overall"}
        | {"rate": 0.64, "rate_overall": 0.38}
        for number, points in enumerate(parts)
    ]


def _history() -> list[dict[str, Any]]:
    days = [(DAY - timedelta(days=back), 60 - 5 * back) for back in (2, 1, 0)]
    return [
        {"score_name": "lead", "record_id": key, "as_of_date": day, "score": score, "grade": "B", "model_id": "m2"}
        for key, last in (("L000", 0), ("gone", 2))
        for day, score in days
        if (DAY - day).days >= last
    ]


def _grades() -> list[dict[str, Any]]:
    ranges = {"A": (60, 100, "green"), "B": (40, 59, "purple"), "C": (20, 39, "yellow"), "D": (0, 19, "red")}
    return [
        {"score_name": score, "model_name": model, "as_of_date": DAY, "grade": grade, "minimum": low, "maximum": high}
        | {"colour": colour, "source": "configured", "because": "Set by an administrator.", "open_records": 1}
        for score, model in (("lead", "LeadScoring"), ("opportunity", "OpportunityScoring"))
        for grade, (low, high, colour) in ranges.items()
    ]


def _versions() -> list[dict[str, Any]]:
    told: dict[str, Any] = {"auc": 0.77, "auc_low": 0.7, "auc_high": 0.83, "brier": 0.19, "calibration_error": 0.02}
    told |= {"base_rate": 0.4}
    told |= {"training_records": 900, "holdout_records": 180, "trained_at": datetime(2026, 6, 30, 22)}
    drifts = {"drift_status": "drifting", "drifting_since": DAY, "standing_verdict": "OK to publish"}
    drifts |= {"drift_because": "source: 'Web' rose from 20 % to 61 %. Look at it, or train again."}
    in_use = drifts | {
        "status": "champion",
        "verdict": "Ready to publish",
        "weaknesses": "Leads with source = Web: AUC 0.51.",
    }
    old = {"model_id": "m1", "as_of_date": date(2026, 5, 1), "is_in_use": False, "status": "previous"}
    return [
        _VERSION | told | in_use | {"because": "The lower bound of its AUC on the newest records is 0.700."},
        _VERSION | told | old | {"verdict": "OK to publish", "because": "The lower bound of its AUC is 0.600."},
    ]


def _accuracy() -> list[dict[str, Any]]:
    full = {
        "pr_auc": 0.7,
        "brier": 0.19,
        "log_loss": 0.56,
        "calibration_error": 0.02,
        "threshold": 39,
        "accuracy": 0.75,
    }
    full |= {"true_positive": 650, "false_positive": 200, "true_negative": 100, "false_negative": 50, "f1": 0.84}
    full |= {"recall": 0.92857, "precision": 0.76, "conversion_rate": 0.7, "mean_probability": 0.41}
    brief = {"mean_probability": 0.4, "base_rate": 0.38}
    parts = [("holdout", "", full, 0.77), ("logistic regression", "", full, 0.75), ("base rate", "", full, 0.5)]
    parts += [("active model", "", full, 0.72), ("holdout", "new to the active model", full, 0.78)]
    parts += [("random split", "", brief, 0.93), ("window", "1", brief, 0.76), ("window", "holdout", brief, 0.77)]
    parts += [("segment", "source = Web", brief, 0.51), ("segment", "owner_id = u1", brief, 0.8)]
    return [
        _VERSION
        | {"part": part, "group_name": group, "measure": measure, "value": value, "records": 180}
        | ({"low": value - 0.05, "high": value + 0.05} if measure == "auc" else {})
        for part, group, figures, auc in parts
        for measure, value in (figures | {"auc": auc}).items()
    ]


def _curves() -> list[dict[str, Any]]:
    return [
        _VERSION
        | {"curve": curve, "position": place, "promised": place / 10, "realised": place / 11, "records": 18.0}
        | ({"lift": 2 - place / 6, "captured": place / 10} if curve == "gains" else {})
        for curve in ("calibration", "gains")
        for place in range(1, 11)
    ]


def _attributes() -> list[dict[str, Any]]:
    used = {
        "decision": "used",
        "suspected": False,
        "reason": "passed the gate",
        "filled_open": 0.9,
        "filled_closed": 0.8,
    }
    leak = {"attribute": "closing_code", "decision": "excluded by the gate", "suspected": True, "evidence": "AUC .99"}
    leak |= {"reason": "certain leak: it is the outcome under another name"}
    suspected = {"attribute": "owner_id", "suspected": True, "advice": "attributes: {exclude: [{name: owner_id}]}"}
    everywhere = {"stage": ""}
    used, leak = used | everywhere, leak | everywhere
    return [
        _VERSION | used | {"attribute": "source", "stage": "Propose", "influence": "Low", "influence_share": 0.03},
        _VERSION | used | {"attribute": "source", "influence": "Very high", "influence_share": 0.6},
        _VERSION | used | suspected | {"influence": "Low", "influence_share": 0.02},
        _VERSION | leak,
    ]
