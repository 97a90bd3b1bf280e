"""What tests of all sources share: nobody waits as long as a service in trouble would want."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.http._FIRST_PAUSE", 0.01)
