"""The plan of failures: the same seed, the same failures; each of them ends."""

from __future__ import annotations

import ssl
from collections import Counter
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from extract.demo.emulated import Emulated
from extract.demo.failures import EVERYTHING, Answer, Failing, Plan, Rates, Troubles
from tests.extract.in_process import in_process

TROUBLES = Troubles(
    throttled=(Answer(429, {}, b"many"), Answer(429, {}, b"long"), Answer(429, {}, b"wide")),
    expired_token=Answer(401),
    expired_link=Answer(410),
    has_link=lambda query: "delta" in query,
    spared=lambda path: path == "/token",
)
PAGE = {"value": [{"id": number} for number in range(50)]}


def service(plan: Plan) -> Failing:
    async def page(_: Request) -> Response:
        return JSONResponse(PAGE)

    return Failing(Starlette(routes=[Route("/{path}", page)]), plan, TROUBLES)


def told(plan: Plan, paths: list[str]) -> list[tuple[str, str]]:
    app = service(plan)
    client = in_process(app)
    for path in paths:
        try:
            client.get(path)
        except AssertionError:
            continue
    return [(path, failure) for path, failure in app.happened]


def test_the_same_seed_fails_in_the_same_places_whatever_else_is_read() -> None:
    plan = Plan(7, EVERYTHING, slow_s=0)
    one_by_one = told(plan, ["/a"] * 100 + ["/b?delta=1"] * 100)
    in_turn = told(plan, ["/a", "/b?delta=1"] * 100)
    assert Counter(one_by_one) == Counter(in_turn)
    assert [failure for path, failure in one_by_one if path == "/a"] == [f for path, f in in_turn if path == "/a"]
    assert one_by_one != told(Plan(8, EVERYTHING, slow_s=0), ["/a"] * 100 + ["/b?delta=1"] * 100)
    assert {failure for _, failure in one_by_one} == set(Rates.__dataclass_fields__)
    assert all(path == "/b" for path, failure in one_by_one if failure == "expired_link")


@pytest.mark.parametrize("in_a_row", [1, 2, 3])
def test_each_failure_ends(in_a_row: int) -> None:
    client = in_process(service(Plan(1, Rates(unavailable=1.0), in_a_row=in_a_row)))
    statuses = [client.get("/a").status_code for _ in range(12)]
    assert statuses == ([503] * in_a_row + [200]) * (12 // (in_a_row + 1))
    assert client.get("/token").status_code == 200


def answer_to(**rates: float) -> Any:
    return in_process(service(Plan(3, Rates(**rates), slow_s=0))).get("/a?delta=1")


def test_what_each_failure_looks_like() -> None:
    assert (answer_to(throttled=1).status_code, answer_to(throttled=1).headers["retry-after"]) == (429, "1")
    assert answer_to(unavailable=1).status_code == 503
    assert answer_to(expired_token=1).status_code == 401
    assert answer_to(expired_link=1).status_code == 410
    html = answer_to(html=1)
    assert (html.status_code, html.headers["content-type"][:9]) == (200, "text/html")
    assert answer_to(slow=1).json() == PAGE
    repeated = answer_to(repeated=1).json()["value"]
    assert repeated == PAGE["value"] + PAGE["value"][:3]
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        answer_to(truncated=1).json()


def test_a_dropped_connection_is_a_broken_answer() -> None:
    with Emulated(service(Plan(3, Rates(dropped=1.0), in_a_row=1))) as emulated:
        trusted = ssl.create_default_context(cafile=str(emulated.ca_file))
        with httpx.Client(base_url=emulated.url, verify=trusted) as client:
            with pytest.raises(httpx.RemoteProtocolError):
                client.get("/a")
            assert client.get("/a").json() == PAGE


def test_every_kind_of_throttling_comes() -> None:
    client = in_process(service(Plan(5, Rates(throttled=1.0), in_a_row=1)))
    assert {client.get("/a").text for _ in range(40)} >= {"many", "long", "wide"}
