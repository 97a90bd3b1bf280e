"""The meetings of one mailbox: what is new in a window of its calendar, and the window moves with the days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from config.schema.sources.exchange import Settings
from extract.sources.exchange.backfill import Backfill, midnight
from extract.sources.exchange.canonical import Malformed, Organisation, of_event, series_of
from extract.sources.exchange.reading import Opened, Told
from extract.sources.exchange.readings import Place, Readings
from extract.sources.exchange.rounds import BATCH, Mailbox, Rounds

CALENDAR: Final = "calendar"
_MOVES_EVERY: Final = 7
"""Days after which the window is moved, which means that it is read in full once."""
_OF_SERIES: Final = "iCalUId,type,organizer,attendees,isCancelled,sensitivity,subject"


@dataclass
class _Meetings:
    """One reading of one calendar."""

    mailbox: Mailbox
    organisation: Organisation
    readings: Readings
    series: dict[str, dict[str, Any]] = field(default_factory=dict)
    waiting: list[tuple[Place, dict[str, Any]]] = field(default_factory=list)

    def run(self, url: str, number: int) -> str | None:
        """Read a link or a window to its end; the next link, None where the link has expired."""
        rounds = Rounds(self.mailbox)
        place = Place(CALENDAR, number)
        for _, items in rounds.run({CALENDAR: url}):
            for item in items:
                self._take(place, item)
        self._settle_series()
        return rounds.links.get(CALENDAR)

    def _take(self, place: Place, item: Any) -> None:
        if not isinstance(item, dict) or not item.get("id"):
            self.readings.malformed(place, item, "it is no event")
        elif "@removed" in item:
            self.readings.gone(place, str(item["id"]))
        elif item.get("type") == "seriesMaster":
            self.series[str(item["id"])] = item
        elif isinstance(item.get("seriesMasterId"), str):
            self.waiting.append((place, _without_body(item)))
        else:
            self._one(place, item, None)

    def _settle_series(self) -> None:
        """Occurrences tell little; the rest is in their series, which is asked for where it did not come along."""
        lacking = sorted({series_of(item) for _, item in self.waiting} - set(self.series))
        for begin in range(0, len(lacking), BATCH):
            rounds = Rounds(self.mailbox)
            asked = {
                key: self.mailbox.url(f"events/{key}?$select={_OF_SERIES}") for key in lacking[begin : begin + BATCH]
            }
            for key, items in rounds.run(asked):
                self.series[key] = items[0]
        for place, item in self.waiting:
            self._one(place, item, self.series.get(series_of(item)))
        self.waiting.clear()

    def _one(self, place: Place, item: dict[str, Any], series: dict[str, Any] | None) -> None:
        try:
            activity = of_event(item, series, self.organisation)
        except Malformed as error:
            self.readings.malformed(place, _without_body(item), str(error))
            return
        if activity is None:
            self.readings.gone(place, str(item["id"]))
        else:
            self.readings.found(place, item, activity, activity.columns["created_at"])


def read_meetings(
    mailbox: Mailbox,
    settings: Settings,
    organisation: Organisation,
    day: date,
    cursor: Mapping[str, Any] | None,
    readings: Readings,
) -> Told:
    """Read what is new in a mailbox's calendar; arguments and errors as those of ``read_messages``."""
    told, known = Told(), cursor or {}
    backfill = Backfill.of(known.get("backfill"), settings, day)
    window = _window(settings, backfill, day, known.get("window"))
    meetings = _Meetings(mailbox, organisation, readings)
    link = meetings.run(known["link"], 1) if "link" in known and known["window"] == window else None
    if link is None:
        start, end = window
        query = urlencode({"startDateTime": start, "endDateTime": end}, safe=":")
        link = meetings.run(mailbox.url(f"calendarView/delta?{query}"), 2)
        told.opened.append(Opened(CALENDAR, start, end))
    told.cursor = {"link": link, "window": window, "backfill": backfill.told()}
    return told


def _window(settings: Settings, backfill: Backfill, day: date, known: list[str] | None) -> list[str]:
    """First and last instant: as far back as the back-fill has come, never further than it goes; some days ahead."""
    oldest = midnight(day + timedelta(days=1 - settings.backfill_days))
    start = max(backfill.reach, oldest)
    least = midnight(day + timedelta(days=1 + settings.calendar_days_ahead - _MOVES_EVERY))
    if known and known[1] > least and backfill.stepped_on != day.isoformat() and known[0] <= start:
        return known
    return [start, midnight(day + timedelta(days=1 + settings.calendar_days_ahead))]


def _without_body(item: dict[str, Any]) -> dict[str, Any]:
    """Calendar views cannot be asked without the body; it is not kept for a moment longer than the page."""
    return {name: value for name, value in item.items() if name not in {"body", "bodyPreview", "locations", "location"}}
