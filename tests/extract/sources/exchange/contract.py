"""A tiny tenant for the contract: its items are messages that two mailboxes hold; meetings lie beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from extract.demo.emulated import Emulated
from extract.demo.failures import Plan
from extract.sources.exchange.emulator.app import Emulator
from extract.sources.exchange.emulator.mailboxes import Tenant, instant
from extract.sources.exchange.emulator.troubles import fail
from tests.extract.certificates import certificates
from tests.extract.contract.front import Front
from tests.extract.sources.exchange.brightwater import ANN, BEN, CARL, DORA, SECRET, at, settings_of

BUFFERS: Final = {"extract.sources.exchange.readings._GROUP": 30}
EXEMPT: Final = {
    "unknown_column": "Every request names its properties, and none is kept but those that the consent covers: what "
    "Graph comes to tell besides is not read. test_messages.py and test_meetings.py hold that."
}


class Messages:
    """See ``tests.extract.contract.adapter.Organisation``."""

    entity = "activities"
    secrets: Final = {"EXCHANGE_CLIENT_SECRET": SECRET}

    def __init__(self) -> None:
        self.tenant = Tenant()
        for address in (ANN, BEN):
            self.tenant.hire(address, "sales")
        self.emulator = Emulator(self.tenant)
        self.front = Front(self.emulator.app)
        self.service = Emulated(self.front, certificates=certificates())
        self._tokens: list[str] = []
        self._sent: dict[int, str] = {}

    def settings(self, page_size: int) -> Mapping[str, Any]:
        every_day = {"backfill_days": 30, "backfill_days_per_day": 30}
        return settings_of(self.service) | every_day | {"page_size": page_size}

    def add(self, numbers: Iterable[int], weight: int = 10) -> None:
        customer = f"{'c' * weight}@customer.example"
        for number in numbers:
            moment = at(2) + timedelta(seconds=number)
            self._sent[number] = self.tenant.send(customer, [ANN, BEN], moment, subject=f"No. {number}")

    def live_on(self, number: int) -> None:
        self.add([number])
        self.tenant.meet(ANN, [CARL], at(1) + timedelta(minutes=number), subject=f"Meeting {number}")
        for address in (ANN, BEN):
            box = self.tenant.mailboxes[address]
            for item in box.find(internetMessageId=self._sent.get(number - 1, "none")):
                to_dora = [{"emailAddress": {"name": "Dora", "address": DORA}}]
                box.change(item, ccRecipients=to_dora, lastModifiedDateTime=instant(at(0) + timedelta(minutes=number)))
            for item in box.find(internetMessageId=self._sent.get(number - 2, "none")):
                box.delete(item)

    def add_unknown(self, number: int, column: str, value: str) -> None:
        raise AssertionError(f"{EXEMPT['unknown_column']} ({number}, {column}, {value})")

    def add_malformed(self, number: int) -> str:
        box = self.tenant.mailboxes[ANN]
        message = self.tenant.send(CARL, [ANN], at(1), subject=f"malformed {number}")
        box.change(box.find(internetMessageId=message)[0], sentDateTime=12345)
        return "'12345' is not an ISO 8601 date"

    def turn_round(self) -> None:
        self.front.is_backwards = True

    def fail(self, plan: Plan) -> list[Any]:
        failed = fail(self.emulator, plan)
        self.front.app = failed
        return failed.happened

    def expire(self) -> None:
        self.tokens()
        self.emulator.expire_tokens()
        for box in self.tenant.mailboxes.values():
            box.log.clear()  # no delta tells any longer what happened meanwhile
            box.epoch += 1

    def tokens(self) -> list[str]:
        self._tokens += [token for token in self.emulator._tokens if token not in self._tokens]
        return self._tokens


@contextmanager
def organisation(folder: Path) -> Iterator[Messages]:  # noqa: ARG001 - it keeps no files
    """Two mailboxes without messages."""
    messages = Messages()
    with messages.service:
        yield messages
