"""Fetching the ``linkedin`` source: exports that lie in a folder, or one that an export job makes."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from config.errors import ContractBroken, SourceUnavailable
from config.schema.sources.linkedin import Settings
from config.workspace import Workspace
from extract.fetch import Fetched
from extract.http import Http, Missing, Refused, Rejected
from extract.limiter import Limiter
from extract.packages import Packages, Problem
from extract.sources.linkedin.jobs import AccessToken, export_activities
from extract.sources.linkedin.table import is_activities, spool_activities, stream_of
from extract.spool import Spool
from extract.stream import Reading, Streams

log: Final = logging.getLogger(__name__)
SOURCE: Final = "linkedin"
_OVERLAP: Final = timedelta(days=2)
"""Exports of a day may grow for a while: reading begins again this far back."""


def fetch(workspace: Workspace, day: date, packages: Packages) -> Fetched:
    """Package the activities that are new; see ``extract.fetch.fetch``."""
    settings: Settings = workspace.config.sources[SOURCE]
    if not settings.enabled:
        return Fetched((), (), ())
    streams, stream = Streams(SOURCE, day, "UTC", packages), stream_of(settings.types, settings.seats)
    known = streams.known(stream)
    last = known[-1].cursor if known else {}
    cursor = last if last.get("mapping") == stream.mapping_hash else {}
    problems: list[Problem] = []
    rows = None
    with packages.writing() as folder:
        staging = folder / "staging"
        staging.mkdir()
        try:
            paths, following = _found(settings, day, cursor, staging)
            with Spool(staging / "spool") as spool:
                ignored, unknown = spool_activities(paths, settings.types, settings.seats, spool)
        except (ContractBroken, Missing, Refused, Rejected, SourceUnavailable) as error:
            problems.append(_problem(error))
        else:
            _tell(ignored, unknown)
            told = {**following, "mapping": stream.mapping_hash}
            rows = streams.seal(folder, stream, Reading(spool.parts, told, is_complete=False))
    packages.seal_fetch(day, [("activities", stream.name)], problems)
    unchanged = () if rows or problems else (stream.name,)
    return Fetched((rows,) if rows else (), unchanged, tuple(problems))


def _found(
    settings: Settings, day: date, cursor: Mapping[str, Any], staging: Path
) -> tuple[Sequence[Path], dict[str, Any]]:
    """The files to read, and the cursor after them; an export job tells what was until the end of the day, or now."""
    if settings.folder:
        return _in_folder(Path(settings.folder), cursor)
    night = datetime.combine(day + timedelta(days=1), time(), UTC)
    until = min(datetime.now(UTC).replace(microsecond=0), night)
    since = until - timedelta(days=settings.backfill_days)
    if cursor.get("until"):
        since = datetime.fromisoformat(cursor["until"]) - _OVERLAP
    target = staging / "activities.csv"
    ca_file = Path(settings.ca_file) if settings.ca_file else None
    with Http(AccessToken(settings), Limiter(1), ca_file=ca_file) as http:
        export_activities(http, settings, since, until, target)
    return [target], {"until": until.isoformat()}


def _in_folder(folder: Path, cursor: Mapping[str, Any]) -> tuple[Sequence[Path], dict[str, Any]]:
    if not folder.is_dir():
        raise SourceUnavailable(f"{folder}: there is no such folder. Correct folder in sources/linkedin.yml.")
    paths = sorted(folder.glob("*.csv"))
    states = {path.name: [path.stat().st_size, path.stat().st_mtime_ns] for path in paths}
    known = cursor.get("files", {})
    new = [path for path in paths if known.get(path.name) != states[path.name]]
    for path in new:
        if not is_activities(path):
            log.info("%s: no activity export; left aside.", path.name)
    return [path for path in new if is_activities(path)], {"files": {**known, **states}}


def _tell(ignored: Mapping[str, int], unknown: set[str]) -> None:
    if ignored:
        told = ", ".join(f"{kind} {count:,}" for kind, count in sorted(ignored.items()))
        log.info("ignored, because it is nothing done with anybody: %s", told)
    if unknown:
        seats = ", ".join(sorted(unknown))
        log.warning("seats that are no user's, their activities have no owner: %s. Add them to seats.", seats)


def _problem(error: Exception) -> Problem:
    match error:
        case Refused():
            advice = " Renew the access token, and ask for reporting access to the contract."
            return Problem("refused", "activities", "activities", f"{error}{advice}")
        case SourceUnavailable():
            return Problem("unavailable", "activities", "activities", str(error))
        case _:
            return Problem("unreadable", "activities", "activities", str(error))
