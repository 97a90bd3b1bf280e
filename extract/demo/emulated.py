"""An emulated service that really listens: on this machine, over TLS, as long as a ``with`` block lasts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

import uvicorn

from extract.demo.certificate import CertificateFiles, write_certificate

_PATIENCE_S: Final = 30.0


class Emulated:
    """Serves an ASGI app in a thread of its own: ``with Emulated(app) as service: ... service.url, service.ca_file``.

    Args:
        app: the app.
        port: where to listen on 127.0.0.1; 0 for any free port.
        certificates: authority, certificate and key to show; None: made for this service alone.
    """

    def __init__(self, app: Callable[..., Any], port: int = 0, certificates: CertificateFiles | None = None) -> None:
        self._app = app
        self._folder = TemporaryDirectory(prefix="emulated-")
        files = certificates or write_certificate(Path(self._folder.name))
        self.ca_file = files.ca
        self._socket = socket.create_server(("127.0.0.1", port))
        self.url = f"https://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            app,
            log_level="critical",
            lifespan="off",
            ssl_certfile=files.certificate,
            ssl_keyfile=str(files.key),
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        begun = time.monotonic()
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() - begun > _PATIENCE_S:
                raise RuntimeError(f"the emulated service did not start at {self.url}")
            time.sleep(0.005)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(_PATIENCE_S)
        self._socket.close()
        self._folder.cleanup()
