"""The client against a service on this machine that is throttled, faulty, cut off, or not the service at all."""

from __future__ import annotations

import asyncio
import gzip
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from config.errors import ConfigError, SourceRefused, SourceUnavailable
from extract.http import Expired, Http, Missing, NotJson, Refused, Rejected, place, retry_after
from extract.limiter import Limiter

SECRET = "token-that-nobody-may-see"
Answer = Callable[[Request], Response]


class Service:
    """Answers as it was told to, in order; the last answer is given again and again."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [lambda _: JSONResponse({"value": 1})]
        self.asked: list[Request] = []
        self.under_way = self.most = 0

    async def answer(self, request: Request) -> Response:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0.002)
        self.under_way -= 1
        self.asked.append(request)
        return (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])(request)


@contextmanager
def served(endpoint: Callable[[Request], Awaitable[Response]]) -> Iterator[str]:
    app = Starlette(routes=[Route("/{path:path}", endpoint, methods=["GET", "POST"])])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


class Tokens:
    """Gives a token until it is refused, then the next."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    def __call__(self, refused: str | None = None) -> str:
        if refused:
            self.refused.append(refused)
        return f"{SECRET}-{len(self.refused)}"


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def address(service: Service) -> Iterator[str]:
    with served(service.answer) as address:
        yield address


class Asking:
    """A client whose waiting is written down and not waited."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.now = 0.0
        self.tokens = Tokens()
        self.limiter = Limiter(8, clock=lambda: self.now, sleep=self.sleep)
        self.http = Http(
            self.tokens, self.limiter, expired_codes=frozenset({"0x80060891"}), sleep=self.sleep, timeout_seconds=1
        )

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def asking() -> Iterator[Asking]:
    made = Asking()
    with made.http:
        yield made


def cut_off(_: Request) -> Response:
    async def body() -> Any:
        yield b'{"value": [1, 2'
        raise ConnectionResetError

    return StreamingResponse(body(), media_type="application/json", headers={"content-length": "1000"})


def failed(status: int, code: str = "", message: str = "", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: JSONResponse({"error": {"code": code, "message": message}}, status, headers=named)


def good(**headers: str) -> Answer:
    return lambda _: JSONResponse(
        {"value": 1}, headers={name.replace("_", "-"): told for name, told in headers.items()}
    )


def test_numbers_stay_as_they_were_written(service: Service, address: str, asking: Asking) -> None:
    text = '{"money": 10.50, "big": 12345678901234567890, "yes": true, "none": null}'
    packed = gzip.compress(text.encode())
    service.answers = [
        lambda _: Response(packed, media_type="application/json", headers={"content-encoding": "gzip"}),
    ]
    assert asking.http.get(address) == {"money": "10.50", "big": "12345678901234567890", "yes": True, "none": None}
    assert "gzip" in service.asked[0].headers["accept-encoding"]


@pytest.mark.parametrize(
    "trouble",
    [
        failed(503),
        failed(500),
        cut_off,
        lambda _: Response(b'{"value": [1, 2', media_type="application/json"),
        lambda _: HTMLResponse("<html>sign in</html>"),
        lambda _: Response(b"", media_type="application/json"),
    ],
)
def test_what_passes_is_waited_out(service: Service, address: str, asking: Asking, trouble: Answer) -> None:
    service.answers = [trouble, trouble, good()]
    assert asking.http.get(address) == {"value": "1"}
    assert asking.waits == [0.25, 0.5]


@pytest.mark.parametrize("code", ["0x80072322", "0x80072321", "0x80072326"])
def test_throttled(service: Service, address: str, asking: Asking, code: str) -> None:
    service.answers = [failed(429, code, retry_after="17"), good()]
    assert asking.http.get(address) == {"value": "1"}
    assert asking.waits == [17.0]


def test_throttled_for_ever(service: Service, address: str, asking: Asking) -> None:
    service.answers = [failed(429, retry_after="600")]
    with pytest.raises(SourceUnavailable, match="throttled"):
        asking.http.get(address)
    assert len(service.asked) == 4


def test_a_fault_for_ever(service: Service, address: str, asking: Asking) -> None:
    service.answers = [failed(503)]
    with pytest.raises(SourceUnavailable, match=r"the service has a fault \(HTTP 503\), also after 10 tries"):
        asking.http.get(address)


def test_html_for_ever(service: Service, address: str, asking: Asking) -> None:
    service.answers = [lambda _: HTMLResponse("<html>sign in</html>")]
    with pytest.raises(NotJson, match="the answer is text/html and not JSON; is a proxy or a sign-in page between"):
        asking.http.get(address)


def test_nobody_is_there(asking: Asking) -> None:
    with pytest.raises(SourceUnavailable, match="the connection failed"):
        asking.http.get("http://127.0.0.1:9/api")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failed(410), Expired),
        (failed(400, "0x80060891", "too old"), Expired),
        (failed(404), Missing),
        (failed(403, "0x80040220", "no privilege prvReadLead"), Refused),
        (failed(400, "0x80060888", "no such column"), Rejected),
    ],
)
def test_what_a_source_decides_about(
    service: Service, address: str, asking: Asking, answer: Answer, kind: type[Exception]
) -> None:
    service.answers = [answer]
    with pytest.raises(kind):
        asking.http.get(address)
    assert len(service.asked) == 1


def test_an_expired_token_is_renewed(service: Service, address: str, asking: Asking) -> None:
    service.answers = [failed(401), good()]
    assert asking.http.get(address) == {"value": "1"}
    assert [request.headers["authorization"] for request in service.asked] == [
        f"Bearer {SECRET}-0",
        f"Bearer {SECRET}-1",
    ]
    service.answers = [failed(401)]
    with pytest.raises(SourceRefused, match="HTTP 401"):
        asking.http.get(address)
    assert len(service.asked) == 6


def test_no_message_and_no_log_holds_a_token(
    service: Service, address: str, asking: Asking, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = f"{address}/leads?$deltatoken={SECRET}"
    messages = []
    for answer in (failed(400), failed(401), failed(403), failed(404), failed(410), failed(503), cut_off):
        service.answers = [answer]
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever it is
            asking.http.get(url)
        messages.append(str(caught.value))
    assert all("/leads" in message for message in messages)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("extract", "httpx"))]
    assert SECRET not in "\n".join(messages + ours)


def test_a_body_is_sent_as_json(service: Service, address: str, asking: Asking) -> None:
    assert asking.http.ask("POST", f"{address}/$batch", body={"requests": []}) == {"value": "1"}
    assert service.asked[0].method == "POST"


def test_a_file_is_asked_for_without_the_token_until_it_is_whole(
    service: Service, address: str, asking: Asking, tmp_path: Path
) -> None:
    file = tmp_path / "file.csv"
    parts = [lambda _: HTMLResponse("<html>sign in</html>"), lambda _: Response(b"a,"), lambda _: Response(b"a,b\n")]
    service.answers = [failed(503), cut_off, *parts]
    asking.http.save(address, file, lambda file: file.read_bytes().endswith(b"\n"))
    assert (file.read_bytes(), len(service.asked)) == (b"a,b\n", 5)
    assert not any("authorization" in request.headers for request in service.asked)


def test_more_at_once_while_all_goes_well_and_half_after_a_429(service: Service, address: str, asking: Asking) -> None:
    seen = []
    for _ in range(40):
        asking.http.get(address)
        seen.append(asking.limiter.allowed)
    assert seen[0] == 2
    assert seen[-1] == 8
    service.answers = [failed(429, retry_after="1"), good()]
    asking.http.get(address)
    assert asking.limiter.allowed == 4


def test_never_more_than_allowed(service: Service, address: str) -> None:
    with Http(Tokens(), Limiter(3)) as http:
        threads = [threading.Thread(target=lambda: [http.get(address) for _ in range(20)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(service.asked) == 160
    assert 1 < service.most <= 3


def test_little_left_of_an_allowance_is_heeded_before_a_429(service: Service, address: str, asking: Asking) -> None:
    left = "x_ms_ratelimit_burst_remaining_xrm_requests"
    service.answers = [good(**{left: "6000"}), good(**{left: "5000"}), good(**{left: "500"}), good(**{left: "5999"})]
    for _ in range(3):
        asking.http.get(address)
    assert (asking.limiter.allowed, asking.waits) == (1, [])
    asking.http.get(address)
    assert asking.waits == [1.0]
    assert asking.limiter.allowed == 2


def test_certificates_that_cannot_be_read(tmp_path: Path) -> None:
    for content in (None, "no certificate"):
        path = tmp_path / "ca.pem"
        if content:
            path.write_text(content)
        with pytest.raises(ConfigError, match=r"ca_file: .*ca\.pem holds no certificates"):
            Http(Tokens(), Limiter(1), ca_file=path)


def test_when_to_ask_again() -> None:
    assert retry_after("2.5") == 2.5
    assert retry_after("-1") == 0
    assert retry_after("soon") == 5
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after("Wed, 21 Oct 2099 07:28:00 GMT") > 1e9
    assert place("https://a.example/api/leads?$deltatoken=x") == "a.example/api/leads"
