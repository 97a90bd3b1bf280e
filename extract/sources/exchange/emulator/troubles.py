"""How Graph words what goes wrong, for the plan of failures."""

from __future__ import annotations

import json
from collections import Counter
from typing import Final

from extract.demo.failures import Answer, Failing, Plan, Troubles
from extract.sources.exchange.emulator.app import Emulator
from extract.sources.exchange.emulator.service import Asked, Reply, error

_JSON: Final = {"Content-Type": "application/json"}


def _answer(status: int, code: str, message: str) -> Answer:
    return Answer(status, _JSON, json.dumps(error(status, code, message).body).encode())


TROUBLES: Final = Troubles(
    throttled=(
        _answer(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit."),
        _answer(429, "TooManyRequests", "Too many requests: 10,000 in 10 minutes for one mailbox."),
        _answer(429, "activityLimitReached", "The application or user has been throttled."),
    ),
    expired_token=_answer(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
    expired_link=_answer(410, "SyncStateNotFound", "The sync state generation is not found; a full sync is required."),
    has_link=lambda query: "deltatoken=" in query,
    spared=lambda path: "/v1.0/" not in path,
)


class InBatches:
    """The same plan for the requests inside batches, each of which fails for itself."""

    def __init__(self, plan: Plan) -> None:
        self.happened: list[tuple[str, str]] = []
        self._plan = plan
        self._asked: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()

    def __call__(self, request: Asked) -> Reply | None:
        """What a request inside a batch meets, if anything."""
        self._asked[request.path] += 1
        linked = "$deltatoken" in request.query
        failure = self._plan.failure(f"batched {request.path}", self._asked[request.path], linked=linked)
        if failure not in {"throttled", "unavailable", "expired_link"} or (
            self._failed[request.path] >= self._plan.in_a_row
        ):
            self._failed[request.path] = 0
            return None
        self._failed[request.path] += 1
        self.happened.append((request.path, str(failure)))
        if failure == "expired_link":
            return error(410, "SyncStateNotFound", "The sync state generation is not found; a full sync is required.")
        wait = {"Retry_After": str(self._plan.retry_after_s)}
        if failure == "throttled":
            return error(429, "ApplicationThrottled", "Application is over its limit.", **wait)
        return error(503, "serviceNotAvailable", "The service is temporarily unavailable.", **wait)


def fail(emulator: Emulator, plan: Plan) -> Failing:
    """The emulator's app, failing by plan: whole requests, requests inside batches, and rounds that repeat items."""
    emulator.in_batches = InBatches(plan)
    rounds = emulator.service.deltas
    rounds.repeats = lambda number: plan.chance("round", number, "repeats") < plan.rates.repeated
    return Failing(emulator.app, plan, TROUBLES)
