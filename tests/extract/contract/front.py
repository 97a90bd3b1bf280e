"""What stands before an emulator: it can begin to fail, or to tell lists backwards, and keeps its address."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from typing import Any

from extract.demo.failures import App, Message, Receive, Scope, Send


class Front:
    """Passes requests on to ``app``, which may be exchanged at any time; links that were given out stay good."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.is_backwards = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.is_backwards:
            await self.app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        start: MutableMapping[str, Any] = {}
        body = b""

        async def keep(message: Message) -> None:
            nonlocal body
            start.update(message if message["type"] == "http.response.start" else {})
            body += message.get("body", b"")

        await self.app({**scope, "headers": plain}, receive, keep)
        if b"json" in dict(start["headers"]).get(b"content-type", b""):
            body = json.dumps(backwards(json.loads(body))).encode()
        others = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        start["headers"] = [*others, (b"content-length", str(len(body)).encode())]
        await send(start)
        await send({"type": "http.response.body", "body": body})


def backwards(told: Any) -> Any:
    """JSON with every list of items the other way round."""
    if isinstance(told, list):
        return [backwards(one) for one in told]
    if not isinstance(told, dict):
        return told
    turned = {name: backwards(value) for name, value in told.items()}
    if isinstance(turned.get("value"), list):
        turned["value"].reverse()
    return turned
