"""The service as an ASGI app: tokens, metadata and rows behind one address."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from extract.sources.dataverse.emulator import errors, metadata, pages
from extract.sources.dataverse.emulator.errors import ServiceError
from extract.sources.dataverse.emulator.identity import Identity, Registration
from extract.sources.dataverse.emulator.limits import Limits, Protection
from extract.sources.dataverse.emulator.pages import Asked, Preferences
from extract.sources.dataverse.emulator.render import row_expression
from extract.sources.dataverse.emulator.store import Store

API: Final = "/api/data/v9.2"
ORGANISATION_ID: Final = "04600000-0000-4000-8000-000000000001"
BUSINESS_UNIT_ID: Final = "b0000000-0000-4000-8000-000000000001"
_JSON: Final = "application/json; odata.metadata=minimal"
_ONE_ROW: Final = re.compile(r"^(\w+)\(([0-9a-fA-F-]{36})\)$")
_GZIP_FROM: Final = 1_024


@dataclass(frozen=True)
class _Organisation:
    store: Store
    identity: Identity
    protection: Protection

    async def discovery(self, request: Request) -> Response:
        """The directory's discovery document."""
        try:
            found = self.identity.discovery(request.path_params["tenant"], _root(request))
        except ServiceError as error:
            return _refused(error)
        return Response(json.dumps(found), media_type="application/json")

    async def token(self, request: Request) -> Response:
        """A token for client credentials."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        try:
            found = self.identity.token(request.path_params["tenant"], form, _root(request))
        except ServiceError as error:
            return _refused(error)
        return Response(json.dumps(found), media_type="application/json", headers={"Cache-Control": "no-store"})

    async def api(self, request: Request) -> Response:
        """One request to the Web API: who, how much, what."""
        root = _root(request)
        try:
            user = self.identity.user_of(request.headers.get("authorization", ""), root)
            with self.protection.request(user) as left:
                return await run_in_threadpool(self._answer, request, root, left)
        except ServiceError as error:
            return _refused(error)

    def _answer(self, request: Request, root: str, left: dict[str, str]) -> Response:
        prefer = Preferences.of(",".join(request.headers.getlist("prefer")))
        try:
            body = self._body(request, root + API, prefer)
        except ServiceError as error:
            error.headers |= left
            raise
        headers = {**left, "OData-Version": "4.0", "Content-Type": _JSON}
        if prefer.tracking or prefer.page_size or prefer.annotations:
            headers["Preference-Applied"] = request.headers.get("prefer", "")
        if "gzip" in request.headers.get("accept-encoding", "") and len(body) >= _GZIP_FROM:
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        return Response(body, headers=headers)

    def _body(self, request: Request, root: str, prefer: Preferences) -> bytes:
        path, options = request.path_params["path"], dict(request.query_params)
        if path == "WhoAmI":
            return json.dumps(self._who(root)).encode()
        if path.startswith("EntityDefinitions"):
            return json.dumps(metadata.answer(self.store, path, options, root)).encode()
        one = _ONE_ROW.match(path)
        table = self.store.by_set(one.group(1) if one else path)
        if table is None:
            raise errors.unknown_set(one.group(1) if one else path)
        if table.name in self.store.refused:
            raise errors.missing_privilege(self.identity.registration.user_id, table.name, table.code)
        asked = Asked(table, options, prefer, root)
        return self._row(asked, one.group(2).lower()) if one else pages.answer(self.store, asked)

    def _row(self, asked: Asked, key: str) -> bytes:
        table, place = asked.table, self.store.place(asked.table.name)
        item = row_expression(table, asked.columns, asked.prefer.annotations, self.store.loose[table.name])
        query = f'select {item} from {place} where "{table.key}" = ? and not "@deleted"'
        found = self.store.cursor().execute(query, [key]).fetchone()
        if found is None:
            raise errors.unknown_row(table.name, key)
        return f'{{"@odata.context":"{asked.context("/$entity")}",{found[0][1:-1]}'.encode()

    def _who(self, root: str) -> dict[str, Any]:
        return {
            "@odata.context": f"{root}/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse",
            "BusinessUnitId": BUSINESS_UNIT_ID,
            "UserId": self.identity.registration.user_id,
            "OrganizationId": ORGANISATION_ID,
        }


def dataverse_app(
    store: Store,
    registration: Registration | None = None,
    limits: Limits | None = None,
    token_lives_s: int = 3_599,
) -> Starlette:
    """The service over a store. ``app.state`` has ``store``, ``identity`` and ``protection``, for tests to reach."""
    identity = Identity(registration or Registration(), store.clock, token_lives_s)
    organisation = _Organisation(store, identity, Protection(limits or Limits(), store.clock))
    app = Starlette(
        routes=[
            Route("/{tenant}/v2.0/.well-known/openid-configuration", organisation.discovery),
            Route("/{tenant}/oauth2/v2.0/token", organisation.token, methods=["POST"]),
            Route(API + "/{path:path}", organisation.api),
        ]
    )
    app.state.store, app.state.identity, app.state.protection = store, identity, organisation.protection
    return app


def _root(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}"


def _refused(error: ServiceError) -> Response:
    headers = {**error.headers, "Content-Type": _JSON} if error.status != 401 or error.message else error.headers
    return Response(error.body if error.status != 401 or not error.headers else b"", error.status, headers)
