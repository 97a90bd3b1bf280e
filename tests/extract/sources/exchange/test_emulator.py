"""The emulator does what Microsoft documents, so that a source that gets through it gets through the real thing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from extract.sources.exchange.emulator.app import Emulator
from extract.sources.exchange.emulator.mailboxes import Tenant
from extract.sources.exchange.emulator.throttle import Throttle

ANN, BEN, CARL = "ann@brightwater.example", "ben@brightwater.example", "carl@customer.example"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
INBOX = f"/v1.0/users/{ANN}/mailFolders/inbox/messages/delta"
VIEW = f"/v1.0/users/{ANN}/calendarView/delta"
WINDOW = {"startDateTime": "2026-06-01T00:00:00Z", "endDateTime": "2026-07-01T00:00:00Z"}


class Caller:
    """A client of the emulator, in process."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._transport = httpx.ASGITransport(emulator.app)
        self.token = ""

    def ask(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        async def once() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="https://graph.example") as client:
                headers = {"Authorization": f"Bearer {self.token}"} | arguments.pop("headers", {})
                return await client.request(method, url, headers=headers, **arguments)

        return asyncio.run(once())

    def get(self, url: str, **arguments: Any) -> httpx.Response:
        return self.ask("GET", url, **arguments)

    def sign_in(self, **form: str) -> httpx.Response:
        told = {
            "client_id": "sales-insights",
            "client_secret": "open sesame",
            "grant_type": "client_credentials",
            "scope": "https://graph.example/.default",
        }
        reply = self.ask("POST", "/brightwater/oauth2/v2.0/token", data=told | form)
        self.token = reply.json().get("access_token", "")
        return reply

    def pages(self, url: str, **arguments: Any) -> tuple[list[dict[str, Any]], str]:
        """All items of a round, and the link for the next one."""
        items: list[dict[str, Any]] = []
        while True:
            body = self.get(url, **arguments).json()
            items += body["value"]
            if "@odata.deltaLink" in body:
                return items, body["@odata.deltaLink"]
            url, arguments = body["@odata.nextLink"], {name: arguments[name] for name in {"headers"} & set(arguments)}

    def batch(self, *urls: str, **told: Any) -> list[dict[str, Any]]:
        wanted = [{"id": str(number), "method": "GET", "url": url} | told for number, url in enumerate(urls)]
        reply: list[dict[str, Any]] = self.ask("POST", "/v1.0/$batch", json={"requests": wanted}).json()["responses"]
        return reply


@pytest.fixture
def tenant() -> Tenant:
    tenant = Tenant()
    tenant.hire(ANN, "sales")
    tenant.hire(BEN, "sales", "board")
    return tenant


@pytest.fixture
def graph(tenant: Tenant) -> Caller:
    caller = Caller(Emulator(tenant))
    caller.sign_in()
    return caller


def test_a_wrong_secret_or_tenant_is_told_as_entra_does(graph: Caller) -> None:
    assert "AADSTS7000215" in graph.sign_in(client_secret="wrong").json()["error_description"]
    assert "AADSTS700016" in graph.sign_in(client_id="wrong").json()["error_description"]
    assert graph.get("/v1.0/users").status_code == 401


def test_a_token_expires(graph: Caller) -> None:
    assert graph.get("/v1.0/users").status_code == 200
    graph.emulator.expire_tokens()
    assert graph.get("/v1.0/users").json()["error"]["code"] == "InvalidAuthenticationToken"


def test_members_of_a_group_come_in_pages(graph: Caller) -> None:
    first = graph.get("/v1.0/groups/sales/members?$top=1&$select=mail").json()
    second = graph.get(first["@odata.nextLink"]).json()
    assert [item["mail"] for item in first["value"] + second["value"]] == [ANN, BEN]
    assert "displayName" not in first["value"][0]
    assert graph.get("/v1.0/groups/nobody/members").status_code == 404


def test_pages_are_complete_and_select_is_heeded(graph: Caller, tenant: Tenant) -> None:
    for hour in range(7):
        tenant.send(CARL, [ANN], NOON + timedelta(hours=hour), subject=f"No. {hour}")
    items, _ = graph.pages(INBOX, params={"$select": "sentDateTime"}, headers={"Prefer": "odata.maxpagesize=3"})
    assert len({item["id"] for item in items}) == 7
    assert set(items[0]) == {"id", "sentDateTime"}


def test_a_page_asked_for_twice_is_the_same(graph: Caller, tenant: Tenant) -> None:
    for hour in range(12):
        tenant.send(CARL, [ANN], NOON + timedelta(hours=hour), subject=f"No. {hour}")
    following = graph.get(INBOX).json()["@odata.nextLink"]
    tenant.send(CARL, [ANN], NOON, subject="meanwhile")
    assert graph.get(following).json() == graph.get(following).json()


def test_a_delta_tells_what_came_moved_and_went(graph: Caller, tenant: Tenant) -> None:
    for name in ("stays", "moves", "goes"):
        tenant.send(CARL, [ANN], NOON, subject=name)
    mailbox = tenant.mailboxes[ANN]
    _, link = graph.pages(INBOX)
    moved, gone = mailbox.find(subject="moves")[0], mailbox.find(subject="goes")[0]
    new = mailbox.move(moved, "archive")
    mailbox.delete(gone)
    tenant.send(CARL, [ANN], NOON, subject="comes")
    items, further = graph.pages(link)
    removed = {item["id"] for item in items if "@removed" in item}
    assert removed == {moved, gone}
    assert [item["subject"] for item in items if "@removed" not in item] == ["comes"]
    assert new != moved
    assert graph.pages(further)[0] == []
    archived, _ = graph.pages(INBOX.replace("inbox", "archive"))
    assert archived[0]["internetMessageId"] == mailbox.items[new]["internetMessageId"]


def test_only_received_since_can_be_filtered(graph: Caller, tenant: Tenant) -> None:
    tenant.send(CARL, [ANN], NOON, subject="old")
    tenant.send(CARL, [ANN], NOON + timedelta(days=2), subject="new")
    items, link = graph.pages(INBOX, params={"$filter": "receivedDateTime ge 2026-06-02T00:00:00Z"})
    assert [item["subject"] for item in items] == ["new"]
    tenant.send(CARL, [ANN], NOON, subject="old again")
    assert graph.pages(link)[0] == []
    assert graph.get(INBOX, params={"$filter": "isRead eq true"}).status_code == 400


def test_a_filtered_round_ends_at_5000(graph: Caller, tenant: Tenant) -> None:
    mailbox = tenant.mailboxes[ANN]
    for number in range(5_010):
        mailbox.put("inbox", {"receivedDateTime": f"2026-06-02T{number // 3600:02}:{number // 60 % 60:02}:00Z"})
    whole = {"Prefer": "odata.maxpagesize=1000"}
    asked = {"$filter": "receivedDateTime ge 2026-06-02T00:00:00Z"}
    assert len(graph.pages(INBOX, params=asked, headers=whole)[0]) == 5_000
    assert len(graph.pages(INBOX, headers=whole)[0]) == 5_010


def test_an_expired_link_is_410(graph: Caller, tenant: Tenant) -> None:
    _, link = graph.pages(INBOX)
    tenant.mailboxes[ANN].epoch += 1
    assert graph.get(link).status_code == 410


def test_folders_have_a_delta(graph: Caller, tenant: Tenant) -> None:
    url = f"/v1.0/users/{ANN}/mailFolders/delta"
    items, link = graph.pages(url)
    tenant.mailboxes[ANN].add_folder("Projects")
    assert len(items) == 7
    assert [item["displayName"] for item in graph.pages(link)[0]] == ["Projects"]


def test_the_calendar_view_refuses_select_and_needs_a_window(graph: Caller) -> None:
    assert graph.get(VIEW, params=WINDOW).status_code == 200
    assert graph.get(VIEW, params=WINDOW | {"$select": "subject"}).status_code == 400
    assert graph.get(VIEW).status_code == 400


def test_an_occurrence_tells_no_more_than_its_time(graph: Caller, tenant: Tenant) -> None:
    days = [NOON + timedelta(weeks=week) for week in range(8)]
    tenant.meet(ANN, [CARL], NOON, occurrences=days)
    items, _ = graph.pages(VIEW, params=WINDOW)
    (master,) = [item for item in items if item["type"] == "seriesMaster"]
    occurrences = [item for item in items if item["type"] == "occurrence"]
    assert len(occurrences) == 5
    assert "organizer" in master
    assert set(occurrences[0]) == {"id", "type", "seriesMasterId", "start", "end"}


@pytest.mark.parametrize(
    ("refuses", "status", "code"),
    [
        ("denied", 403, "ErrorAccessDenied"),
        ("not_enabled", 404, "MailboxNotEnabledForRESTAPI"),
    ],
)
def test_a_mailbox_may_refuse(graph: Caller, tenant: Tenant, refuses: Any, status: int, code: str) -> None:
    tenant.mailboxes[ANN].refuses = refuses
    reply = graph.get(INBOX)
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)


def test_a_batch_holds_20_and_each_is_throttled_for_itself(graph: Caller) -> None:
    graph.emulator.throttle = Throttle(requests=3)
    replies = graph.batch(*[f"/users/{ANN}/mailFolders/inbox"] * 2, *[f"/users/{BEN}/mailFolders/inbox"] * 4)
    assert [reply["status"] for reply in replies] == [200] * 5 + [429]
    assert int(replies[-1]["headers"]["Retry-After"]) > 0
    told = graph.ask("POST", "/v1.0/$batch", json={"requests": [{}] * 21})
    assert told.status_code == 400


def test_more_than_four_at_once_are_refused(graph: Caller) -> None:
    graph.emulator.seconds_a_request = 0.01
    replies = graph.batch(*[f"/users/{ANN}/mailFolders/inbox"] * 6)
    assert sorted(reply["status"] for reply in replies) == [200] * 4 + [429] * 2


def test_what_depends_on_a_failure_fails(graph: Caller) -> None:
    wanted = [
        {"id": "a", "method": "GET", "url": "/users/nobody@nowhere.example/mailFolders/inbox"},
        {"id": "b", "method": "GET", "url": f"/users/{ANN}/mailFolders/inbox", "dependsOn": ["a"]},
    ]
    replies = graph.ask("POST", "/v1.0/$batch", json={"requests": wanted}).json()["responses"]
    assert [reply["status"] for reply in replies] == [404, 424]


def test_a_round_may_repeat_items(graph: Caller, tenant: Tenant) -> None:
    graph.emulator.service.deltas.repeats = lambda _: True
    for number in range(6):
        tenant.send(CARL, [ANN], NOON, subject=str(number))
    items, _ = graph.pages(INBOX)
    assert len(items) == 8
    assert len({item["id"] for item in items}) == 6
