"""The directory that gives out access tokens: client credentials, and Microsoft's answers to wrong ones."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from extract.sources.dataverse.emulator.clock import Clock
from extract.sources.dataverse.emulator.errors import ServiceError

_NAMESPACE: Final = uuid.UUID("5d5ac000-0000-4000-8000-000000000000")


@dataclass(frozen=True)
class Registration:
    """An application that may ask for tokens, and the user that it is in the organisation."""

    tenant: str = "7e4a0000-0000-4000-8000-000000000001"
    client_id: str = "a9900000-0000-4000-8000-000000000001"
    secret: str = "emulated-secret"  # noqa: S105 - nobody's secret: the emulator's own
    user_id: str = "05e20000-0000-4000-8000-000000999999"


class Identity:
    """Gives out tokens and knows which are still good."""

    def __init__(self, registration: Registration, clock: Clock, lives_s: int = 3_599) -> None:
        self.registration = registration
        self.lives_s = lives_s
        self.given = 0
        self._clock = clock
        self._good_until: dict[str, float] = {}

    def discovery(self, tenant: str, root: str) -> dict[str, Any]:
        """The discovery document of a tenant."""
        self._known_tenant(tenant)
        return {
            "token_endpoint": f"{root}/{tenant}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "authorization_endpoint": f"{root}/{tenant}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{root}/{tenant}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{root}/{tenant}/discovery/v2.0/keys",
            "issuer": f"{root}/{tenant}/v2.0",
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def token(self, tenant: str, form: Mapping[str, str], root: str) -> dict[str, Any]:
        """A new token.

        Raises:
            ServiceError: with the body that Microsoft would send.
        """
        known = self.registration
        self._known_tenant(tenant)
        client, scope = form.get("client_id", ""), form.get("scope", "")
        if form.get("grant_type") != "client_credentials":
            raise self._refusal(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
        if client != known.client_id:
            told = f"Application with identifier '{client}' was not found in the directory '{tenant}'."
            raise self._refusal(400, "unauthorized_client", 700016, told)
        if form.get("client_secret") != known.secret:
            told = (
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                f"value, not the client secret ID, for a secret added to app '{client}'."
            )
            raise self._refusal(401, "invalid_client", 7000215, told)
        if not scope.endswith("/.default"):
            told = (
                f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value "
                "with /.default suffixed to the resource identifier (application ID URI)."
            )
            raise self._refusal(400, "invalid_scope", 1002012, told)
        resource = scope.removesuffix("/.default").rstrip("/")
        if resource != root:
            told = f"The resource principal named {resource} was not found in the tenant named {tenant}."
            raise self._refusal(400, "invalid_resource", 500011, told)
        return {
            "token_type": "Bearer",
            "expires_in": self.lives_s,
            "ext_expires_in": self.lives_s,
            "access_token": self._new(),
        }

    def user_of(self, authorization: str, root: str) -> str:
        """The user behind a header ``Authorization``.

        Raises:
            ServiceError: 401 where there is no good token.
        """
        token = authorization.removeprefix("Bearer ").strip()
        if self._clock.seconds() >= self._good_until.get(token, float("-inf")):
            raise self.unauthorized(root)
        return self.registration.user_id

    def unauthorized(self, root: str) -> ServiceError:
        """What a request without a good token is told."""
        place = f"{root}/{self.registration.tenant}/oauth2/authorize"
        return ServiceError(401, "", "", {"WWW-Authenticate": f"Bearer authorization_uri={place}, resource_id={root}/"})

    def expire_all(self) -> None:
        """Let every token given out so far be expired."""
        self._good_until.clear()

    def _known_tenant(self, tenant: str) -> None:
        if tenant != self.registration.tenant:
            told = (
                f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into "
                "the correct cloud. Check with your subscription administrator, this may happen if there are no "
                "active subscriptions for the tenant."
            )
            raise self._refusal(400, "invalid_request", 90002, told)

    def _new(self) -> str:
        self.given += 1
        token = f"eyJ0eXAiOiJKV1QifQ.{uuid.uuid5(_NAMESPACE, str(self.given)).hex}.{uuid.uuid4().hex}"
        self._good_until[token] = self._clock.seconds() + self.lives_s
        return token

    def _refusal(self, status: int, error: str, number: int, message: str) -> ServiceError:
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        stamp = f"{self._clock.now():%Y-%m-%d %H:%M:%SZ}"
        body = {
            "error": error,
            "error_description": (
                f"AADSTS{number}: {message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}"
            ),
            "error_codes": [number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={number}",
        }
        return TokenRefused(status, json.dumps(body).encode())


class TokenRefused(ServiceError):
    """The directory's errors have a shape of their own."""

    def __init__(self, status: int, told: bytes) -> None:
        super().__init__(status, "", "")
        self._told = told

    @property
    def body(self) -> bytes:
        """The error as JSON."""
        return self._told
