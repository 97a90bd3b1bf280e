"""The pages, served on a port of this machine over a small published day; and a browser to look at them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page

from config.workspace import Workspace
from dashboards.app import create_app
from tests.dashboards.company import publish_company


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The pages over a folder of published runs; gives their address."""
    server = uvicorn.Server(uvicorn.Config(create_app(folder), host="127.0.0.1", port=0, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server ended before it had started"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace whose day was published; tests that publish again make one of their own."""
    folder = tmp_path_factory.mktemp("company")
    workspace = Workspace.open({f"SALES_INSIGHTS_{name}": str(folder / name.lower()) for name in ("DATA", "INPUT")})
    publish_company(workspace)
    return workspace


@pytest.fixture(scope="session")
def address(company: Workspace) -> Iterator[str]:
    """Where the pages of the company are."""
    with served(company.data.published) as at:
        yield at


@pytest.fixture(scope="session")
def pages(address: str) -> Iterator[httpx.Client]:
    """Asks for pages as a browser does, without one."""
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """One for all tests of a file, so that Plotly is read once."""
    shared = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    shared.set_default_timeout(120_000)  # Plotly is large, and the machine may be busy
    yield shared
    shared.close()


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    """A page whose complaints and whose requests to other hosts fail the test."""
    shown = context.new_page()
    complaints: list[str] = []
    shown.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    asked: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    yield shown
    shown.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
