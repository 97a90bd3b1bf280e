"""Fetching the ``exchange`` source: who is in scope, then the messages and meetings of every mailbox."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

from config.errors import SourceRefused, SourceUnavailable
from config.schema.sources.exchange import People, Settings
from config.workspace import Workspace
from extract.fetch import Fetched
from extract.http import Http, Missing, Rejected
from extract.limiter import Limiter
from extract.packages import Packages, Problem
from extract.sources.exchange.canonical import Organisation
from extract.sources.exchange.meetings import read_meetings
from extract.sources.exchange.messages import read_messages
from extract.sources.exchange.package import SOURCE, Sealer, fingerprint
from extract.sources.exchange.people import InScope, find_people
from extract.sources.exchange.reading import Told
from extract.sources.exchange.readings import Readings
from extract.sources.exchange.rounds import AT_ONCE, Mailbox, NoAccess
from extract.sources.exchange.sign_in import GraphToken

log: Final = logging.getLogger(__name__)
_READERS: Final = {"messages": read_messages, "meetings": read_meetings}
_EXPIRED: Final = frozenset({"syncstatenotfound", "syncstateinvalid", "resyncrequired"})
_ENTITIES: Final = ("activities", "activity_parties")
_NEVER: Final = "never"
"""In a cursor: the person may not be read any longer, and what only this mailbox held was taken back."""


def fetch(workspace: Workspace, day: date, packages: Packages) -> Fetched:
    """Package what is new in every mailbox in scope; see ``extract.fetch.fetch``."""
    settings: Settings = workspace.config.sources[SOURCE]
    if not settings.enabled or settings.people is None or settings.consent is None:
        return Fetched((), (), ())
    consent = settings.consent
    log.info("read with the consent of %s, %s: %s", consent.accepted_by, consent.accepted_on, consent.terms)
    graph = f"{settings.graph_address.rstrip('/')}/v1.0"
    with closing(GraphToken(settings)) as token:
        ca_file = Path(settings.ca_file) if settings.ca_file else None
        client = partial(Http, token, ca_file=ca_file, expired_codes=_EXPIRED)
        with client(Limiter(AT_ONCE)) as http:
            people = _people(http, graph, settings.people)
        told = [sorted(settings.domains), sorted(people.never), settings.subject, sorted(settings.left_out_folders)]
        sealer = Sealer(packages, day, fingerprint({"told": told}))
        with closing(sealer), packages.writing("reading") as folder:
            organisation = Organisation(frozenset(settings.domains), people.never, settings.subject)
            run = _Run(settings, organisation, day, graph, client, sealer, folder)
            run.read(people)
            present = [(entity, file) for entity in _ENTITIES for file in sorted(sealer.streams_met)]
            packages.seal_fetch(day, present, run.problems)
            return Fetched(tuple(sealer.read), tuple(sealer.unchanged), tuple(run.problems))


def _people(http: Http, graph: str, people: People) -> InScope:
    try:
        return find_people(http, graph, people)
    except (Missing, Rejected) as error:
        raise SourceRefused(f"{error} Is graph_address in sources/exchange.yml that of Microsoft Graph?") from error


@dataclass(frozen=True)
class _Read:
    """One stream, read: its name, the file of readings, what was told; or why it could not be read."""

    file: str
    readings: Path
    told: Told | None
    problem: Problem | None = None


@dataclass
class _Run:
    """One fetch."""

    settings: Settings
    organisation: Organisation
    day: date
    graph: str
    client: Any
    sealer: Sealer
    folder: Path
    problems: list[Problem] = field(default_factory=list)

    def read(self, people: InScope) -> None:
        """Read all mailboxes; what one of them brought is sealed as soon as its turn has come.

        Raises:
            SourceRefused: where not one mailbox lets us in.
        """
        self._take_back(people)
        refused = 0
        with ThreadPoolExecutor(self.settings.mailboxes_at_once) as pool:
            for one in self._in_turn(pool, people.read):
                refused += one.problem is not None and one.problem.kind == "refused"
                self._seal(one)
        if refused and refused == len(people.read) * len(_READERS):
            raise SourceRefused(
                f"exchange: not one of {len(people.read)} mailboxes lets us in. Grant the application "
                "Mail.ReadBasic.All and Calendars.Read with the administrator's consent, or add the people "
                "to the group of its access policy."
            )

    def _in_turn(self, pool: ThreadPoolExecutor, addresses: tuple[str, ...]) -> Iterator[_Read]:
        """Mailboxes in order, no more of them read ahead than are read at once: what waits is on disk."""
        ahead = self.settings.mailboxes_at_once
        waiting = [pool.submit(self._mailbox, address) for address in addresses[:ahead]]
        for number in range(len(addresses)):
            streams = waiting.pop(0).result()
            if number + ahead < len(addresses):
                waiting.append(pool.submit(self._mailbox, addresses[number + ahead]))
            yield from streams

    def _mailbox(self, address: str) -> list[_Read]:
        limiter = Limiter(AT_ONCE)
        with self.client(limiter) as http:
            mailbox = Mailbox(address, self.graph, http, limiter, self.settings.page_size)
            return [self._stream(mailbox, kind) for kind in _READERS]

    def _stream(self, mailbox: Mailbox, kind: str) -> _Read:
        file = f"{mailbox.address}/{kind}"
        path = self.folder / f"{mailbox.address}-{kind}.parquet"
        cursor = self._cursor(file)
        try:
            with Readings(path) as readings:
                told = _READERS[kind](mailbox, self.settings, self.organisation, self.day, cursor, readings)
        except NoAccess as error:
            return _Read(file, path, None, _refused(file, str(error)))
        except SourceUnavailable as error:
            return _Read(file, path, None, Problem("unavailable", "activities", file, f"{file}: {error}"))
        told.rows = readings.rows
        return _Read(file, path, told)

    def _cursor(self, file: str) -> dict[str, Any] | None:
        """Where to go on; after a change of what is to be read only how far back, so that all is read anew."""
        cursor = self.sealer.cursor(file)
        if cursor is None or cursor.get(_NEVER):
            return None
        if cursor["settings"] == self.sealer.settings:
            return cursor
        anew = {name: value for name, value in cursor.items() if name != "link"}
        if "folders" in anew:
            anew["folders"] = {name: told | {"since": "9999"} for name, told in anew["folders"].items()}
        return anew

    def _seal(self, one: _Read) -> None:
        if one.problem is not None:
            self.problems.append(one.problem)
        elif one.told is not None:
            self.sealer.seal(one.file, one.readings, one.told)
        one.readings.unlink(missing_ok=True)

    def _take_back(self, people: InScope) -> None:
        """What only the mailboxes of people held who may not be read any longer is deleted, without asking for them."""
        for file in self.sealer.streams:
            cursor = self.sealer.cursor(file) or {}
            if file.partition("/")[0] in people.never and not cursor.get(_NEVER):
                path = self.folder / "nothing.parquet"
                with Readings(path):
                    pass
                gone = Told(vanished=self.sealer.places(file), cursor={_NEVER: True})
                self.sealer.seal(file, path, gone)
                path.unlink()


def _refused(file: str, said: str) -> Problem:
    message = (
        f"{file}: the mailbox does not let us in ({said}). If it should be read, add it to the group of the "
        "application's access policy and see that it has an Exchange Online licence; "
        "if not, take the person out of 'people'."
    )
    return Problem("refused", "activities", file, message)
