"""The demo organisation as a Dataverse organisation, ready to be served."""

from __future__ import annotations

from datetime import date

from extract.demo.failures import Plan
from extract.demo.serve import Service
from extract.sources.dataverse.emulator.app import dataverse_app
from extract.sources.dataverse.emulator.demo import DemoOrganisation
from extract.sources.dataverse.emulator.identity import Registration
from extract.sources.dataverse.emulator.troubles import failing


def service(size: str, day: date, plan: Plan | None) -> Service:
    """See ``extract.demo.serve.Emulator``."""
    registration = Registration()
    app = dataverse_app(DemoOrganisation(size, day).store, registration)
    return Service(
        app if plan is None else failing(app, plan),
        "DATAVERSE_CLIENT_SECRET",
        registration.secret,
        lambda address: {
            "url": address,
            "authority": address,
            "tenant_id": registration.tenant,
            "client_id": registration.client_id,
            "terms": {"accepted_by": "Nobody: the organisation is invented", "accepted_on": day.isoformat()},
        },
    )
