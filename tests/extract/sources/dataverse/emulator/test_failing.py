"""The organisation under a plan of failures: a patient reader gets everything, and the same seed fails the same way."""

from __future__ import annotations

import json
from typing import Any

from extract.demo.failures import EVERYTHING, Plan
from extract.sources.dataverse.emulator import Store, dataverse_app, failing
from tests.extract.in_process import in_process
from tests.extract.sources.dataverse.emulator.conftest import API, HOST, Reader, add_leads

PREFER = "odata.track-changes,odata.maxpagesize=2"


def patient(store: Store, seed: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Reads all leads, asking again whenever an answer is none. Keys in their order, and what happened."""
    app = dataverse_app(store)
    failed = failing(app, Plan(seed, EVERYTHING, slow_s=0))
    token = Reader(in_process(app, HOST), app).client.headers["Authorization"]
    client = in_process(failed, HOST)
    client.headers.update({"Authorization": token, "Prefer": PREFER})
    link, found = f"{API}/leads?$select=subject", list[str]()
    while link:
        page = good_page(client, link)
        found += [item["leadid"] for item in page["value"]]
        link = page.get("@odata.nextLink", "")
    return list(dict.fromkeys(found)), [(path, failure) for path, failure in failed.happened]


def good_page(client: Any, link: str) -> Any:
    """A page, after as many attempts as it takes."""
    while True:
        try:
            answer = client.get(link)
            page = answer.json()
        except (AssertionError, json.JSONDecodeError):
            continue
        if answer.status_code == 200:
            return page
        assert answer.status_code in {401, 429, 503}
        if answer.status_code == 429:
            assert page["error"]["code"] in {"0x80072322", "0x80072321", "0x80072326"}
            assert answer.headers["retry-after"] == "1"


def test_a_patient_reader_gets_everything_and_a_seed_repeats_itself(store: Store) -> None:
    keys = add_leads(store, 120)
    found, happened = patient(store, 5)
    assert found == keys
    assert len({failure for _, failure in happened}) >= 6
    assert patient(store, 5) == (found, happened)
    assert patient(store, 6)[1] != happened
