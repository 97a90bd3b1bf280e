"""Where one organisation lives on disk: its configuration, its data folder, its input folder.

Every verb takes a ``Workspace``; the command line and the DAGs make it from three environment variables:
``SALES_INSIGHTS_CONFIG`` (a folder of YAML), ``SALES_INSIGHTS_DATA`` (default ``data/``; with a configuration folder of
one's own ``data/<name of that folder>/``, so that two organisations never share a warehouse) and
``SALES_INSIGHTS_INPUT`` (the folder the ``files`` source reads).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from config.errors import ConfigError
from config.load import Config, load_config

PROJECT: Final = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class DataFolder:
    """All that the pipeline keeps, under one folder. Nothing is written outside of it."""

    root: Path

    @property
    def warehouse(self) -> Path:
        """The warehouse, a DuckDB file that one process at a time may open."""
        return self.root / "warehouse" / "warehouse.duckdb"

    @property
    def packages(self) -> Path:
        """What sources have fetched and the warehouse has not yet loaded; one folder per source."""
        return self.root / "packages"

    @property
    def published(self) -> Path:
        """What readers may open: a folder per published run, and ``current``, the link to the newest."""
        return self.root / "published"

    @property
    def forecast(self) -> Path:
        """What the lanes of a forecast hand to one another."""
        return self.root / "forecast"

    @property
    def mlflow(self) -> Path:
        """The MLflow store: registry database and artifacts."""
        return self.root / "mlflow"

    @property
    def models(self) -> Path:
        """Copies of the models in use, which score where the registry does not answer."""
        return self.root / "models"

    @property
    def data_docs(self) -> Path:
        """Great Expectations' pages about the last checks."""
        return self.root / "data_docs"

    @property
    def dbt(self) -> Path:
        """dbt's compiled SQL and logs."""
        return self.root / "dbt"

    @property
    def airflow(self) -> Path:
        """``AIRFLOW_HOME``."""
        return self.root / "airflow"

    @property
    def demo(self) -> Path:
        """The demo organisation's exported files."""
        return self.root / "demo"


@dataclass(frozen=True)
class Workspace:
    """One organisation: what is configured, and where its data are.

    ``config_folder`` is the organisation's own folder of YAML; None where only the shipped one is used.
    """

    config: Config
    data: DataFolder
    input_folder: Path
    config_folder: Path | None = None

    @classmethod
    def open(cls, environment: Mapping[str, str] = os.environ) -> Workspace:
        """The workspace that the environment names.

        Raises:
            ConfigError: where the configuration has mistakes.
        """
        named = environment.get("SALES_INSIGHTS_CONFIG")
        folder = Path(named).resolve() if named else None
        config = load_config(folder)
        default = PROJECT / "data" / folder.name if folder else PROJECT / "data"
        data = DataFolder(Path(environment.get("SALES_INSIGHTS_DATA") or default).resolve())
        given = environment.get("SALES_INSIGHTS_INPUT") or config.sources["files"].folder
        return cls(config, data, Path(given).resolve() if given else data.root / "input", folder)

    def day(self, explicit: date | str | None = None) -> date:
        """The as-of day: the one given, else the one in ``organisation.yml``, else today (UTC).

        A day stands for all that was known by its end, 24:00 UTC.

        Raises:
            ConfigError: where the text given is not a date.
        """
        if isinstance(explicit, date):
            return explicit
        if explicit:
            try:
                return date.fromisoformat(explicit)
            except ValueError as error:
                raise ConfigError(f"--as-of {explicit}: not a day; write it as YYYY-MM-DD, e.g. 2026-06-30.") from error
        return self.config.organisation.as_of or datetime.now(UTC).date()
