"""``sales-insights pages``: serve the pages until they are stopped."""

from __future__ import annotations

import logging
import socket

import uvicorn

from config.errors import RequestRefused
from config.workspace import Workspace
from dashboards.app import create_app

_LOG = logging.getLogger(__name__)


def serve(workspace: Workspace, host: str, port: int) -> None:
    """Serve the pages over a workspace's published data; returns when it is told to stop.

    Args:
        workspace: whose; only its published folder is read.
        host: the address to listen at.
        port: likewise.

    Raises:
        RequestRefused: where nobody can listen there.
    """
    folder = workspace.data.published
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise RequestRefused(
            f"Nobody can listen at {host}, port {port}: {error.strerror or error}. Choose another with --port, or an "
            "address of this machine with --host."
        ) from error
    _LOG.info("Pages over %s: http://%s:%d/ until Ctrl-C", folder, host, port)
    server = uvicorn.Server(uvicorn.Config(create_app(folder), log_level="warning", server_header=False))
    with listening:
        server.run(sockets=[listening])
