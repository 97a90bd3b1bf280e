"""Export jobs as LinkedIn answers for them: enqueued, processed, completed, and a download that expires."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

COLUMNS: Final = ("activityId", "activityType", "createdAt", "seatId", "memberIdentityKey")


class ExportJobs:
    """Serves the same activities to every job.

    Args:
        rows: the activities, a value for each of COLUMNS.
        token: what is taken as access token.
        expired: how many downloads have expired when they are asked for.
        failed: the state in which each job ends, where it fails.
    """

    def __init__(self, rows: Sequence[Sequence[str]], token: str, expired: int = 0, failed: str = "") -> None:
        self.rows, self._token, self._expired, self._failed = list(rows), token, expired, failed
        self.asked: list[dict[str, Any]] = []
        self._polls: dict[str, int] = {}
        routes = [
            Route("/v2/salesAnalyticsExportJobs", self._start, methods=["POST"]),
            Route("/v2/salesAnalyticsExportJobs/{job}", self._status),
            Route("/downloads/{job}", self._download),
        ]
        self.app = Starlette(routes=routes)

    def _refused(self, request: Request) -> Response | None:
        if request.headers.get("authorization") == f"Bearer {self._token}":
            return None
        told: Mapping[str, object] = {"status": 403, "message": "Not enough permissions to access this contract"}
        return JSONResponse(dict(told), 403)

    async def _start(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        if request.query_params.get("action") != "exportActivityData":
            return JSONResponse({"status": 400, "message": "Unknown action"}, 400)
        self.asked.append(await request.json())
        job = str(len(self.asked))
        self._polls[job] = 0
        return JSONResponse({"value": {"id": job, "status": "ENQUEUED"}})

    async def _status(self, request: Request) -> Response:
        job = request.path_params["job"]
        if refused := self._refused(request):
            return refused
        if job not in self._polls or not request.query_params.get("contract"):
            return JSONResponse({"status": 404, "message": "No such job"}, 404)
        self._polls[job] += 1
        if self._polls[job] <= 2:
            return JSONResponse({"id": job, "status": ("ENQUEUED", "PROCESSING")[self._polls[job] - 1]})
        if self._failed:
            return JSONResponse({"id": job, "status": self._failed})
        address = str(request.url_for("_download", job=job))
        return JSONResponse(
            {"id": job, "status": "COMPLETED", "downloadUrl": address, "rowCount": len(self.rows), "expireAt": 0}
        )

    async def _download(self, request: Request) -> Response:
        if "authorization" in request.headers:
            return Response("the token has no business here", 400)
        if self._expired:
            self._expired -= 1
            return Response("expired", 403)
        text = io.StringIO()
        csv.writer(text).writerows([COLUMNS, *self.rows])
        return Response(text.getvalue(), media_type="text/csv")
