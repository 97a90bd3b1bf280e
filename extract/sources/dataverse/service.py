"""What is at the other end: a Dataverse organisation, or any other service that speaks OData v4."""

from __future__ import annotations

from typing import Protocol

from config.schema.sources.dataverse import Settings
from extract.http import Http
from extract.sources.dataverse.csdl import ODataService
from extract.sources.dataverse.metadata import API, Column, Definition, read_columns, read_definitions


class Service(Protocol):
    """Tells of its own tables; may be asked by several threads."""

    @property
    def root(self) -> str:
        """The address that entity sets are under."""

    def definitions(self) -> dict[str, Definition]:
        """All tables, by the name that a mapping calls them."""

    def columns(self, table: str, *, labelled: bool) -> dict[str, Column]:
        """The columns of a table that can be read, by name; ``labelled``: whether their labels are needed."""


class Organisation:
    """A Dataverse organisation, which has definitions of its tables beyond OData's."""

    def __init__(self, http: Http, url: str) -> None:
        self.root = f"{url}{API}"
        self._http, self._url = http, url

    def definitions(self) -> dict[str, Definition]:
        """See ``read_definitions``."""
        return read_definitions(self._http, self._url)

    def columns(self, table: str, *, labelled: bool) -> dict[str, Column]:
        """See ``read_columns``."""
        return read_columns(self._http, self._url, table, labelled=labelled)


def service_of(http: Http, settings: Settings) -> Service:
    """The service that the settings name."""
    url = settings.url or ""
    return Organisation(http, url) if settings.service == "dataverse" else ODataService(http, url)
