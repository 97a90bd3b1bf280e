"""How LinkedIn words what goes wrong, for the plan of failures."""

from __future__ import annotations

import json
from typing import Final

from extract.demo.failures import Answer, App, Failing, Plan, Troubles


def _answer(status: int, message: str) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(_told(status, message)).encode())


def _told(status: int, message: str) -> dict[str, object]:
    return {"status": status, "message": message}


TROUBLES: Final = Troubles(
    throttled=(
        _answer(429, "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."),
        _answer(429, "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached."),
    ),
    expired_token=_answer(401, "The token used in the request has expired"),
    expired_link=Answer(403, {"Content-Type": "text/plain"}, b"expired"),
    has_link=lambda query: False,  # noqa: ARG005 - no link lasts from one reading to the next
    spared=lambda path: False,  # noqa: ARG005 - jobs and downloads fail alike
)


def fail(app: App, plan: Plan) -> Failing:
    """The app, its answers spoiled by plan."""
    return Failing(app, plan, TROUBLES)
