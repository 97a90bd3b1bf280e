"""How Dataverse words its failures, for the plan of failures."""

from __future__ import annotations

from typing import Final

from extract.demo.failures import Answer, App, Failing, Plan, Troubles
from extract.sources.dataverse.emulator import errors, limits
from extract.sources.dataverse.emulator.app import API
from extract.sources.dataverse.emulator.errors import ServiceError
from extract.sources.dataverse.emulator.limits import Limits

_JSON: Final = {"Content-Type": "application/json; odata.metadata=minimal"}


def failing(app: App, plan: Plan) -> Failing:
    """The app, its answers spoiled by plan."""
    return Failing(app, plan, dataverse_troubles())


def dataverse_troubles() -> Troubles:
    """Dataverse's words. Metadata and rows fail; tokens do not."""
    known = Limits()
    throttles = (
        limits.too_many(known.requests, known.window_s, 1, {}),
        limits.too_long(known.execution_s, known.window_s, 1, {}),
        limits.too_wide(known.concurrent, {}),
    )
    return Troubles(
        throttled=tuple(_answer(error) for error in throttles),
        expired_token=Answer(401, {"WWW-Authenticate": 'Bearer error="invalid_token"'}),
        expired_link=_answer(errors.expired_stamp()),
        has_link=lambda query: "deltatoken=" in query,
        spared=lambda path: not path.startswith(API),
    )


def _answer(error: ServiceError) -> Answer:
    return Answer(error.status, _JSON, error.body)
