"""Access tokens by OAuth client credentials: kept while they are good, renewed when they are not."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import msal

from config.errors import ConfigError, SourceRefused, SourceUnavailable
from config.schema.sources.dataverse import Settings
from extract.certificates import trusted

_TRIES: Final = 5
_ADVICE: Final = {
    "7000215": "Put the secret's value, not its ID, into the environment variable {env}.",
    "7000222": "The secret has expired: make a new one in the app registration and put it into {env}.",
    "700016": "Correct client_id in sources/dataverse.yml.",
    "90002": "Correct tenant_id in sources/dataverse.yml.",
    "500011": "Correct url in sources/dataverse.yml; the organisation is not of this tenant.",
}
"""Numbers of Microsoft Entra's errors to what to do."""


class NoToken:
    """For a service that asks for none."""

    def close(self) -> None:
        """There is nothing to let go of."""

    def __call__(self, refused: str | None = None) -> str:  # noqa: ARG002 - there is no other
        """No token."""
        return ""


class ClientCredentials:
    """Gives the access token of an application; may be called by several threads."""

    def __init__(
        self,
        settings: Settings,
        environment: Mapping[str, str] = os.environ,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        secret = environment.get(settings.client_secret_env)
        if not secret:
            raise ConfigError(
                f"The environment variable {settings.client_secret_env} is empty. Put the client secret of the app "
                "registration into it; sources/dataverse.yml names it at client_secret_env."
            )
        self._settings, self._secret, self._sleep = settings, secret, sleep
        ca_file = Path(settings.ca_file) if settings.ca_file else None
        self._client = httpx.Client(verify=trusted(ca_file), timeout=60)
        self._lock = threading.Lock()
        self._application: msal.ConfidentialClientApplication | None = None
        self._last = ""

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def __call__(self, refused: str | None = None) -> str:
        """A token that is valid now; a new one where the service has refused the last.

        Raises:
            SourceRefused: where tenant, client or secret are wrong.
            SourceUnavailable: where nobody gives tokens now.
        """
        with self._lock:
            if refused is not None and refused == self._last and self._application:
                self._application.remove_tokens_for_client()
            answer = self._asked()
            if "access_token" not in answer:
                raise SourceRefused(self._told(answer))
            self._last = str(answer["access_token"])
            return self._last

    def _asked(self) -> dict[str, Any]:
        for attempt in range(1, _TRIES + 1):
            try:
                return self._once()
            except httpx.HTTPError as error:
                if attempt == _TRIES:
                    raise SourceUnavailable(
                        f"{self._settings.authority} gives no token ({_why(error)}). Wait; it is tried again."
                    ) from None
                self._sleep(2.0**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _scope(self) -> str:
        """All that the application may do with the service, whatever the path of its address."""
        return str(httpx.URL(self._settings.url or "").copy_with(raw_path=b"/.default"))

    def _once(self) -> dict[str, Any]:
        settings = self._settings
        if self._application is None:
            try:
                self._application = msal.ConfidentialClientApplication(
                    settings.client_id,
                    client_credential=self._secret,
                    authority=f"{settings.authority}/{settings.tenant_id}",
                    instance_discovery=False,
                    http_client=self._client,
                )
            except ValueError as error:
                raise SourceRefused(
                    f"{settings.authority} does not know the tenant {settings.tenant_id}. {_ADVICE['90002']}"
                ) from error
        answer: dict[str, Any] = self._application.acquire_token_for_client([self._scope()])
        return answer

    def _told(self, answer: Mapping[str, Any]) -> str:
        numbers = [str(number) for number in answer.get("error_codes", [])]
        said = str(answer.get("error_description") or answer.get("error") or "no reason").partition(" Trace ID")[0]
        advice = next((_ADVICE[number] for number in numbers if number in _ADVICE), "Check the app registration.")
        told = (
            f"{self._settings.authority} gives no token: {said} {advice.format(env=self._settings.client_secret_env)}"
        )
        return told.replace(self._secret, "***")


def _why(error: httpx.HTTPError) -> str:
    """What kind of error it was, without its words: they may hold what was sent."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not trusted; name your proxy's in ca_file"
    return type(error).__name__
