"""A folder of exported leads for the contract. It is read in place: there is no service that could fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from extract.demo.failures import Plan

BUFFERS: Final = {"extract.sources.files.text.CHUNK": 4_096}
EXEMPT: Final = {
    "troubles": "There is no service: a file is there or not, which test_bad_input.py and test_problems.py hold.",
    "secrets": "It has none.",
    "kills": "It is no live source; tests/journeys/test_days_killed.py kills whole days of it.",
}
_HEAD: Final = "id,state,value,created"


class Exports:
    """See ``tests.extract.contract.adapter.Organisation``."""

    entity = "leads"
    secrets: Final[Mapping[str, str]] = {}

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "input"
        self._folder.mkdir(parents=True)

    def settings(self, page_size: int) -> Mapping[str, Any]:  # noqa: ARG002 - a file is one page
        columns = {"lead_id": "id", "status": "state", "estimated_amount": "value", "created_at": "created"}
        table = {"entity": "leads", "files": "leads*.csv", "columns": columns, "values": {"status": {"new": "open"}}}
        return {"tables": [table]}

    def add(self, numbers: Iterable[int], weight: int = 10) -> None:
        note = "n" * weight
        self._write(f"{_HEAD},note", [f"L{number:06d},new,{number}.5,2026-01-05,{note}" for number in numbers])

    def live_on(self, number: int) -> None:
        self.add([number])

    def add_unknown(self, number: int, column: str, value: str) -> None:
        self._write(f"{_HEAD},{column}", [f"L{number:06d},new,1.5,2026-01-05,{value}"])

    def add_malformed(self, number: int) -> str:
        self._write(_HEAD, [f"L{number:06d},new,many,2026-01-05"])
        return "value (estimated_amount): 'many' is not a number"

    def turn_round(self) -> None:
        for path in self._folder.glob("leads*.csv"):
            head, *rows = path.read_text().splitlines()
            path.write_text("\n".join([head, *reversed(rows)]) + "\n")

    def fail(self, plan: Plan) -> list[tuple[str, str]]:
        raise AssertionError(f"{EXEMPT['troubles']} ({plan})")

    def expire(self) -> None:
        raise AssertionError(EXEMPT["troubles"])

    def tokens(self) -> list[str]:
        return []

    def _write(self, head: str, rows: list[str]) -> None:
        """One more file."""
        number = len(list(self._folder.iterdir()))
        (self._folder / f"leads{number:03d}.csv").write_text("\n".join([head, *rows]) + "\n")


@contextmanager
def organisation(folder: Path) -> Iterator[Exports]:
    """An empty folder."""
    yield Exports(folder)
