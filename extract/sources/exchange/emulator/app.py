"""Graph over HTTP: tokens, throttling, batches, injected failures, and the log of everything that was asked."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from extract.sources.exchange.emulator.mailboxes import Item, Tenant
from extract.sources.exchange.emulator.service import Asked, Reply, Service, asked, error
from extract.sources.exchange.emulator.throttle import Throttle

BATCH_AT_MOST: Final = 20
_SCOPE: Final = ".default"


@dataclass
class Emulator:
    """One emulated Graph over a tenant.

    ``log`` holds every request, also those inside batches, in order. ``token_seconds``: how long a token lives.
    """

    tenant: Tenant
    tenant_id: str = "brightwater"
    client_id: str = "sales-insights"
    client_secret: str = "open sesame"  # noqa: S105 - the emulator's own, worth nothing
    token_seconds: int = 3_600
    seconds_a_request: float = 0.0
    throttle: Throttle = field(default_factory=Throttle)
    log: list[Asked] = field(default_factory=list)
    in_batches: Callable[[Asked], Reply | None] = lambda _: None
    _tokens: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.service = Service(self.tenant)
        self.app = Starlette(
            routes=[
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self._discovery),
                Route("/{tenant}/oauth2/v2.0/token", self._token, methods=["POST"]),
                Route("/v1.0/$batch", self._batch, methods=["POST"]),
                Route("/v1.0/{path:path}", self._graph),
            ]
        )

    def expire_tokens(self) -> None:
        """No access token handed out so far is good any longer."""
        self._tokens.clear()

    async def _discovery(self, request: Request) -> Response:
        base = f"{request.url.scheme}://{request.url.netloc}/{request.path_params['tenant']}"
        return JSONResponse(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            }
        )

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if request.path_params["tenant"] != self.tenant_id:
            return _oauth_error("invalid_request", f"AADSTS90002: Tenant '{request.path_params['tenant']}' not found.")
        if form.get("client_id") != self.client_id:
            return _oauth_error("unauthorized_client", "AADSTS700016: Application was not found in the directory.")
        if form.get("client_secret") != self.client_secret:
            return _oauth_error("invalid_client", "AADSTS7000215: Invalid client secret provided.")
        if form.get("grant_type") != "client_credentials" or not form.get("scope", "").split()[0].endswith(_SCOPE):
            return _oauth_error("invalid_scope", "AADSTS70011: The provided value for 'scope' is not valid.")
        token = secrets.token_urlsafe(32)
        self._tokens[token] = time.monotonic() + self.token_seconds
        return JSONResponse({"token_type": "Bearer", "expires_in": self.token_seconds, "access_token": token})

    async def _graph(self, request: Request) -> Response:
        refused = self._unknown(request)
        if refused:
            return _response(refused)
        self.service.address = f"{request.url.scheme}://{request.url.netloc}"
        return _response(await self._one(asked(request.method, str(request.url), request.headers)))

    async def _batch(self, request: Request) -> Response:
        refused = self._unknown(request)
        if refused:
            return _response(refused)
        self.service.address = f"{request.url.scheme}://{request.url.netloc}"
        wanted: list[Item] = (await request.json()).get("requests", [])
        if len(wanted) > BATCH_AT_MOST:
            return _response(
                error(400, "BadRequest", f"Number of batch request steps exceeds max value {BATCH_AT_MOST}.")
            )
        replies = await asyncio.gather(*self._tasks(wanted))
        return JSONResponse(
            {"responses": [_in_batch(told["id"], reply) for told, reply in zip(wanted, replies, strict=True)]}
        )

    def _tasks(self, wanted: list[Item]) -> list[asyncio.Task[Reply]]:
        """Requests of a batch run at once, but those that depend on another wait for it, and fail with it."""
        tasks: dict[str, asyncio.Task[Reply]] = {}

        async def run(told: Item) -> Reply:
            for before in told.get("dependsOn", []):
                if (await tasks[before]).status >= 400:
                    return error(424, "FailedDependency", "A request that this one depends on has failed.")
            return await self._one(asked(told["method"], told["url"], told.get("headers", {}), batched=True))

        for told in wanted:
            tasks[told["id"]] = asyncio.ensure_future(run(told))
        return list(tasks.values())

    async def _one(self, request: Asked) -> Reply:
        """One request, throttled for itself also where it came in a batch."""
        self.log.append(request)
        box = self.tenant.of(request.mailbox)
        name = box.address if box else ""
        with self.throttle.under_way(name):
            seconds = self.throttle.refused(name) if name else 0
            if seconds:
                return error(429, "ApplicationThrottled", "Application is over its limit.", Retry_After=str(seconds))
            await asyncio.sleep(self.seconds_a_request)
            trouble = self.in_batches(request) if request.batched else None
            if trouble is not None:
                return trouble
            return self.service.answer(request)

    def _unknown(self, request: Request) -> Reply | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, 0.0) > time.monotonic():
            return None
        return error(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")


def _oauth_error(code: str, message: str) -> Response:
    return JSONResponse({"error": code, "error_description": message, "error_codes": []}, 401)


def _response(reply: Reply) -> Response:
    return JSONResponse(reply.body, reply.status, dict(reply.headers))


def _in_batch(key: str, reply: Reply) -> dict[str, Any]:
    return {"id": key, "status": reply.status, "headers": dict(reply.headers), "body": reply.body}
