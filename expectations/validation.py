"""Great Expectations, inside the database: suites in, one outcome per expectation out, and the pages people read.

It runs on a second cursor of the connection that is given: nothing is opened twice, and only counts leave the
database.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import duckdb

from config.errors import ContractBroken
from expectations.expectation import ROWS, Expectation
from expectations.subject import Subject

_COUNTS_ONLY: Final = {"result_format": "BASIC", "partial_unexpected_count": 0}
_BATCH: Final = "{batch}"
_PARAMETER: Final = re.compile(r"(?<![:\w\\]):(?=\w)")
"""A colon that SQLAlchemy would read as the start of a parameter's name."""


class _Dialect(StrEnum):
    """A dialect by the name that SQLAlchemy gives it, in the form in which Great Expectations lists its own."""

    DUCKDB = "duckdb"


@dataclass(frozen=True)
class Outcome:
    """How one expectation fared: how many rows (or findings) broke it."""

    expectation: Expectation
    rows_failed: int

    @property
    def success(self) -> bool:
        """Whether nothing broke it."""
        return self.rows_failed == 0


@dataclass(frozen=True)
class Validated:
    """A table and how each of its expectations fared, in the order of its suite."""

    subject: Subject
    rows_checked: int
    outcomes: Sequence[Outcome]


def validate(
    connection: duckdb.DuckDBPyConnection, checks: Sequence[tuple[Subject, Sequence[Expectation]]], pages: Path
) -> list[Validated]:
    """Run the expectations of every table and write pages about them into the folder ``pages``, which is replaced.

    Raises:
        ContractBroken: where an expectation could not be evaluated at all.
    """
    with _replaced(pages) as folder, _context(connection, folder) as (context, datasource):
        validated = [_validate_table(context, datasource, connection, *check) for check in checks]
        context.build_data_docs()
    return validated


@contextmanager
def _context(connection: duckdb.DuckDBPyConnection, pages: Path) -> Iterator[tuple[Any, Any]]:
    """Great Expectations over the connection; closed at the end, so that the warehouse can be opened again."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)  # it tells of every default it takes
    gx: Any = importlib.import_module("great_expectations")  # takes seconds: only who checks pays for it
    wrapper = importlib.import_module("duckdb_engine").ConnectionWrapper
    _read_before_closing()
    context = gx.get_context(mode="ephemeral", project_config=_settings(pages))
    datasource = context.data_sources.add_sql(
        name="warehouse",
        connection_string="duckdb:///:memory:",  # what it says is not opened: the creator below is
        create_temp_table=False,
        kwargs={"creator": lambda: wrapper(connection.cursor())},
    )
    try:
        yield context, datasource
    finally:
        datasource.get_execution_engine().engine.dispose()
        datasource.get_engine().dispose()


def _read_before_closing() -> None:
    """Great Expectations closes a connection before it reads the rows, except for the dialects on a list of its own.

    DuckDB must be on it. The list is private: the version is pinned, and a test fails when the name is gone.
    """
    engine: Any = importlib.import_module("great_expectations.execution_engine.sqlalchemy_execution_engine")
    if _Dialect.DUCKDB not in engine._PERSISTED_CONNECTION_DIALECTS:
        engine._PERSISTED_CONNECTION_DIALECTS = (*engine._PERSISTED_CONNECTION_DIALECTS, _Dialect.DUCKDB)


def _validate_table(
    context: Any,
    datasource: Any,
    connection: duckdb.DuckDBPyConnection,
    subject: Subject,
    expectations: Sequence[Expectation],
) -> Validated:
    gx: Any = importlib.import_module("great_expectations")
    asset = datasource.add_query_asset(name=subject.table, query=subject.rows)
    suite = context.suites.add(
        gx.ExpectationSuite(name=subject.table, expectations=[_as_gx(expectation) for expectation in expectations])
    )
    definition = gx.ValidationDefinition(
        name=subject.table, data=asset.add_batch_definition_whole_table("rows"), suite=suite
    )
    result = context.validation_definitions.add(definition).run(result_format=_COUNTS_ONLY)
    by_name = {found.expectation_config.meta["name"]: found for found in result.results}
    outcomes = [Outcome(each, _failed(subject, each, by_name[each.name])) for each in expectations]
    row = connection.execute(f"select count(*) from ({subject.rows})").fetchone()
    return Validated(subject, int(row[0]) if row else 0, outcomes)


def _as_gx(expectation: Expectation) -> Any:
    """The expectation as Great Expectations' own type where it has one, else as its query for unexpected rows."""
    gxe: Any = importlib.import_module("great_expectations.expectations")
    words = {
        "description": expectation.name,
        "severity": "warning" if expectation.severity == "warning" else "critical",
        "meta": {"name": expectation.name},
    }
    if expectation.type is not None:
        return getattr(gxe, expectation.type)(**expectation.arguments, **words)
    query = expectation.failing.replace("{", "{{").replace("}", "}}").replace("{" + ROWS + "}", _BATCH)
    query = _PARAMETER.sub(r"\\:", query)
    return gxe.UnexpectedRowsExpectation(unexpected_rows_query=query, **words)


def _failed(subject: Subject, expectation: Expectation, result: Any) -> int:
    if not result.result:
        raise ContractBroken(
            f"{subject.table}: '{expectation.name}' could not be evaluated: {_first_line(result.exception_info)}. "
            "Build the layer again; if it stays, mend the suite in expectations/suites/."
        )
    count = result.result.get("unexpected_count", result.result.get("observed_value"))
    return int(count or 0)  # of a table without rows some types say None


def _first_line(exception_info: Any) -> str:
    """What went wrong, out of the tracebacks that are handed over with it, one per metric."""
    infos = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    return str(infos[0]["exception_message"]).splitlines()[0]


def _settings(pages: Path) -> Any:
    """Everything in memory but the pages."""
    types: Any = importlib.import_module("great_expectations.data_context.types.base")
    return types.DataContextConfig(
        store_backend_defaults=types.InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars={"globally": False},
        analytics_enabled=False,
        data_docs_sites={
            "checks": {
                "class_name": "SiteBuilder",
                "show_how_to_buttons": False,
                "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(pages)},
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            }
        },
    )


@contextmanager
def _replaced(folder: Path) -> Iterator[Path]:
    """A new folder to write into, which takes the place of the old one at the end."""
    new = folder.with_name(f".{folder.name}-new")
    shutil.rmtree(new, ignore_errors=True)  # what a run that was killed has left
    new.mkdir(parents=True)
    yield new
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
