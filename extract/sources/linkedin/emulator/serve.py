"""What the demo organisation's sellers did on LinkedIn, ready to be served."""

from __future__ import annotations

from datetime import date
from typing import Final

from extract.demo.failures import Plan
from extract.demo.serve import Service
from extract.demo.story import SEED, tell
from extract.sources.linkedin.emulator.app import ExportJobs
from extract.sources.linkedin.emulator.demo import demo_activities, demo_seats
from extract.sources.linkedin.emulator.troubles import fail

_TOKEN: Final = "emulated-access-token"  # noqa: S105 - worth nothing


def service(size: str, day: date, plan: Plan | None) -> Service:
    """See ``extract.demo.serve.Emulator``."""
    story = tell(size, SEED)
    app = ExportJobs(demo_activities(story, day), _TOKEN).app
    return Service(
        app if plan is None else fail(app, plan),
        "LINKEDIN_ACCESS_TOKEN",
        _TOKEN,
        lambda address: {
            "address": f"{address}/v2",
            "contract": "urn:li:contract:1",
            "types": ["CONNECTION_MADE"],  # InMails and messages are in Dataverse, where LinkedIn has written them
            "seats": demo_seats(story, day),
            "poll_seconds": 0.2,
            "terms": {"accepted_by": "Nobody: the organisation is invented", "accepted_on": day.isoformat()},
        },
    )
