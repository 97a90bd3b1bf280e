"""A service that nobody here wrote: the package odata-server, with an invented company's prospects behind it.

It knows nothing of Dataverse: no EntityDefinitions, no change tracking, no labels, no sign-in. Whatever page size it is
asked for, it serves at most 100 rows and a link to the next page.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import mongomock
from a2wsgi import WSGIMiddleware
from flask import Flask, request
from odata_server.flask import odata_bp

COUNT: Final = 230
START: Final = datetime(2026, 6, 1, tzinfo=UTC)
CSDL: Final = {
    "DataServices": [
        {
            "Namespace": "Farm",
            "EntityTypes": [
                {
                    "Name": "Prospect",
                    "Key": [{"Name": "Id"}],
                    "Properties": [
                        {"Name": "Id", "Type": "Edm.String"},
                        {"Name": "Title", "Type": "Edm.String", "Nullable": True},
                        {"Name": "State", "Type": "Edm.String"},
                        {"Name": "Worth", "Type": "Edm.Double", "Nullable": True},
                        {"Name": "Heads", "Type": "Edm.Int32", "Nullable": True},
                        {"Name": "Warm", "Type": "Edm.Boolean", "Nullable": True},
                        {"Name": "Tags", "Type": "Collection(Edm.String)"},
                        {"Name": "MadeAt", "Type": "Edm.DateTimeOffset"},
                        {"Name": "TouchedAt", "Type": "Edm.DateTimeOffset"},
                    ],
                },
                {
                    "Name": "Firm",
                    "Key": [{"Name": "No"}],
                    "Properties": [{"Name": "No", "Type": "Edm.Int32"}, {"Name": "Name", "Type": "Edm.String"}],
                },
            ],
            "EntityContainers": [
                {
                    "Name": "Everything",
                    "EntitySets": [
                        {"Name": "Prospects", "EntityType": "Farm.Prospect"},
                        {"Name": "Firms", "EntityType": "Farm.Firm"},
                    ],
                }
            ],
        }
    ]
}


def prospect(number: int) -> dict[str, Any]:
    """A document; ``uuid`` is the server's own, for its ETags."""
    at = START + timedelta(hours=number)
    return {
        "uuid": f"etag-{number}",
        "Id": f"P{number:03d}",
        "Title": f"Topic «{number}», 'quoted'",
        "State": "won" if number % 7 == 0 else "new",
        "Worth": 10.5 * number,
        "Heads": number,
        "Warm": number % 2 == 0,
        "Tags": ["a", "b"],
        "MadeAt": at,
        "TouchedAt": at,
    }


class Stranger:
    """The service as an ASGI app, and the data behind it."""

    def __init__(self) -> None:
        self.data: Any = mongomock.MongoClient(tz_aware=True).farm
        self.asked: list[str] = []
        self.fill()
        flask = Flask("stranger")
        flask.register_blueprint(odata_bp, options={"edmx": CSDL, "mongo": self.data})
        flask.before_request(self._note)
        self.app = WSGIMiddleware(flask)  # type: ignore[arg-type]

    def fill(self) -> None:
        """The data as they were at first."""
        firms = [{"uuid": f"etag-{number}", "No": number, "Name": f"Firm {number}"} for number in (1, 2)]
        for collection, rows in ((self.data.prospects, map(prospect, range(COUNT))), (self.data.firms, firms)):
            collection.delete_many({})
            collection.insert_many(list(rows))
        self.asked.clear()

    def _note(self) -> None:
        self.asked.append(request.full_path)
