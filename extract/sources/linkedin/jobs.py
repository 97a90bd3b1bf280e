"""Export jobs of Sales Navigator's analytics: asked for, waited for, downloaded."""

from __future__ import annotations

import csv
import logging
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx

from config.errors import ConfigError, ContractBroken, SourceUnavailable
from config.schema.sources.linkedin import Settings
from extract.http import Expired, Http, Missing, Refused

log: Final = logging.getLogger(__name__)
_JOBS: Final = "salesAnalyticsExportJobs"
_HEADERS: Final = {"X-Restli-Protocol-Version": "2.0.0"}
_WAITING: Final = frozenset({"ENQUEUED", "PROCESSING"})
_JOBS_AT_MOST: Final = 3


class AccessToken:
    """Gives the access token that an environment variable holds; LinkedIn's tokens are renewed by a person."""

    def __init__(self, settings: Settings, environment: Mapping[str, str] = os.environ) -> None:
        self._token = environment.get(settings.access_token_env, "")
        if not self._token:
            raise ConfigError(
                f"The environment variable {settings.access_token_env} is empty. Put the access token into it; "
                "sources/linkedin.yml names it at access_token_env."
            )

    def __call__(self, refused: str | None = None) -> str:
        """The token, the same again also where it was refused."""
        return refused or self._token


def export_activities(http: Http, settings: Settings, since: datetime, until: datetime, target: Path) -> None:
    """Write the activities of a time as CSV into the target file. Where a download has expired a new job is started.

    Args:
        http: the client, with the token.
        settings: contract, address and patience.
        since: begin, with a zone.
        until: end, with a zone.
        target: the file.

    Raises:
        ContractBroken: where LinkedIn says that the job has failed.
        SourceUnavailable: where a job is not done in time, or each download had expired.
        Missing, Refused, Rejected: as ``Http.ask`` does.
    """
    for _ in range(_JOBS_AT_MOST):
        job = _done(http, settings, _started(http, settings, since, until))
        if _downloaded(http, job, target):
            return
    raise SourceUnavailable(f"{_JOBS}: {_JOBS_AT_MOST} downloads had expired before they began. It is tried again.")


def ask_for_no_job(http: Http, settings: Settings) -> None:
    """Ask for a job that is none: whoever may export is told that it is missing.

    Raises:
        Missing, Refused, Rejected: as ``Http.ask`` does.
    """
    contract = httpx.QueryParams({"contract": settings.contract or ""})
    http.get(f"{settings.address}/{_JOBS}/0?{contract}", _HEADERS)


def _started(http: Http, settings: Settings, since: datetime, until: datetime) -> str:
    body = {"contract": settings.contract, "startAt": _milliseconds(since), "endAt": _milliseconds(until)}
    answer = http.ask("POST", f"{settings.address}/{_JOBS}?action=exportActivityData", _HEADERS, body)
    told = answer.get("value", answer)
    return str(told.get("id", "") if isinstance(told, dict) else told)


def _done(http: Http, settings: Settings, job: str) -> dict[str, Any]:
    begun = time.monotonic()
    while True:
        contract = httpx.QueryParams({"contract": settings.contract or ""})
        told = http.get(f"{settings.address}/{_JOBS}/{job}?{contract}", _HEADERS)
        status = str(told.get("status", ""))
        if status == "COMPLETED":
            return told
        if status not in _WAITING:
            raise ContractBroken(
                f"LinkedIn says {status or 'nothing'} of export job {job}. Look at the contract's reporting access, "
                "or download the export by hand and name its folder in sources/linkedin.yml."
            )
        if time.monotonic() - begun > settings.patience_minutes * 60:
            raise SourceUnavailable(f"Export job {job} is still {status}. It is tried again.")
        time.sleep(settings.poll_seconds)


def _downloaded(http: Http, job: Mapping[str, Any], target: Path) -> bool:
    """Whether the file is there; False where its address has expired."""
    try:
        http.save(str(job.get("downloadUrl", "")), target, partial(_is_whole, str(job.get("rowCount", ""))))
    except (Expired, Missing, Refused) as error:
        log.info("%s: a new job is started.", error)
        return False
    return True


def _is_whole(told: str, file: Path) -> bool:
    """Whether an export has as many rows as the job told; whether the head is one of them is not documented.

    If it is, the file has as many lines as it should, and only its end tells that it was not cut.
    """
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        rows = sum(1 for row in csv.reader(lines) if row)
    with file.open("rb") as bytes_of:
        bytes_of.seek(max(file.stat().st_size - 1, 0))
        ends = bytes_of.read() == b"\n"
    return not told.isdigit() or rows > int(told) or (rows == int(told) and ends)


def _milliseconds(instant: datetime) -> int:
    return int(instant.astimezone(UTC).timestamp() * 1000)
