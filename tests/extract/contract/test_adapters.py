"""Every source is born tested: without an adapter, or with an exemption that gives no reason, the suite fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extract.contract.adapter import PROPERTIES, adapted, adapter, held_to, sources


def test_every_source_has_an_adapter() -> None:
    lacking = [source for source in sources() if not adapted(source)]
    assert lacking == [], "write tests/extract/sources/<source>/contract.py; see tests/extract/contract/adapter.py"


@pytest.mark.parametrize("source", sources())
def test_what_a_source_is_exempt_from_has_a_reason(source: str) -> None:
    told = adapter(source).EXEMPT
    assert set(told) <= set(PROPERTIES)
    assert all(reason.endswith(".") and len(reason) >= len("It has none.") for reason in told.values())


@pytest.mark.parametrize("name", PROPERTIES)
def test_every_property_is_held_by_most(name: str) -> None:
    assert len(held_to(name)) > len(sources()) / 2


def test_a_source_without_an_adapter_is_found(tmp_path: Path) -> None:
    for relative in (
        "extract/crm/fetch.py",
        "extract/mail/fetch.py",
        "extract/notes/check.py",
        "tests/mail/contract.py",
    ):
        (tmp_path / relative).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / relative).touch()
    found = sources(tmp_path / "extract")
    assert found == ["crm", "mail"]
    assert [source for source in found if not adapted(source, tmp_path / "tests")] == ["crm"]
