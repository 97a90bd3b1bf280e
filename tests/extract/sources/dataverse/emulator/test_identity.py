"""Tokens: what the directory gives out and refuses, and what the service does with good and bad ones."""

from __future__ import annotations

from datetime import timedelta

import msal
import pytest
from starlette.applications import Starlette

from extract.sources.dataverse.emulator import Emulated, Registration, Store
from tests.extract.sources.dataverse.emulator.conftest import HOST, Reader


@pytest.mark.parametrize(
    ("tenant", "form", "status", "error", "number"),
    [
        ("nobody", {}, 400, "invalid_request", 90002),
        (None, {"client_id": "another"}, 400, "unauthorized_client", 700016),
        (None, {"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        (None, {"scope": f"{HOST}/user_impersonation"}, 400, "invalid_scope", 1002012),
        (None, {"scope": "https://other.example/.default"}, 400, "invalid_resource", 500011),
        (None, {"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
    ],
)
def test_wrong_credentials_are_told_as_microsoft_tells_them(
    tenant: str | None, form: dict[str, str], status: int, error: str, number: int, reader: Reader
) -> None:
    answer = reader.token(tenant, **form)
    told = answer.json()
    assert (answer.status_code, told["error"], told["error_codes"]) == (status, error, [number])
    assert told["error_description"].startswith(f"AADSTS{number}: ")
    assert reader.app.state.identity.registration.secret not in answer.text


def test_a_request_needs_a_good_token(reader: Reader, store: Store) -> None:
    assert reader.get("WhoAmI").json()["UserId"] == reader.app.state.identity.registration.user_id
    store.clock.put_forward(timedelta(seconds=3_600))
    answer = reader.get("WhoAmI")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer authorization_uri=")
    reader.sign_in()
    assert reader.get("WhoAmI").status_code == 200
    reader.app.state.identity.expire_all()
    assert reader.get("leads").status_code == 401
    del reader.client.headers["Authorization"]
    assert reader.get("leads").status_code == 401


def test_msal_gets_a_token_over_tls(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # requests prefers them to what a session is told
        monkeypatch.delenv(name, raising=False)
    known = Registration()
    with Emulated(app) as service:
        asks = msal.ConfidentialClientApplication(
            known.client_id,
            authority=f"{service.url}/{known.tenant}",
            client_credential=known.secret,
            instance_discovery=False,
            verify=str(service.ca_file),
        )
        found = asks.acquire_token_for_client([f"{service.url}/.default"])
        assert found["token_type"] == "Bearer"
        assert found["expires_in"] == 3_599
        assert asks.acquire_token_for_client(["https://other.example/.default"])["error"] == "invalid_resource"
