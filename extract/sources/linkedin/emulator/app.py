"""Export jobs as LinkedIn answers for them: enqueued, processed, completed, and a download that expires."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_AT: Final = 2
WRITTEN: Final = "%m-%d-%Y %H:%M:%S"
SIGNED: Final = "x-li-ambry-ep"
"""In the query of a download: whoever has the address may download."""
COLUMNS: Final = ("activityId", "activityType", "createdAt", "seatId", "memberIdentityKey")


class ExportJobs:
    """Serves to every job the activities until the end of the time it asks for.

    Args:
        rows: the activities, a value for each of ``columns``, at first COLUMNS.
        token: what is taken as access token.
        expired: how many downloads have expired when they are asked for.
        failed: the state in which each job ends, where it fails.
    """

    def __init__(self, rows: Sequence[Sequence[str]], token: str, expired: int = 0, failed: str = "") -> None:
        self.rows, self.columns, self.expired = list(rows), list(COLUMNS), expired
        self._token, self._failed = token, failed
        self.asked: list[dict[str, Any]] = []
        self.signature = secrets.token_urlsafe(16)
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

    def _told(self, job: str) -> list[Sequence[str]]:
        """The activities until the end of what a job asked for, also those from before: a client must bear both."""
        end = int(self.asked[int(job) - 1]["endAt"])
        return [row for row in self.rows if _milliseconds(row[_AT]) < end]

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
        address = f"{request.url_for('_download', job=job)}?{SIGNED}={self.signature}"
        rows = len(self._told(job))
        return JSONResponse({"id": job, "status": "COMPLETED", "downloadUrl": address, "rowCount": rows, "expireAt": 0})

    async def _download(self, request: Request) -> Response:
        if "authorization" in request.headers:
            return Response("the token has no business here", 400)
        if request.query_params.get(SIGNED) != self.signature:
            return Response("not signed", 403)
        if self.expired:
            self.expired -= 1
            return Response("expired", 403)
        text = io.StringIO()
        csv.writer(text).writerows([self.columns, *self._told(request.path_params["job"])])
        return Response(text.getvalue(), media_type="text/csv")


def _milliseconds(told: str) -> int:
    try:
        return int(datetime.strptime(told, WRITTEN).replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        return 0
