"""An executor whose workers have the libraries already: a task begins in a second instead of five.

Not a DAG (see ``.airflowignore``). Airflow's LocalExecutor forks its workers from the scheduler, and these fork a
process per task. What the scheduler has imported before, they all have, in memory that they share.
"""

from __future__ import annotations

import importlib
from typing import Final

from airflow.executors.local_executor import LocalExecutor

LIBRARIES: Final = (
    "airflow.providers.standard.operators.hitl",
    "dbt.adapters.duckdb",
    "dbt.cli.main",
    "great_expectations",
    "lightgbm",
    "mlflow.pyfunc",
    "prophet",
)
"""What verbs import and what takes long to import; nothing of the project's own, so that an edit holds at once."""


class WarmExecutor(LocalExecutor):
    """The LocalExecutor, started once the libraries are there."""

    def start(self) -> None:
        """Import the libraries, then fork the workers."""
        for library in LIBRARIES:
            importlib.import_module(library)
        super().start()
