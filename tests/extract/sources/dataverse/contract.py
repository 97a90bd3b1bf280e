"""A tiny Dataverse organisation for the contract: its items are leads; an account and parties lie beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from extract.demo.failures import Plan
from extract.sources.dataverse.emulator import Column, Emulated, dataverse_app, failing
from tests.extract.certificates import certificates
from tests.extract.contract.front import Front
from tests.extract.sources.dataverse.organisation import REGISTRATION, SECRET, SECRET_ENV, TABLES, key, settings_of
from tests.extract.sources.dataverse.organisation import organisation as small

BUFFERS: Final = {"extract.spool._ROWS_IN_GROUP": 30}
EXEMPT: Final[Mapping[str, str]] = {}
_BEGAN: Final = datetime(2026, 6, 1)


class Leads:
    """See ``tests.extract.contract.adapter.Organisation``."""

    entity = "leads"
    secrets: Final = {SECRET_ENV: SECRET}

    def __init__(self) -> None:
        self.store = small(leads=0)
        self.app = dataverse_app(self.store, REGISTRATION)
        self.front = Front(self.app)
        self.service = Emulated(self.front, certificates=certificates())
        self._tokens: list[str] = []
        self._remember_tokens()

    def _remember_tokens(self) -> None:
        identity = self.app.state.identity
        new = identity._new

        def remembered() -> str:
            self._tokens.append(new())
            return self._tokens[-1]

        identity._new = remembered

    def settings(self, page_size: int) -> Mapping[str, Any]:
        return settings_of(self.service) | {"page_size": page_size, "tables": [TABLES[0], TABLES[1], TABLES[3]]}

    def add(self, numbers: Iterable[int], weight: int = 10) -> None:
        rows = [_lead(number) | {"bw_note": "n" * weight} for number in numbers]
        self.store.fill("lead", pa.Table.from_pylist(rows))

    def live_on(self, number: int) -> None:
        self.store.insert("lead", _lead(number))
        there = set(self.store.keys("lead"))
        if key(number - 1) in there:
            self.store.update("lead", key(number - 1), {"subject": f"Changed on day {number}"})
        if key(number - 2) in there:
            self.store.delete("lead", key(number - 2))
        self.store.update("account", key(501), {"name": f"Company on day {number}"})
        self.store.update("activityparty", key(701), {"participationtypemask": 1 + number % 2})

    def add_unknown(self, number: int, column: str, value: str) -> None:
        self.store.add_column("lead", Column(column, "string", custom=True))
        self.store.insert("lead", {**_lead(number), column: value})

    def add_malformed(self, number: int) -> str:
        self.store.insert("lead", {**_lead(number), "numberofemployees": "about ten"})
        return "numberofemployees (employee_count): 'about ten' is not a number"

    def turn_round(self) -> None:
        self.front.is_backwards = True

    def fail(self, plan: Plan) -> list[Any]:
        failed = failing(self.app, plan)
        self.front.app = failed
        return failed.happened

    def expire(self) -> None:
        self.app.state.identity.expire_all()
        self.store.clock.put_forward(timedelta(days=8))

    def tokens(self) -> list[str]:
        return self._tokens


def _lead(number: int) -> dict[str, Any]:
    moment = _BEGAN + timedelta(minutes=number)
    told = {"leadid": key(number), "subject": f"Topic {number}", "statecode": 0}
    return told | {"createdon": moment, "modifiedon": moment}


@contextmanager
def organisation(folder: Path) -> Iterator[Leads]:  # noqa: ARG001 - it keeps no files
    """A small organisation without leads."""
    leads = Leads()
    with leads.service:
        yield leads
