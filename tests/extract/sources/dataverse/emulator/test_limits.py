"""Service protection: three ways to ask too much, and the headers that tell before."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

import pytest

from extract.sources.dataverse.emulator import Limits, Store, dataverse_app
from extract.sources.dataverse.emulator.errors import ServiceError
from extract.sources.dataverse.emulator.limits import Protection
from tests.extract.in_process import in_process
from tests.extract.sources.dataverse.emulator.conftest import HOST, Reader


def reader_with(store: Store, limits: Limits) -> Reader:
    app = dataverse_app(store, limits=limits)
    return Reader(in_process(app, HOST), app)


def test_too_many_requests_in_the_window(store: Store) -> None:
    reader = reader_with(store, Limits(requests=3))
    left = [reader.get("leads").headers["x-ms-ratelimit-burst-remaining-xrm-requests"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    told = reader.get("leads")
    assert (told.status_code, told.json()["error"]["code"]) == (429, "0x80072322")
    assert 298 <= int(told.headers["retry-after"]) <= 300
    store.clock.put_forward(timedelta(seconds=301))
    assert reader.get("leads").status_code == 200


def test_too_much_time_in_the_window(store: Store) -> None:
    protection = Protection(Limits(execution_s=10), store.clock)
    with protection.request("a") as left:
        assert left["x-ms-ratelimit-time-remaining-xrm-requests"] == "10.00"
        store.clock.put_forward(timedelta(seconds=11))
    with pytest.raises(ServiceError, match="Combined execution time") as told, protection.request("a"):
        pass
    assert (told.value.status, told.value.code) == (429, "0x80072321")
    assert int(told.value.headers["Retry-After"]) > 280
    with protection.request("b"):
        pass


def test_too_many_requests_at_once(store: Store) -> None:
    protection = Protection(Limits(concurrent=2), store.clock)
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(protection.request("a"))
        with (
            pytest.raises(ServiceError, match="concurrent requests exceeded the limit of 2") as told,
            protection.request("a"),
        ):
            pass
        assert (told.value.status, told.value.code, told.value.headers["Retry-After"]) == (429, "0x80072326", "1")
    with protection.request("a"):
        pass
