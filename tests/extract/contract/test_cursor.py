"""The cursor moves only after the data is safe: a fetch that dies between two packages loses and repeats nothing."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Final

import pytest

from extract.packages import Packages
from tests.extract.contract.adapter import held_to
from tests.extract.contract.reading import Reading, serving

DEATHS: Final = 2


class Died(BaseException):
    """As sudden as a kill: nothing that follows is done, but a context manager's clean-up."""


def dies(reading: Reading, number: int) -> bool:
    """Fetch, and die before the package of that number is sealed; False where there were no more."""
    seal, sealed = Packages._seal, list[str]()

    def deadly(self: Packages, folder: Path, name: str, manifest: dict[str, Any]) -> None:
        if len(sealed) == number:
            raise Died
        seal(self, folder, name, manifest)
        sealed.append(name)

    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(Died):
        patch.setattr(Packages, "_seal", deadly)
        reading.fetch()
        return False
    return True


@pytest.mark.parametrize("source", held_to("safe_cursor"))
def test_a_fetch_that_dies_between_two_packages(source: str, tmp_path: Path) -> None:
    with serving(source, tmp_path) as reading:
        reading.organisation.add(range(1, 8))
        died = 0
        for number in range(DEATHS):
            died += dies(reading, number)
            reading.organisation.add([8 + number])
        reading.a_day()
        reading.a_day(name="undisturbed")
        assert died == DEATHS
        assert reading.raw(without=["_known_at"]) == reading.raw("undisturbed", without=["_known_at"])
