"""Brightwater Instruments in Dataverse: a store that stands at the end of a day and can go on to a later one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import numpy as np
import pyarrow as pa

from config.errors import ConfigError
from extract.demo.calendar import END, EXPORTED_ON, START, end_of
from extract.demo.story import SEED, tell
from extract.sources.dataverse.emulator.audit import TABLE
from extract.sources.dataverse.emulator.clock import Clock
from extract.sources.dataverse.emulator.demo import around, contact, sales
from extract.sources.dataverse.emulator.demo.export import newer, rows_at
from extract.sources.dataverse.emulator.demo.history import audit_rows
from extract.sources.dataverse.emulator.store import Store
from extract.sources.dataverse.emulator.tables import version_at

AUDITED: Final = ("lead", "opportunity")
_AT: Final = time(23)
"""The organisation's clock stands at 23:00 of its day."""
LINKEDIN: Final = "LinkedInSalesNavigatorControlsForUnifiedClient"


class DemoOrganisation:
    """The demo in a store. ``advance`` makes the changes of the days until another one, as they will be seen then.

    Args:
        size: tiny, small or large.
        day: the day at whose end it stands; None for 2026-06-30.
        seed: which organisation.
        keeps_days: how long delta links are good.
        linkedin: whether the LinkedIn solution is installed.
        audited: whether the changes of leads and opportunities are in the audit log.

    Raises:
        ConfigError: where there is no such size, or the story does not reach that day.
    """

    def __init__(
        self,
        size: str = "small",
        day: date | None = None,
        *,
        seed: int = SEED,
        keeps_days: int = 7,
        linkedin: bool = True,
        audited: bool = False,
    ) -> None:
        self._audited = audited
        self.day = day or EXPORTED_ON.astype(object)
        self._story = tell(size, seed)
        _within_the_story(self.day)
        tables = [*sales.SALES, *around.AROUND, *contact.CONTACT]
        self.clock = Clock(datetime.combine(self.day, _AT, UTC))
        self.store = Store(
            [table for table in tables if linkedin or not table.name.startswith("li_")], self.clock, keeps_days
        )
        for name, rows in self._rows(self.day).items():
            if name in self.store.tables:
                self.store.fill(name, rows)
        for name in AUDITED:
            self.store.audit(name, on=audited)
        self._describe(linkedin)
        self._date_versions()

    def advance(self, day: date) -> None:
        """Go on to the end of a later day: rows that came or changed since are written, the clock moves on.

        Raises:
            ConfigError: where the day is not later, or the story does not reach it.
        """
        _within_the_story(day)
        if day <= self.day:
            raise ConfigError(f"the organisation stands at {self.day}; choose a later day than {day}.")
        since = end_of(np.datetime64(self.day, "D"))
        for name, rows in self._rows(day).items():
            if name in self.store.tables:
                self.store.upsert(name, newer(rows, since), known_stay="modifiedon" not in rows.column_names)
        self.clock.put_forward(datetime.combine(day, _AT) - self.clock.now())
        self.day = day

    def _date_versions(self) -> None:
        """Let versions follow from when rows changed: links hold for the same organisation, started anew or later."""
        for name, table in self.store.tables.items():
            if any(column.name == "modifiedon" for column in table.columns):
                self.store.date_versions(name, "modifiedon")
        for activity in contact.ACTIVITIES:
            if activity.name in self.store.tables:
                self.store.date_versions(contact.PARTIES.name, "createdon", by=activity.name, key="activityid")
        self.store.version = version_at(datetime.combine(self.day + timedelta(days=1), time()))

    def _rows(self, day: date) -> dict[str, pa.Table]:
        at = np.datetime64(day, "D")
        found = rows_at(self._story, at)
        if self._audited:
            found[TABLE] = audit_rows(self._story, at, *(found[name] for name in AUDITED))
        return found

    def _describe(self, linkedin: bool) -> None:
        begun = datetime.combine(START.astype(object), time()) - timedelta(days=800)
        self.store.insert(
            "organization",
            {
                "organizationid": "04600000-0000-4000-8000-000000000001",
                "name": "Brightwater Instruments",
                "fiscalcalendarstart": datetime(2023, 1, 1),
                "fiscalperiodtype": 2002,
                "fiscalperiodformatperiod": "Q{0}",
                "fiscalyeardisplaycode": 1,
                "expirechangetrackingindays": self.store.keeps_days,
                "languagecode": 1033,
                "isauditenabled": self._audited,
                "createdon": begun,
                "modifiedon": begun,
            },
        )
        if linkedin:
            named = {"uniquename": LINKEDIN, "friendlyname": "LinkedIn Sales Navigator", "version": "3.0.1.1060"}
            self.store.insert("solution", {**named, "ismanaged": True, "createdon": begun, "modifiedon": begun})


def _within_the_story(day: date) -> None:
    if not START <= np.datetime64(day, "D") <= END:
        raise ConfigError(f"the demo's story runs from {START} to {END}, not to {day}; choose a day between the two.")
