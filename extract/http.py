"""Asking a web service for JSON, until it answers or there is no use in asking.

Throttling, faults of the service, dropped connections and half an answer are waited out here; what a source has to
decide about is raised as an error with a name. Messages hold neither tokens nor the query of an address.
"""

from __future__ import annotations

import email.utils
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Protocol, Self, TypeVar

import httpx

from config.errors import SourceRefused, SourceUnavailable
from extract.certificates import trusted
from extract.limiter import Limiter

log: Final = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log addresses with the tokens in their queries
_FAULTS: Final = frozenset({408, 425, 500, 502, 503, 504})
_TRIES: Final = 10
_RENEWALS: Final = 3
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE: Final = 30.0
_PATIENCE: Final = 1_800.0
_TOLD: Final = 300


class Token(Protocol):
    """Where the access token comes from; may be called by several threads."""

    def __call__(self, refused: str | None = None) -> str:
        """A token that is valid now; empty for a service that asks for none.

        Args:
            refused: the token that the service has just refused, so that a new one is needed.
        """


class Expired(Exception):
    """A cursor is too old for the service: read everything again."""


class Missing(Exception):
    """There is nothing at this address."""


class Refused(SourceRefused):
    """The service knows who asks and says no."""


class Unauthorised(Refused):
    """The service does not take the tokens that it is given, not even new ones."""


class Rejected(Exception):
    """The service does not take the request; ``code`` is its own word for why."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class NotJson(SourceUnavailable):
    """Something answers, again and again, that is not the service."""


Parsed = TypeVar("Parsed")


class _Again(Exception):
    """Not this time: what happened, and after how many seconds to ask again (None: as we see fit)."""

    def __init__(
        self, why: str, seconds: float | None = None, kind: type[SourceUnavailable] = SourceUnavailable
    ) -> None:
        super().__init__(why)
        self.why, self.seconds, self.kind = why, seconds, kind


@dataclass(frozen=True)
class _Answer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """A service that is asked for JSON. May be shared by threads; use it as a context manager."""

    def __init__(
        self,
        token: Token,
        limiter: Limiter,
        *,
        ca_file: Path | None = None,
        expired_codes: frozenset[str] = frozenset(),
        timeout_seconds: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Make the client.

        Args:
            token: gives the access token.
            limiter: shared by all clients of one service.
            ca_file: certificates to trust besides the system's.
            expired_codes: the service's own error codes, in lower case, that mean ``Expired``; 410 always does.
            timeout_seconds: for connecting, and between two pieces of an answer.
            sleep: how to wait.
        """
        self._token, self._limiter, self._sleep = token, limiter, sleep
        self._expired = expired_codes
        self._client = httpx.Client(verify=trusted(ca_file), timeout=timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """One JSON object. Its numbers are texts, as the service wrote them.

        Raises:
            Expired: the cursor in the address is too old.
            Missing: 404.
            Refused: no permission; ``Unauthorised`` where new tokens are refused.
            Rejected: any other answer that says that the request is wrong.
            NotJson: an answer that is not JSON, however often it is asked.
            SourceUnavailable: no answer, however often it is asked.
        """
        return self.ask("GET", url, headers)

    def ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: object = None
    ) -> dict[str, Any]:
        """One JSON object for a request; ``body`` is sent as JSON. Raises what ``get`` does."""
        return self._until(lambda: self._once(method, url, headers or {}, body, _parsed), url)

    def read(self, url: str, headers: Mapping[str, str] | None = None) -> bytes:
        """An answer that is no JSON, as it came. Raises what ``get`` does, but ``NotJson``."""
        return self._until(lambda: self._once("GET", url, headers or {}, None, lambda answer: answer.body), url)

    def save(self, url: str, target: Path, is_whole: Callable[[Path], bool]) -> None:
        """Write a file that needs no token, again until it is whole. Raises what ``get`` does."""
        self._until(lambda: self._save(url, target, is_whole), url)

    def _until(self, once: Callable[[], Parsed], url: str) -> Parsed:
        waited, tries = 0.0, 0
        while True:
            try:
                return once()
            except _Again as again:
                tries += again.seconds is None
                pause = again.seconds
                if pause is None:
                    pause = min(_FIRST_PAUSE * 2.0 ** (tries - 1), _LONGEST_PAUSE)
                waited += pause
                if tries >= _TRIES or waited > _PATIENCE:
                    raise again.kind(
                        f"{place(url)}: {again.why}, also after {tries or 'many'} tries. Wait; it is tried again."
                    ) from again
                log.info("%s: %s; asked again in %.1f s", place(url), again.why, pause)
                if again.seconds is None:
                    self._sleep(pause)

    def _once(
        self, method: str, url: str, headers: Mapping[str, str], body: object, parse: Callable[[_Answer], Parsed]
    ) -> Parsed:
        token = self._token()
        answer = self._send(method, url, {**headers, **_authorization(token)}, body)
        for _ in range(_RENEWALS):
            if answer.status != HTTPStatus.UNAUTHORIZED:
                break
            token = self._token(refused=token)
            answer = self._send(method, url, {**headers, **_authorization(token)}, body)
        if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            parsed = parse(answer)
            self._limiter.went_well(answer.headers)
            return parsed
        raise self._trouble(url, answer)

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: object) -> _Answer:
        with self._answering(method, url, headers=headers, json=body) as response:
            # A response that keeps its body lives until Python looks for cycles; pages must go at once.
            return _Answer(response.status_code, response.headers, b"".join(response.iter_bytes()))

    def _save(self, url: str, target: Path, is_whole: Callable[[Path], bool]) -> None:
        with self._answering("GET", url, follow_redirects=True) as response:
            if not response.is_success:
                raise self._trouble(url, _Answer(response.status_code, response.headers, response.read()))
            if response.headers.get("content-type", "").startswith("text/html"):
                raise _Again("the answer is a page and no file; is a sign-in page between?", kind=NotJson)
            with target.open("wb") as file:
                file.writelines(response.iter_bytes())
        if not is_whole(target):
            raise _Again("the file ends in the middle")

    @contextmanager
    def _answering(self, method: str, url: str, **request: Any) -> Iterator[httpx.Response]:
        with self._limiter.turn():
            try:
                with self._client.stream(method, url, **request) as response:
                    yield response
            except httpx.TimeoutException as error:
                raise _Again("no answer in time") from error
            except httpx.TransportError as error:
                hint = "; its certificate is not trusted, see ca_file" if "CERTIFICATE_VERIFY" in str(error) else ""
                raise _Again(f"the connection failed ({type(error).__name__}{hint})") from error
            except httpx.DecodingError as error:
                raise _Again("the answer was cut off") from error

    def _trouble(self, url: str, answer: _Answer) -> Exception:
        status = answer.status
        code, told = _told(answer)
        if status == HTTPStatus.TOO_MANY_REQUESTS or (status in _FAULTS and "retry-after" in answer.headers):
            seconds = retry_after(answer.headers.get("retry-after", ""))
            self._limiter.throttled(seconds)
            return _Again(f"throttled ({code or status})", seconds)
        if status in _FAULTS:
            return _Again(f"the service has a fault (HTTP {status})")
        said = f"{place(url)}: HTTP {status} {code}".rstrip() + (f": {told}" if told else "")
        if status == HTTPStatus.GONE or code.lower() in self._expired:
            return Expired(said)
        if status == HTTPStatus.UNAUTHORIZED:
            return Unauthorised(said)
        if status == HTTPStatus.FORBIDDEN:
            return Refused(said)
        return Missing(said) if status == HTTPStatus.NOT_FOUND else Rejected(said, code)


def place(url: str) -> str:
    """An address without its query, as it may stand in a log."""
    parts = httpx.URL(url)
    return f"{parts.host}{parts.path}"


def retry_after(told: str) -> float:
    """Seconds to wait, of a number or a date; five where neither is told."""
    try:
        return max(0.0, float(told))
    except ValueError:
        pass
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 5.0


def _authorization(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _parsed(answer: _Answer) -> dict[str, Any]:
    if answer.status == HTTPStatus.NO_CONTENT:
        return {}
    try:
        parsed = json.loads(answer.body, parse_int=str, parse_float=str)
    except ValueError as error:
        if answer.body.lstrip()[:1] in {b"{", b"["}:
            raise _Again("the answer ends in the middle") from error
        kind = answer.headers.get("content-type", "nothing it names").partition(";")[0]
        why = f"the answer is {kind} and not JSON; is a proxy or a sign-in page between?"
        raise _Again(why, kind=NotJson) from error
    if not isinstance(parsed, dict):
        raise _Again("the answer is JSON, but no object", kind=NotJson)
    return parsed


def _told(answer: _Answer) -> tuple[str, str]:
    """The code and the message of an error, as OData and its like write it."""
    try:
        error = json.loads(answer.body).get("error", {})
    except (ValueError, AttributeError):
        return "", ""
    if not isinstance(error, dict):
        return str(error)[:_TOLD], ""
    return str(error.get("code", ""))[:_TOLD], str(error.get("message", "")).partition("\n")[0][:_TOLD]
