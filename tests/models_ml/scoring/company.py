"""A hand-made company: features and labels of leads with a known signal, written straight into a warehouse."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from mlflow import MlflowClient

from config.workspace import Workspace
from warehouse.connection import open_warehouse

DAY = date(2026, 6, 30)
HORIZON = 60


def make_leads(records: int = 900, seed: int = 7, *, strength: float = 1.5, span_days: int = 700) -> pd.DataFrame:
    """One row per lead, oldest first: attributes, ``outcome`` as known on the day, ``created``, ``closed`` (days before
    the day, negative: later). ``strength`` scales what the attributes say about the outcome; 0 is no signal."""
    random = np.random.default_rng(seed)
    created = np.sort(random.integers(0, span_days, records))[::-1]
    source = random.choice(["fair", "web", "referral"], records)
    size = random.lognormal(3, 1, records)
    effect = pd.Series(source).map({"fair": -1.0, "web": 0.0, "referral": 1.0}).to_numpy()
    logit = strength * (effect + 0.8 * (np.log(size) - 3)) - 0.2
    positive = random.random(records) < 1 / (1 + np.exp(-logit))
    closed = created - random.integers(3, 50, records)
    return pd.DataFrame(
        {
            "record_id": [f"L{number:05d}" for number in range(records)],
            "created": created,
            "closed": closed,
            "outcome": np.where(closed < 0, "open", np.where(positive, "positive", "negative")),
            "source": source,
            "size": np.where(random.random(records) < 0.1, np.nan, size),
            "noise": random.normal(size=records),
            "Colour": pd.Series(["red", "blue", None]).iloc[random.integers(0, 3, records)].to_numpy(),
        }
    )


def write_leads(
    workspace: Workspace,
    leads: pd.DataFrame,
    ages: tuple[int, ...] = (0, 7),
    day: date = DAY,
    model_names: tuple[str, ...] = ("LeadScoring",),
) -> None:
    """Write ``features.feat_lead`` and ``features.label_lead`` as the contract has them.

    Columns of ``leads`` that begin with a capital are custom, the other unknown ones are features.
    """
    today = pd.Timestamp(day)
    leads = leads.assign(
        created_at=today - pd.to_timedelta(leads["created"], "D"),
        closed_at=today - pd.to_timedelta(leads["closed"], "D"),
    )
    leads.loc[leads["outcome"] == "open", "closed_at"] = pd.NaT
    parts = [leads.assign(as_of_date=leads["created_at"] + pd.Timedelta(days=age), age_days=age) for age in ages]
    current = leads[leads["outcome"] == "open"].assign(as_of_date=today)
    rows = pd.concat([*parts, current.assign(age_days=current["created"])])
    was_open = rows["closed_at"].isna() | (rows["closed_at"] >= rows["as_of_date"] + pd.Timedelta(days=1))
    rows = rows[was_open & (rows["as_of_date"] <= today)].drop_duplicates(["record_id", "as_of_date"])
    _write(workspace, rows, today, model_names)


def _write(workspace: Workspace, rows: pd.DataFrame, today: pd.Timestamp, model_names: tuple[str, ...]) -> None:
    custom = [name for name in rows.columns if name[0].isupper()]
    meta = ["record_id", "created", "closed", "outcome", "created_at", "closed_at", "as_of_date"]
    features = [name for name in rows.columns if name not in meta and name not in custom]
    end = rows["as_of_date"] + pd.Timedelta(days=HORIZON)
    feat = pd.DataFrame(
        {
            "record_id": rows["record_id"],
            "as_of_date": rows["as_of_date"].dt.date,
            "created_at": rows["created_at"],
            "record_order": pd.array([None] * len(rows), dtype="Int64"),
            "date_precision": "day",
            "is_open": True,
            "is_current": (rows["as_of_date"] == today) & (rows["outcome"] == "open"),
            "is_hindsight": True,
        }
        | {name: rows[name] for name in features}
    )
    won = (rows["outcome"] == "positive") & (rows["closed_at"] < end + pd.Timedelta(days=1))
    censored = end > today
    label = pd.DataFrame(
        {
            "record_id": rows["record_id"],
            "as_of_date": rows["as_of_date"].dt.date,
            "label": won.astype("boolean").mask(censored),
            "outcome": rows["outcome"],
            "closed_at": rows["closed_at"],
            "label_known_on": end.dt.date,
            "censored_because": pd.Series("younger than the horizon", rows.index, dtype=object).where(censored, None),
        }
    )
    label = pd.concat([label.assign(model_name=name) for name in model_names])
    with open_warehouse(workspace) as connection:
        connection.execute("create schema if not exists features")
        own = pa.table({"custom": _own(rows[custom])})  # all three are read by name
        connection.execute("create or replace table features.feat_lead as from feat positional join own")
        connection.execute("create or replace table features.label_lead as from label")
        del own, feat
        connection.execute("insert or replace into ops.days values (?, ?)", [today.date(), today])


def _own(rows: pd.DataFrame) -> pa.Array:
    """Each row as a struct of texts; an empty boolean where there are no columns, as the features have it."""
    if rows.columns.empty:
        return pa.nulls(len(rows), pa.bool_())
    texts = [pa.array(rows[name].astype(object).map(str).where(rows[name].notna(), None)) for name in rows.columns]
    return pa.StructArray.from_arrays([each.cast(pa.string()) for each in texts], list(rows.columns))


def make_store(folder: Path) -> Path:
    """An MLflow database with its tables and nothing else; making one takes seconds, copying it does not."""
    MlflowClient(f"sqlite:///{folder / 'mlflow.db'}").search_experiments()
    return folder / "mlflow.db"


def give_store(workspace: Workspace, store: Path) -> Workspace:
    """Copy the empty store into a workspace."""
    workspace.data.mlflow.mkdir(parents=True, exist_ok=True)
    shutil.copy(store, workspace.data.mlflow / "mlflow.db")
    return workspace


def rows_of(workspace: Workspace, query: str) -> list[tuple[Any, ...]]:
    """What a query finds in the warehouse."""
    with open_warehouse(workspace) as connection:
        return connection.execute(query).fetchall()
