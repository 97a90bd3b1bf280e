"""What all tests share: a workspace of their own, an environment that nobody else has touched, and no network.

``pyproject.toml`` lets sockets reach this machine only; processes that tests start are kept from the network by proxies
that lead nowhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from config.workspace import Workspace
from tests.browser import chromium

PROJECT = Path(__file__).resolve().parent.parent

_NOWHERE = "http://127.0.0.1:9"
_ENVIRONMENT = {
    "http_proxy": _NOWHERE,
    "https_proxy": _NOWHERE,
    "HTTP_PROXY": _NOWHERE,
    "HTTPS_PROXY": _NOWHERE,
    "no_proxy": "127.0.0.1,localhost,::1",
    "NO_PROXY": "127.0.0.1,localhost,::1",
    "DO_NOT_TRACK": "true",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "TZ": "UTC",
    # More workers than cores already: more threads for a few hundred rows would only wait for each other.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_COSTLY = ("tests/journeys/test_days_", "tests/dbt_project/")
"""How the paths of tests begin that share what is made once, the longest first."""


class MakeWorkspace(Protocol):
    """Makes a workspace under the test's own folder."""

    def __call__(
        self, config: Mapping[str, str] | None = None, inputs: Mapping[str, str | bytes] | None = None
    ) -> Workspace: ...


def pytest_configure() -> None:
    """Before anything is imported: the test run decides about the environment, not the shell it was started from."""
    for name in [name for name in os.environ if name.startswith("SALES_INSIGHTS_")]:
        del os.environ[name]
    os.environ.update(_ENVIRONMENT)


class _ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """One worker runs all tests of a file, and of files that share what is costly to make."""

    def _split_scope(self, nodeid: str) -> str:
        return next((shared for shared in _COSTLY if nodeid.startswith(shared)), nodeid.partition("::")[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """How tests are given to workers."""
    return _ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first."""
    items.sort(key=lambda item: not item.nodeid.startswith(_COSTLY[0]))


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files, by their path inside the folder."""
    for relative, content in files.items():
        path = folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def make_workspace(tmp_path: Path) -> MakeWorkspace:
    """``make_workspace({"organisation.yml": "..."}, {"leads.csv": "..."})``: those YAML files differ from ``config/``,
    those files lie in the input folder."""

    def make(config: Mapping[str, str] | None = None, inputs: Mapping[str, str | bytes] | None = None) -> Workspace:
        for name in ("config", "input", "data"):
            (tmp_path / name).mkdir(exist_ok=True)
        write_files(tmp_path / "config", config or {})
        write_files(tmp_path / "input", inputs or {})
        return Workspace.open(
            {f"SALES_INSIGHTS_{name.upper()}": str(tmp_path / name) for name in ("config", "data", "input")}
        )

    return make


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    """The shipped configuration over empty folders."""
    return make_workspace()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, headless, one for the tests of a file."""
    with chromium() as launched:
        yield launched
