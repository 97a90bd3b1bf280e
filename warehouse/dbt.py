"""The SQL layers, built by dbt: one call per layer, in this process, against the warehouse."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from config.errors import ConfigError, ContractBroken
from config.workspace import DataFolder, Workspace
from warehouse.connection import open_warehouse, transaction
from warehouse.day import day_loaded
from warehouse.variables import DBT_PROJECT, Staged, sources_in_use, staged_sources, variables, without_idle

LAYERS: Final = ("staging", "history", "intermediate", "features", "marts")
TARGET: Final = "warehouse"
ARRIVALS: Final = "arrivals"
"""The target for what came after the day was built: see ``warehouse/arrivals.py``."""

_FAILED: Final = frozenset({"error", "fail", "runtime error", "partial success"})
_ENVIRONMENT: Final = {"DO_NOT_TRACK": "true", "DBT_SEND_ANONYMOUS_USAGE_STATS": "False"}


@dataclass(frozen=True)
class NodeResult:
    """What came of one model or test: dbt's status (success, pass, warn, fail, error, skipped) and its words."""

    node: str
    status: str
    seconds: float
    message: str

    @property
    def failed(self) -> bool:
        """Whether the node itself failed; a node skipped because of another did not."""
        return self.status in _FAILED


@dataclass(frozen=True)
class BuildReport:
    """A layer as it was built."""

    layer: str
    as_of: date
    seconds: float
    nodes: tuple[NodeResult, ...]

    def lines(self) -> list[str]:
        """The sum of it, then the three nodes that took longest."""
        models = [node for node in self.nodes if node.status == "success"]
        tests = [node for node in self.nodes if node.status == "pass"]
        slowest = sorted(self.nodes, key=lambda node: -node.seconds)[:3]
        counts = f"{len(models)} tables built and {len(tests)} tests passed"
        return [
            f"{self.layer}: {counts} as of {self.as_of} in {self.seconds:.1f} s",
            *(f"  {node.node}: {node.seconds:.1f} s" for node in slowest),
        ]


def build(workspace: Workspace, layer: str, *, as_of: date | str | None = None) -> BuildReport:
    """Build a layer and run the tests of its tables; what came of each node goes to ``ops.build_results``.

    From the last layer on leads may come within the day: dbt parses for them ahead, so that the first need not wait.

    Args:
        workspace: whose warehouse.
        layer: one of ``LAYERS``. The layers before it must have been built for the same day.
        as_of: the day; None: the day that was loaded last.

    Raises:
        ConfigError: where there is no such layer.
        ContractBroken: where a table could not be built or a test failed; the message names each and what dbt says.
    """
    if layer not in LAYERS:
        raise ConfigError(f"there is no layer '{layer}'; write one of: {', '.join(LAYERS)}.")
    return _build(workspace, layer, [f"path:models/{layer}"], as_of=as_of, target=TARGET, whole=True)


def build_some(
    workspace: Workspace, what: str, selected: Sequence[str], *, as_of: date | str | None = None, target: str = TARGET
) -> BuildReport:
    """Build some models and run their tests; in ``ops.build_results`` only their own rows of ``what`` are replaced.

    Args:
        workspace: whose warehouse.
        what: a layer, or the name that stands for one there.
        selected: dbt's selectors.
        as_of: the day; None: the day that was loaded last.
        target: an output of ``dbt_project/profiles.yml``.

    Raises:
        ContractBroken: where a table could not be built or a test failed; the message names each and what dbt says.
    """
    return _build(workspace, what, selected, as_of=as_of, target=target, whole=False)


def _build(
    workspace: Workspace, what: str, selected: Sequence[str], *, as_of: date | str | None, target: str, whole: bool
) -> BuildReport:
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        staged = staged_sources(sources=sources_in_use(connection, workspace))
    command = ["build", "--select", *selected, "--exclude-resource-type", "unit_test", *without_idle(staged)]
    started = datetime.now(UTC)
    nodes = _run(workspace, day, staged, command, target)
    report = BuildReport(what, day, (datetime.now(UTC) - started).total_seconds(), nodes)
    _record(workspace, report, whole=whole)
    _refuse_failures(what, nodes)
    if whole and what == LAYERS[-1] and workspace.config.schedule.score_arrivals:
        _call(workspace, day, staged, ["parse"], ARRIVALS)
    return report


def unit_test(workspace: Workspace) -> tuple[NodeResult, ...]:
    """Run the unit tests of the SQL in an empty warehouse of their own; the workspace gives only the configuration.

    Raises:
        ContractBroken: where one fails; the message shows expected and actual rows.
    """
    with TemporaryDirectory() as folder:
        scratch = Workspace(workspace.config, DataFolder(Path(folder)), Path(folder) / "input")
        with open_warehouse(scratch):
            day = scratch.day()
        nodes = _run(scratch, day, staged_sources(), ["build", "--exclude-resource-type", "test"])
    _refuse_failures("unit tests", nodes)
    return nodes


def _run(
    workspace: Workspace, day: date, staged: Staged, command: Sequence[str], target: str = TARGET
) -> tuple[NodeResult, ...]:
    """One call of dbt that builds or tests, and its results by node."""
    whole = [*command, "--indirect-selection", "buildable"]  # a test that reads several layers runs with the last
    return tuple(
        NodeResult(one.node.name, str(one.status), round(one.execution_time, 3), one.message or "")
        for one in _call(workspace, day, staged, whole, target).results
    )


def _call(workspace: Workspace, day: date, staged: Staged, command: Sequence[str], target: str) -> Any:
    """One call of dbt, and what it returns. Each target keeps what dbt has parsed in a folder of its own.

    Raises:
        ContractBroken: where dbt gave up before it built anything.
    """
    arguments = [
        *command,
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target", target, "--target-path", str(workspace.data.dbt / ("target" if target == TARGET else target))),
        *("--log-path", str(workspace.data.dbt / "logs"), "--vars", json.dumps(variables(workspace, staged))),
    ]
    # The day is no variable: what dbt has parsed holds as long as the variables are the same.
    known = {"SALES_INSIGHTS_WAREHOUSE": str(workspace.data.warehouse), "SALES_INSIGHTS_AS_OF": day.isoformat()}
    with _environment(known | _ENVIRONMENT):
        outcome = _invoke(["--quiet", "--no-version-check", "--no-write-json", "--log-level-file", "info", *arguments])
    if outcome.result is None:
        raise ContractBroken(
            f"dbt could not start '{' '.join(command)}': {outcome.exception}. "
            f"Its log is in {workspace.data.dbt / 'logs'}; put right what it names and build again."
        )
    return outcome.result


def _invoke(arguments: list[str]) -> Any:
    """dbt in this process. Its connections are closed afterwards, or the warehouse could not be opened again here."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import cleanup_connections
    from dbt.cli.main import dbtRunner

    try:
        return dbtRunner().invoke(arguments)
    finally:
        cleanup_connections()  # type: ignore[no-untyped-call]
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def _record(workspace: Workspace, report: BuildReport, *, whole: bool) -> None:
    """Replace the layer's rows in ``ops.build_results``, or of the nodes alone where the layer was not built whole."""
    built_at = datetime.now(UTC).replace(tzinfo=None)
    rows = [
        (report.as_of, report.layer, node.node, node.status, node.seconds, node.message, built_at)
        for node in report.nodes
    ]
    with open_warehouse(workspace) as connection, transaction(connection):
        connection.execute(
            "delete from ops.build_results where layer = ? and (? or list_contains(?::varchar[], node))",
            [report.layer, whole, [node.node for node in report.nodes]],
        )
        if rows:
            connection.executemany("insert into ops.build_results values (?, ?, ?, ?, ?, ?, ?)", rows)


def _refuse_failures(what: str, nodes: Sequence[NodeResult]) -> None:
    failed = [node for node in nodes if node.failed]
    if not failed:
        return
    told = "\n".join(f"  {node.node} ({node.status}): {node.message}" for node in failed)
    skipped = sum(node.status == "skipped" for node in nodes)
    raise ContractBroken(
        f"{what}: {len(failed)} of {len(nodes)} dbt nodes failed, {skipped} were left out because of them.\n{told}\n"
        "Nothing was published. Put right the rows or the SQL that dbt names, then build this layer again."
    )


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """The environment with those values, for as long as the block runs."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
