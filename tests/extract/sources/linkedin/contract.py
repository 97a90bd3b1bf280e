"""Export jobs of a few sellers for the contract: an item is an InMail that one of them has sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from extract.demo.emulated import Emulated
from extract.demo.failures import Plan
from extract.sources.linkedin.emulator import ExportJobs
from extract.sources.linkedin.emulator.troubles import fail
from tests.extract.certificates import certificates
from tests.extract.contract.front import Front

BUFFERS: Final = {"extract.spool._ROWS_IN_GROUP": 30, "extract.sources.linkedin.table._PAGE": 30}
EXEMPT: Final[Mapping[str, str]] = {}
_TOKEN: Final = "a-token-of-linkedin"


class Exports:
    """See ``tests.extract.contract.adapter.Organisation``. An export tells no deletions, so items never go."""

    entity = "activities"
    secrets: Final = {"LINKEDIN_ACCESS_TOKEN": _TOKEN}

    def __init__(self) -> None:
        self.jobs = ExportJobs((), _TOKEN)
        self.front = Front(self.jobs.app)
        self.service = Emulated(self.front, certificates=certificates())

    def settings(self, page_size: int) -> Mapping[str, Any]:  # noqa: ARG002 - an export is one file
        return {
            "enabled": True,
            "contract": "urn:li:contract:1",
            "address": f"{self.service.url}/v2",
            "ca_file": str(self.service.ca_file),
            "poll_seconds": 0.01,
            "seats": {7: "U7"},
            "terms": {"accepted_by": "A. Admin", "accepted_on": "2026-06-01"},
        }

    def add(self, numbers: Iterable[int], weight: int = 10) -> None:
        self.jobs.rows += [self._row(number, member="m" * weight) for number in numbers]

    def live_on(self, number: int) -> None:
        self.jobs.rows = [
            self._row(number - 1, second=number) if row[0] == f"a{number - 1}" else row for row in self.jobs.rows
        ]
        self.add([number])

    def add_unknown(self, number: int, column: str, value: str) -> None:
        self.jobs.columns.append(column)
        self.jobs.rows = [(*row, "") for row in self.jobs.rows]
        self.jobs.rows.append((*self._row(number)[:-1], value))

    def add_malformed(self, number: int) -> str:
        activity, kind, _, *others = self._row(number)
        self.jobs.rows.append((activity, kind, "2026/07/01", *others))
        return "'2026/07/01' is not an ISO 8601 date"

    def turn_round(self) -> None:
        self.jobs.rows = self.jobs.rows[::-1]

    def fail(self, plan: Plan) -> list[Any]:
        failed = fail(self.jobs.app, plan)
        self.front.app = failed
        return failed.happened

    def expire(self) -> None:
        self.jobs.expired += 1

    def tokens(self) -> list[str]:
        return [self.jobs.signature]

    def _row(self, number: int, second: int = 0, member: str = "m") -> tuple[str, ...]:
        moment = f"06-29-2026 {number // 60 % 24:02d}:{number % 60:02d}:{second % 60:02d}"
        told = (f"a{number}", "INMAIL_SENT", moment, "7", member)
        return (*told, *("" for _ in self.jobs.columns[len(told) :]))


@contextmanager
def organisation(folder: Path) -> Iterator[Exports]:  # noqa: ARG001 - it keeps no files
    """Export jobs without activities."""
    exports = Exports()
    with exports.service:
        yield exports
