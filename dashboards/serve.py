"""``sales-insights pages``: serve the pages until they are stopped."""

from __future__ import annotations

import logging

import uvicorn

from config.workspace import Workspace
from dashboards.app import create_app

_LOG = logging.getLogger(__name__)


def serve(workspace: Workspace, host: str, port: int) -> None:
    """Serve the pages over a workspace's published data; returns when it is told to stop.

    Args:
        workspace: whose; only its published folder is read.
        host: the address to listen at.
        port: likewise.
    """
    folder = workspace.data.published
    _LOG.info("Pages over %s: http://%s:%d/", folder, host, port)
    uvicorn.run(create_app(folder), host=host, port=port, log_level="warning", server_header=False)
