"""The demo organisation's mail and meetings, ready to be served."""

from __future__ import annotations

from datetime import date

from extract.demo.failures import Plan
from extract.demo.serve import Service
from extract.demo.story import SEED, tell
from extract.sources.exchange.emulator.app import Emulator
from extract.sources.exchange.emulator.demo import GROUP, demo_tenant
from extract.sources.exchange.emulator.troubles import fail


def service(size: str, day: date, plan: Plan | None) -> Service:
    """See ``extract.demo.serve.Emulator``."""
    emulator = Emulator(demo_tenant(tell(size, SEED), day))
    domains = sorted({address.partition("@")[2] for address in emulator.tenant.mailboxes})
    return Service(
        emulator.app if plan is None else fail(emulator, plan),
        "EXCHANGE_CLIENT_SECRET",
        emulator.client_secret,
        lambda address: {
            "consent": {
                "accepted_by": "Nobody: the organisation is invented",
                "accepted_on": day.isoformat(),
                "terms": "None: neither are its people",
            },
            "tenant_id": emulator.tenant_id,
            "client_id": emulator.client_id,
            "domains": domains,
            "people": {"who": "group", "groups": [GROUP]},
            "graph_address": address,
            "login_address": address,
        },
    )
