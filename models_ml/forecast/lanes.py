"""What the lanes of one day's forecast hand to one another: files, so that a lane needs no warehouse.

In ``<data>/forecast/<day>/``, ``plan.json`` lists the managers, ``series/<key>.parquet`` is what a lane reads and
``lanes/<key>.json`` what it leaves. A lane's file names the fingerprint of the series and settings it was made from:
one left over from other numbers is told apart and never collected.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from config.errors import ContractBroken
from config.workspace import Workspace
from models_ml.forecast.backtest import PastForecast
from models_ml.forecast.series import ManagerSeries, PeriodName


@dataclass(frozen=True)
class PlannedManager:
    """A manager in the plan of a day. ``fingerprint`` is that of the series, see ``ManagerSeries``."""

    manager_id: str
    manager_name: str
    weeks: int
    is_enough: bool
    fingerprint: str


@dataclass(frozen=True)
class Expected:
    """What a lane expects of one period: amounts won and predicted, and the unit its error is measured in."""

    period: PeriodName
    won_to_date_amount: float
    predicted_amount: float
    scale_amount: float


@dataclass(frozen=True)
class LaneResult:
    """What a lane leaves: what it expects of both periods, and its forecasts from past weeks."""

    manager_id: str
    expected: tuple[Expected, ...]
    past: tuple[PastForecast, ...]


class DayFolder:
    """The forecast files of one as-of day."""

    def __init__(self, workspace: Workspace, as_of: date) -> None:
        self._folder = workspace.data.forecast / as_of.isoformat()
        self._settings = f"{workspace.config.forecast!r}|{workspace.config.organisation.fiscal_year!r}"
        self._as_of = as_of

    def start(self, planned: Iterable[PlannedManager], series: Iterable[ManagerSeries]) -> None:
        """Begin the day anew: plan and series appear together or not at all, and no earlier lane's file remains."""
        fresh = self._folder.with_name(f"{self._folder.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        for part in ("series", "lanes"):
            (fresh / part).mkdir(parents=True)
        for one in series:
            _write_series(one, fresh / "series" / f"{_key(one.manager_id)}.parquet")
        (fresh / "plan.json").write_text(json.dumps([asdict(manager) for manager in planned], indent=1))
        shutil.rmtree(self._folder, ignore_errors=True)
        fresh.replace(self._folder)

    def plan(self) -> list[PlannedManager]:
        """The managers of the day.

        Raises:
            ContractBroken: where no series were written for the day.
        """
        path = self._folder / "plan.json"
        if not path.is_file():
            raise ContractBroken(
                f"{path}: there are no series of {self._as_of} yet. Run the DAG forecast_weekly, or "
                f"'sales-insights forecast --as-of {self._as_of}', which write them first."
            )
        return [PlannedManager(**entry) for entry in json.loads(path.read_text())]

    def read_series(self, manager_id: str) -> ManagerSeries:
        """A manager's series.

        Raises:
            ContractBroken: where the day's plan has no lane for that manager.
        """
        lanes = [manager for manager in self.plan() if manager.is_enough]
        if manager_id not in {manager.manager_id for manager in lanes}:
            raise ContractBroken(
                f"{self._folder}: the plan of {self._as_of} has no lane for manager '{manager_id}'; it has "
                f"{', '.join(manager.manager_id for manager in lanes) or 'none at all'}. Name one of these."
            )
        return _read_series(self._folder / "series" / f"{_key(manager_id)}.parquet")

    def write_lane(self, series: ManagerSeries, result: LaneResult) -> None:
        """Leave a lane's result; a kill leaves either the whole file or none."""
        path = self._lane_file(series.manager_id)
        content = {"made_from": self._made_from(series.fingerprint), **asdict(result)}
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(content, default=date.isoformat, indent=1))
        part.replace(path)

    def read_lanes(self) -> list[LaneResult]:
        """The results of all lanes of the plan.

        Raises:
            ContractBroken: where a lane has not run, or ran on other numbers or settings than the plan's.
        """
        lanes = [manager for manager in self.plan() if manager.is_enough]
        found = {manager.manager_id: self._read_lane(manager) for manager in lanes}
        missing = [manager.manager_name for manager in lanes if found[manager.manager_id] is None]
        if missing:
            raise ContractBroken(
                f"{self._folder}: no forecast from the series and settings of {self._as_of} for: {', '.join(missing)}. "
                f"Run 'sales-insights forecast --as-of {self._as_of}' again, or clear these lanes in Airflow."
            )
        return [result for result in found.values() if result is not None]

    def _read_lane(self, manager: PlannedManager) -> LaneResult | None:
        path = self._lane_file(manager.manager_id)
        if not path.is_file():
            return None
        content: dict[str, Any] = json.loads(path.read_text())
        if content["made_from"] != self._made_from(manager.fingerprint):
            return None
        return LaneResult(
            manager.manager_id,
            tuple(Expected(**entry) for entry in content["expected"]),
            tuple(
                PastForecast(**entry | {"origin_week": date.fromisoformat(entry["origin_week"])})
                for entry in content["past"]
            ),
        )

    def _lane_file(self, manager_id: str) -> Path:
        return self._folder / "lanes" / f"{_key(manager_id)}.json"

    def _made_from(self, series_fingerprint: str) -> str:
        return _key(f"{series_fingerprint}|{self._settings}")


def _key(text: str) -> str:
    """A file name for a manager id, which may hold any character."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _write_series(series: ManagerSeries, path: Path) -> None:
    metadata = {
        "manager_id": series.manager_id,
        "manager_name": series.manager_name,
        "first_week": series.first_week.isoformat(),
    }
    table = pa.table({"won_amount": series.daily}).replace_schema_metadata(metadata)
    pq.write_table(table, path)


def _read_series(path: Path) -> ManagerSeries:
    table = pq.read_table(path)
    text = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    return ManagerSeries(
        text["manager_id"],
        text["manager_name"],
        date.fromisoformat(text["first_week"]),
        table.column("won_amount").to_numpy(),
    )
