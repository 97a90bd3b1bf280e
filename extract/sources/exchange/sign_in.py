"""Tokens for Microsoft Graph, by OAuth client credentials."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import httpx
import msal

from config.errors import ConfigError, SourceRefused, SourceUnavailable
from config.schema.sources.exchange import Settings
from extract.certificates import trusted

_MAP: dict[str, str] = {
    "AADSTS90002": "tenant_id names no tenant. Correct it.",
    "AADSTS700016": "the tenant does not know client_id. Correct it, or register the application there.",
    "AADSTS7000215": "the client secret is wrong. Put the secret's value, not its id, into the variable.",
    "AADSTS7000222": "the client secret has run out. Make a new one in the app registration.",
}


class GraphToken:
    """Gives the access token, and a new one where it is about to run out or was refused. Threads may share it."""

    def __init__(self, settings: Settings) -> None:
        """Read the secret from the environment.

        Raises:
            ConfigError: where the variable is not set.
        """
        secret = os.environ.get(settings.client_secret_env)
        if not secret:
            raise ConfigError(
                f"sources/exchange.yml: client_secret_env: the variable {settings.client_secret_env} is not set. "
                "Put the client secret of the app registration into it."
            )
        self._settings, self._secret, self._lock = settings, secret, threading.Lock()
        ca_file = Path(settings.ca_file) if settings.ca_file else None
        self._http = httpx.Client(verify=trusted(ca_file), timeout=60.0)
        self._client: Any = None
        self._given = ""

    def close(self) -> None:
        """Close the connection to Entra ID."""
        self._http.close()

    def __call__(self, refused: str | None = None) -> str:
        """A token that is valid now.

        Raises:
            SourceRefused: tenant, application or secret is wrong.
            SourceUnavailable: nobody answers at ``login_address``.
        """
        with self._lock:
            try:
                if self._client is None or refused == self._given:
                    self._client = self._new_client()  # with an empty cache, so that no old token comes out of it
                told = self._client.acquire_token_for_client(scopes=[f"{self._settings.graph_address}/.default"])
            except (httpx.HTTPError, ValueError) as error:
                raise SourceUnavailable(
                    f"{self._settings.login_address}: no token can be had ({type(error).__name__}). Check "
                    "login_address and tenant_id, and whether the network lets it through; it is tried again."
                ) from None
            if "access_token" not in told:
                raise SourceRefused(_refusal(told))
            self._given = str(told["access_token"])
            return self._given

    def _new_client(self) -> Any:
        return msal.ConfidentialClientApplication(
            self._settings.client_id,
            client_credential=self._secret,
            authority=f"{self._settings.login_address}/{self._settings.tenant_id}",
            instance_discovery=False,
            http_client=self._http,
        )


def _refusal(told: dict[str, Any]) -> str:
    described = str(told.get("error_description", ""))
    known = next((meaning for code, meaning in _MAP.items() if code in described), None)
    code = described.partition(":")[0] or str(told.get("error", ""))
    return f"Microsoft Entra ID gives no token ({code}): " + (
        known
        or "check tenant_id, client_id, the secret, and that an administrator has granted consent to the application."
    )
