"""``sources/dataverse.yml``: which organisation is read, as whom, and how its tables become the canonical entities."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from config.schema.base import Address, Section, is_private
from config.schema.mapping import ROW_NUMBER, Mapping

_PARTS = ("", "label", "type")


class Table(Mapping):
    """A Dataverse table, and the canonical entity that each of its rows is.

    Source columns are logical names. ``statecode`` is the code of an option set and ``statecode@label`` its label;
    ``ownerid`` is the key that a lookup holds and ``ownerid@type`` the table it points to.
    """

    table: Annotated[
        str, Field(min_length=1, description="Logical name of the table, e.g. lead; of another service the entity set.")
    ]
    custom_columns: Annotated[
        bool, Field(description="Whether the table's custom columns pass through as custom attributes.")
    ] = False
    optional: Annotated[
        bool, Field(description="Whether not every organisation has the table: where it is not there, it is left out.")
    ] = False
    also: Annotated[
        tuple[str, ...],
        Field(description="Standard columns that pass through as custom attributes, e.g. budgetamount, need@label."),
    ] = ()
    cursor: Annotated[
        str | None,
        Field(
            description="Column with the instant of a row's last change, by which changes are found where they are not "
            "tracked. Left out: modifiedon in Dataverse; with another service the table is read whole each time."
        ),
    ] = None

    @property
    def references(self) -> dict[str, str]:
        """Source column as it is written to the key of the configuration that names it."""
        told = {source: f"columns.{name}" for name, source in self.columns.items()}
        told |= {source: f"regarding.{name}" for name, source in self.regarding.items()}
        return told | {source: "also" for source in self.also if source not in told}

    @model_validator(mode="after")
    def _references_are_logical_names(self) -> Self:
        for source, key in self.references.items():
            name, _, part = source.partition("@")
            if source == ROW_NUMBER:
                raise ValueError(f"{key}: rows of a Dataverse table have no number; name a column")
            if not name or part not in _PARTS:
                raise ValueError(f"{key}: '{source}' is no column; write a logical name, or name@label or name@type")
        return self


class SynapseLink(Section):
    """A lake that Azure Synapse Link for Dataverse writes as CSV."""

    folder: Annotated[
        str,
        Field(
            min_length=1,
            description="Folder that holds model.json or the folders of intervals: a path, or an address for fsspec, "
            "e.g. abfss://container@account.dfs.core.windows.net/.",
        ),
    ]


class Terms(Section):
    """Who has agreed that the organisation's data are read, and when."""

    accepted_by: Annotated[str, Field(min_length=1, description="Name and office of who agreed.")]
    accepted_on: Annotated[date, Field(description="The day on which they did.")]


class Settings(Section):
    """The ``dataverse`` source."""

    enabled: Annotated[bool, Field(description="Whether this source is read at all.")] = True
    service: Annotated[
        Literal["dataverse", "odata"],
        Field(description="What answers at url: a Dataverse organisation, or any other service that speaks OData v4."),
    ] = "dataverse"
    url: Annotated[
        str | None,
        Field(
            description="Address of the organisation, e.g. https://contoso.crm4.dynamics.com; of another service its "
            "root, which $metadata is under."
        ),
    ] = None
    auth: Annotated[
        Literal["client_credentials", "none"],
        Field(description="How the application signs in. none: the service asks for no token; not for Dataverse."),
    ] = "client_credentials"
    tenant_id: Annotated[str | None, Field(description="Directory (tenant) ID of Microsoft Entra.")] = None
    client_id: Annotated[str | None, Field(description="Application (client) ID of the app registration.")] = None
    client_secret_env: Annotated[
        str, Field(description="Name of the environment variable that holds the client secret.")
    ] = "DATAVERSE_CLIENT_SECRET"  # noqa: S105 - the name of a variable
    authority: Annotated[
        Address, Field(description="Where tokens come from; national clouds have their own address.")
    ] = "https://login.microsoftonline.com"
    ca_file: Annotated[
        str | None, Field(description="PEM file of certificates to trust besides the system's, for a company's proxy.")
    ] = None
    page_size: Annotated[int, Field(ge=1, le=5000, description="Rows asked for at once.")] = 5000
    concurrency: Annotated[
        int, Field(ge=1, le=52, description="Most tables read at the same time; fewer when the service slows down.")
    ] = 4
    overlap_minutes: Annotated[
        int,
        Field(ge=0, description="Tables without change tracking: how far before the last change reading begins again."),
    ] = 60
    reconcile_days: Annotated[
        int,
        Field(
            ge=1, description="Tables without change tracking: days between readings of everything, to find deletions."
        ),
    ] = 7
    history_from_audit: Annotated[
        bool,
        Field(
            description="Whether a table's first reading takes the earlier versions of its rows from the audit log, "
            "where auditing is on."
        ),
    ] = True
    synapse_link: Annotated[
        SynapseLink | None,
        Field(description="A lake with tables of the organisation; those that are not in it are read from url."),
    ] = None
    terms: Annotated[Terms | None, Field(description="Who has agreed to this source, and when.")] = None
    tables: Annotated[tuple[Table, ...], Field(min_length=1, description="One entry per table.")]

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("https://", "http://")):
            raise ValueError(f"'{value}' is no address; it begins with https://")
        return value.rstrip("/") if value else value

    @field_validator("tables")
    @classmethod
    def _each_table_once(cls, tables: tuple[Table, ...]) -> tuple[Table, ...]:
        names = [(table.table, table.entity) for table in tables]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise ValueError(f"{twice[0][0]} is read as {twice[0][1]} twice; keep one of the two")
        return tables

    @model_validator(mode="after")
    def _tokens_stay_private(self) -> Self:
        if self.url and self.auth != "none" and not is_private(self.url):
            raise ValueError(f"url: '{self.url}' would be sent the access token in the clear; write https://")
        return self

    @model_validator(mode="after")
    def _asks_only_what_the_service_has(self) -> Self:
        if self.service == "dataverse":
            if self.auth == "none":
                raise ValueError("auth: Dataverse answers nobody without a token; take 'auth' out")
            return self
        if self.synapse_link:
            raise ValueError("synapse_link: only Dataverse writes such a lake; take it out, or set service: dataverse")
        for table in self.tables:
            if table.custom_columns:
                raise ValueError(
                    f"{table.table}: custom_columns: an OData service does not say which columns are custom; take it "
                    "out, and name those that are wanted under 'also'"
                )
            parts = [source for source in table.references if "@" in source]
            if parts:
                raise ValueError(
                    f"{table.table}: '{parts[0]}': an OData service has neither labels nor types of lookups; write "
                    f"'{parts[0].partition('@')[0]}'"
                )
        return self

    @model_validator(mode="after")
    def _enabled_is_complete(self) -> Self:
        named = ("url",) if self.auth == "none" else ("url", "tenant_id", "client_id")
        served = () if self.synapse_link and self.url is None else named
        needed = {name: getattr(self, name) for name in (*served, "terms")}
        lacking = [name for name, value in needed.items() if value is None]
        if self.enabled and lacking:
            raise ValueError(
                f"the source is enabled, so {', '.join(lacking)} must be told; see docs/sources/dataverse.md"
            )
        return self
