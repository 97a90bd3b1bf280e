"""Reading one table: everything, what has changed, or everything again where the changes are no longer told."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx

from config.schema.sources.dataverse import Settings
from extract.http import Expired, Http, Rejected
from extract.sources.dataverse.metadata import API
from extract.sources.dataverse.plan import MODIFIED, Plan
from extract.spool import Spool
from extract.stream import Reading

log: Final = logging.getLogger(__name__)
EXPIRED_CODES: Final = frozenset({"0x80044352", "0x80060891"})
"""Codes that say that a delta token is older than the organisation keeps deletions."""
_KEY: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NEXT: Final = "@odata.nextLink"
_DELTA: Final = "@odata.deltaLink"
Cursor = Mapping[str, Any]


@dataclass
class _Pages:
    """What came while pages were written to a spool."""

    delta: str | None = None
    newest: str = ""
    spool: Spool | None = field(default=None, repr=False)


class Reader:
    """Reads tables of one organisation; its methods may be called by several threads."""

    def __init__(self, http: Http, settings: Settings, day: date) -> None:
        self._http, self._settings, self._day = http, settings, day

    def read(self, plan: Plan, cursor: Cursor | None, folder: Path) -> Reading:
        """Read what is new since the cursor; everything where there is none, or it no longer serves.

        Args:
            plan: what to ask.
            cursor: of the reading before.
            folder: where the spool goes.

        Raises:
            Missing, Refused, Rejected, SourceUnavailable: as ``Http.get`` does.
        """
        select = list(plan.select)
        fits = cursor is not None and cursor.get("select") == select and cursor["mapping"] == plan.stream.mapping_hash
        if plan.definition.is_tracked:
            link = cursor.get("delta") if cursor and fits else None
            return self._tracked(plan, link, folder)
        return self._untracked(plan, cursor if fits else None, folder)

    def _tracked(self, plan: Plan, link: str | None, folder: Path) -> Reading:
        told = {"select": list(plan.select), "mapping": plan.stream.mapping_hash}
        if link is not None:
            try:
                pages = self._pages(plan, link, folder / "changes", tracking=True)
            except Expired:
                log.warning("%s: the delta token has expired; everything is read again.", plan.stream.name)
            else:
                return Reading(_parts(pages), told | {"delta": pages.delta}, is_complete=False)
        pages = self._pages(plan, self._address(plan), folder / "all", tracking=True)
        return Reading(_parts(pages), told | {"delta": pages.delta}, is_complete=True)

    def _untracked(self, plan: Plan, cursor: Cursor | None, folder: Path) -> Reading:
        """By the time of the last change, with an overlap; everything at times, because nobody tells deletions."""
        told: dict[str, Any] = {"select": list(plan.select), "mapping": plan.stream.mapping_hash}
        since = cursor.get("modified") if cursor else None
        if cursor is None or not since or self._is_due(cursor) or not plan.has_modified:
            pages = self._pages(plan, self._address(plan), folder / "all", tracking=False)
            told |= {"modified": _at_most_now(pages.newest), "everything": self._day.isoformat()}
            return Reading(_parts(pages), told, is_complete=True)
        start = datetime.fromisoformat(since) - timedelta(minutes=self._settings.overlap_minutes)
        condition = quote(f"{MODIFIED} ge {start:%Y-%m-%dT%H:%M:%SZ}")
        address = f"{self._address(plan)}&$filter={condition}"
        pages = self._pages(plan, address, folder / "changes", tracking=False)
        newest = max(since, _at_most_now(pages.newest))
        return Reading(
            _parts(pages), told | {"modified": newest, "everything": cursor["everything"]}, is_complete=False
        )

    def _is_due(self, cursor: Cursor) -> bool:
        last = date.fromisoformat(cursor["everything"])
        return abs((self._day - last).days) >= self._settings.reconcile_days

    def _address(self, plan: Plan) -> str:
        return f"{self._settings.url}{API}/{plan.definition.entity_set}?$select={','.join(plan.select)}"

    def _pages(self, plan: Plan, address: str, folder: Path, *, tracking: bool) -> _Pages:
        """Follow the service from page to page; while one is written, the service is at work on the next."""
        headers = {"Prefer": self._preferences(plan, tracking=tracking)}
        found = _Pages()
        following: str | None = address
        with Spool(folder) as spool, ThreadPoolExecutor(1) as ahead:
            found.spool = spool
            coming = ahead.submit(self._http.get, self._same_place(address), headers)
            while following:
                answer = coming.result()
                items = answer.get("value")
                if not isinstance(items, list):
                    raise Rejected(f"{plan.stream.name}: an answer has no list of rows.", "")
                following, found.delta = answer.get(_NEXT), answer.get(_DELTA)
                if following:
                    coming = ahead.submit(self._http.get, self._same_place(following), headers)
                self._keep(plan, items, spool, found)
        if tracking and not found.delta:
            raise Rejected(f"{plan.stream.name}: the last page has no link for the next time.", "")
        return found

    def _keep(self, plan: Plan, items: list[Any], spool: Spool, found: _Pages) -> None:
        for is_gone, group in groupby(items, _is_gone):
            if is_gone:
                spool.add_deleted([_key_of(item) for item in group], plan.stream.key)
                continue
            present = list(group)
            spool.add(present, plan.names, labels=plan.labels)
            if plan.has_modified and not plan.definition.is_tracked:
                told = [item.get(MODIFIED) for item in present if isinstance(item, dict)]
                found.newest = max(found.newest, *(text for text in told if isinstance(text, str)), "")

    def _preferences(self, plan: Plan, *, tracking: bool) -> str:
        told = [f"odata.maxpagesize={self._settings.page_size}"]
        told += ["odata.track-changes"] if tracking else []
        if plan.annotations:
            told.append(f'odata.include-annotations="{",".join(sorted(plan.annotations))}"')
        return ",".join(told)

    def _same_place(self, address: str) -> str:
        """The address, where it is the organisation's: the access token goes nowhere else."""
        ours, theirs = httpx.URL(self._settings.url or ""), httpx.URL(address)
        if (theirs.scheme, theirs.host, theirs.port) != (ours.scheme, ours.host, ours.port):
            raise Rejected(f"{theirs.host}: an answer leads to another service than {ours.host}; not followed.", "")
        return address


def _parts(pages: _Pages) -> list[Path]:
    return pages.spool.parts if pages.spool else []


def _is_gone(item: Any) -> bool:
    """Whether an item says that a row was deleted: as Dataverse writes it, or as OData 4.01 does."""
    if not isinstance(item, dict):
        return False
    return "@removed" in item or str(item.get("@odata.context", "")).endswith("/$deletedEntity")


def _key_of(item: Mapping[str, Any]) -> str:
    told = str(item.get("id") or item.get("@id") or item.get("@odata.id") or "")
    found = _KEY.findall(told)
    return found[-1] if found else told


def _at_most_now(told: str) -> str:
    """An instant of the service, but never one to come: a clock that was wrong once must not hide all that follows."""
    if not told:
        return ""
    now = datetime.now(UTC)
    try:
        return min(datetime.fromisoformat(told).astimezone(UTC), now).isoformat()
    except ValueError:
        return ""
