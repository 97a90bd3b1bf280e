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

from config.errors import SourceUnavailable
from config.schema.sources.dataverse import Settings
from extract.http import Expired, Http, Rejected
from extract.sources.dataverse.plan import Plan
from extract.spool import Spool
from extract.stream import Reading

log: Final = logging.getLogger(__name__)
EXPIRED_CODES: Final = frozenset({"0x80044352", "0x80060891"})
"""Codes that say that a delta token is older than the organisation keeps deletions."""
_KEY: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NEXT: Final = "@odata.nextLink"
_DELTA: Final = "@odata.deltaLink"
_CONTEXT: Final = "@odata.context"
Cursor = Mapping[str, Any]


@dataclass
class _Pages:
    """What came while pages were written to a spool."""

    delta: str | None = None
    newest: str = ""
    spool: Spool | None = field(default=None, repr=False)


class Reader:
    """Reads tables of one service; its methods may be called by several threads. ``root``: where its tables are."""

    def __init__(self, http: Http, settings: Settings, day: date, root: str) -> None:
        self._http, self._settings, self._day, self._root = http, settings, day, root

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
            if link is not None and not self._is_ours(link):
                log.warning("%s: url has changed since the last reading; everything is read again.", plan.stream.name)
                link = None
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
        if cursor is None or not since or self._is_due(cursor) or not plan.cursor:
            pages = self._pages(plan, self._address(plan), folder / "all", tracking=False)
            told |= {"modified": _at_most_now(pages.newest), "everything": self._day.isoformat()}
            return Reading(_parts(pages), told, is_complete=True)
        start = datetime.fromisoformat(since) - timedelta(minutes=self._settings.overlap_minutes)
        condition = quote(f"{plan.cursor} ge {start:%Y-%m-%dT%H:%M:%SZ}")
        address = f"{self._address(plan)}&$filter={condition}"
        advice = f"Cannot it be filtered by {plan.cursor}? Then take 'cursor' out of sources/dataverse.yml."
        try:
            pages = self._pages(plan, address, folder / "changes", tracking=False)
        except Rejected as error:
            if plan.definition.changes_are_dated:
                raise
            raise Rejected(f"{error} {advice}", error.code) from error
        except SourceUnavailable as error:
            if plan.definition.changes_are_dated:
                raise
            raise SourceUnavailable(f"{error} {advice}") from error
        newest = max(since, _at_most_now(pages.newest))
        return Reading(
            _parts(pages), told | {"modified": newest, "everything": cursor["everything"]}, is_complete=False
        )

    def _is_due(self, cursor: Cursor) -> bool:
        last = date.fromisoformat(cursor["everything"])
        return abs((self._day - last).days) >= self._settings.reconcile_days

    def _address(self, plan: Plan) -> str:
        return f"{self._root}/{plan.definition.entity_set}?$select={','.join(plan.select)}"

    def _pages(self, plan: Plan, address: str, folder: Path, *, tracking: bool) -> _Pages:
        """Follow the service from page to page; while one is written, the service is at work on the next."""
        headers = {"Prefer": self._preferences(plan, tracking=tracking), "OData-MaxVersion": "4.0"}
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
                page, following, found.delta = following, _next_page(answer, following), answer.get(_DELTA)
                if following == page:
                    raise Rejected(f"{plan.stream.name}: a page says that it comes after itself.", "")
                if following:
                    coming = ahead.submit(self._http.get, self._same_place(following), headers)
                self._keep(plan, items, spool, found)
        if tracking and not found.delta:
            raise Rejected(f"{plan.stream.name}: the last page has no link for the next time.", "")
        return found

    def _keep(self, plan: Plan, items: list[Any], spool: Spool, found: _Pages) -> None:
        for is_gone, group in groupby(items, lambda item: _is_gone(item, plan.merged)):
            if is_gone:
                spool.add_deleted([_key_of(item, plan.stream.key) for item in group], plan.stream.key)
                continue
            present = list(group)
            spool.add(present, plan.names, labels=plan.labels)
            if plan.cursor and not plan.definition.is_tracked:
                told = [item.get(plan.cursor) for item in present if isinstance(item, dict)]
                found.newest = max(found.newest, *(text for text in told if isinstance(text, str)), "")

    def _preferences(self, plan: Plan, *, tracking: bool) -> str:
        told = [f"odata.maxpagesize={self._settings.page_size}"]
        told += ["odata.track-changes"] if tracking else []
        if plan.annotations:
            told.append(f'odata.include-annotations="{",".join(sorted(plan.annotations))}"')
        return ",".join(told)

    def _same_place(self, address: str) -> str:
        """The address, where it is the organisation's: the access token goes nowhere else."""
        if not self._is_ours(address):
            ours, theirs = httpx.URL(self._root).host, httpx.URL(address).host
            raise Rejected(f"{theirs}: an answer leads to another service than {ours}; not followed.", "")
        return address

    def _is_ours(self, address: str) -> bool:
        ours, theirs = httpx.URL(self._root), httpx.URL(address)
        return (theirs.scheme, theirs.host, theirs.port) == (ours.scheme, ours.host, ours.port)


def _parts(pages: _Pages) -> list[Path]:
    return pages.spool.parts if pages.spool else []


def _next_page(answer: Mapping[str, Any], address: str) -> str | None:
    """Where the next page is. A link may be relative: to the context, or where there is none to the page itself."""
    link = answer.get(_NEXT)
    if not link or httpx.URL(link).is_absolute_url:
        return link
    return str(httpx.URL(address).join(str(answer.get(_CONTEXT) or "")).join(link))


def _is_gone(item: Any, merged: str | None) -> bool:
    """Whether an item says that a row was deleted, as Dataverse writes it or as OData 4.01 does, or merged away.

    The loser of a merge stays in its table as an inactive row, but what belonged to it is the winner's from then on.
    """
    if not isinstance(item, dict):
        return False
    is_merged = merged is not None and item.get(merged) is True
    return is_merged or "@removed" in item or str(item.get("@odata.context", "")).endswith("/$deletedEntity")


def _key_of(item: Mapping[str, Any], key: str) -> str:
    told = str(item.get(key) or item.get("id") or item.get("@id") or item.get("@odata.id") or "")
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
