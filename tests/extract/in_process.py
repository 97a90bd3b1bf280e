"""A client that asks an ASGI app directly, without a socket."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx


class InProcess(httpx.BaseTransport):
    """Runs the app for each request. An answer that the app leaves open is an AssertionError."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask and read the whole answer."""
        return asyncio.run(self._ask(request))

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        told = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        answer = await self._transport.handle_async_request(told)
        raw = b"".join([part async for part in answer.stream])  # type: ignore[union-attr]
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(raw))


def in_process(app: Any, address: str = "https://emulated.example") -> httpx.Client:
    """A client of the app under an address of one's choice."""
    return httpx.Client(transport=InProcess(app), base_url=address)
