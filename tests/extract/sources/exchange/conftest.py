"""The emulated Graph, listening over TLS, and a workspace that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from extract.demo.emulated import Emulated
from extract.sources.exchange.emulator.app import Emulator
from extract.sources.exchange.emulator.mailboxes import Tenant
from tests.extract.sources.exchange.brightwater import ANN, BEN, EVE, SECRET, Brightwater


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Brightwater]:
    """Ann and Ben sell; Eve is on the works council."""
    monkeypatch.setenv("EXCHANGE_CLIENT_SECRET", SECRET)
    tenant = Tenant()
    tenant.hire(ANN, "sales")
    tenant.hire(BEN, "sales")
    tenant.hire(EVE, "sales", "council")
    emulator = Emulator(tenant)
    with Emulated(emulator.app) as service:
        yield Brightwater(tenant, emulator, tmp_path, service)
