"""``sources/exchange.yml``: whose mail and meetings are read from Microsoft 365, how far back, and on whose word."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from config.schema.base import Address, Section

_ADDRESS: Final = re.compile(r"^[^@\s/]+@[^@\s/]+$")
_DOMAIN: Final = re.compile(r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")
_VARIABLE: Final = re.compile(r"^[A-Z][A-Z0-9_]*$")


def _addresses(values: tuple[str, ...]) -> tuple[str, ...]:
    wrong = [value for value in values if not _ADDRESS.match(value)]
    if wrong:
        raise ValueError(f"'{wrong[0]}' is no mail address; write it like ann@example.com")
    return tuple(value.lower() for value in values)


class Consent(Section):
    """Whoever may decide it has agreed that mail and calendars are read."""

    accepted_by: Annotated[str, Field(min_length=1, description="Who agreed: name and office, of the organisation.")]
    accepted_on: Annotated[date, Field(description="The day on which that person agreed.")]
    terms: Annotated[
        str,
        Field(min_length=1, description="What was agreed to: the name and version of the terms, or where they lie."),
    ]


class People(Section):
    """Whose mailboxes are read."""

    who: Annotated[
        Literal["all", "group", "list"],
        Field(description="all: every enabled user of the tenant; group: members of 'groups'; list: 'addresses'."),
    ] = "group"
    groups: Annotated[tuple[str, ...], Field(description="Object ids of groups in Entra ID, for who: group.")] = ()
    addresses: Annotated[tuple[str, ...], Field(description="Mail addresses, for who: list.")] = ()
    excluded_groups: Annotated[
        tuple[str, ...], Field(description="Object ids of groups whose members' mailboxes are never requested.")
    ] = ()
    opted_out: Annotated[
        tuple[str, ...],
        Field(
            description="Addresses of people who said no: their mailboxes are never requested, and they are left out "
            "of the parties of other people's messages and meetings."
        ),
    ] = ()

    _lower = field_validator("addresses", "opted_out")(_addresses)

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.who == "group" and not self.groups:
            raise ValueError("who: group needs 'groups': the object id of at least one group")
        if self.who == "list" and not self.addresses:
            raise ValueError("who: list needs 'addresses': at least one mail address")
        return self


class Settings(Section):
    """The ``exchange`` source."""

    enabled: Annotated[bool, Field(description="Whether mail and calendars are read. Needs consent and people.")] = (
        False
    )
    consent: Annotated[
        Consent | None, Field(description="Who agreed to what, and when; without it nothing is read.")
    ] = None
    tenant_id: Annotated[
        str, Field(description="Directory (tenant) id of the app registration, or a domain of it.")
    ] = ""
    client_id: Annotated[str, Field(description="Application (client) id of the app registration.")] = ""
    client_secret_env: Annotated[
        str,
        Field(description="Name of the environment variable that holds the client secret; never the secret itself."),
    ] = "EXCHANGE_CLIENT_SECRET"  # noqa: S105 - the name of a variable
    people: Annotated[People | None, Field(description="Whose mailboxes are read, and whose never.")] = None
    domains: Annotated[
        tuple[str, ...],
        Field(description="Mail domains of the organisation; they tell outgoing, incoming and internal apart."),
    ] = ()
    subject: Annotated[bool, Field(description="Whether subject lines are read. Bodies never are.")] = False
    left_out_folders: Annotated[
        tuple[Literal["drafts", "junkemail", "outbox", "deleteditems", "archive", "sentitems"], ...],
        Field(description="Well-known folders whose messages are not read."),
    ] = ("drafts", "junkemail", "outbox")
    backfill_days: Annotated[int, Field(ge=1, le=366, description="How far the first back-fill reaches, in days.")] = 30
    backfill_days_per_day: Annotated[
        int, Field(ge=1, le=366, description="How many days of data a day of back-fill reads, the newest first.")
    ] = 3
    calendar_days_ahead: Annotated[
        int, Field(ge=1, le=366, description="How far ahead meetings are read, in days.")
    ] = 30
    mailboxes_at_once: Annotated[
        int, Field(ge=1, le=16, description="How many mailboxes are read side by side; each with 4 requests at most.")
    ] = 4
    page_size: Annotated[int, Field(ge=1, le=1000, description="Items on a page.")] = 500
    graph_address: Annotated[
        Address, Field(description="Where Microsoft Graph is; national clouds have addresses of their own.")
    ] = "https://graph.microsoft.com"
    login_address: Annotated[
        Address, Field(description="Where tokens are had; national clouds have addresses of their own.")
    ] = "https://login.microsoftonline.com"
    ca_file: Annotated[
        str | None,
        Field(description="Certificate authority (PEM) to trust, e.g. a company proxy's. Default: the system's."),
    ] = None

    @field_validator("domains")
    @classmethod
    def _are_domains(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        lowered = tuple(value.lower().removeprefix("@") for value in values)
        wrong = [value for value in lowered if not _DOMAIN.match(value)]
        if wrong:
            raise ValueError(f"'{wrong[0]}' is no mail domain; write it like example.com")
        return lowered

    @field_validator("client_secret_env")
    @classmethod
    def _is_a_variable(cls, value: str) -> str:
        if not _VARIABLE.match(value):
            # The text is not repeated: it may be the secret itself.
            raise ValueError("name the environment variable that holds the secret in capitals, never the secret itself")
        return value

    @model_validator(mode="after")
    def _enabled_only_with_consent(self) -> Self:
        if not self.enabled:
            return self
        if self.consent is None:
            raise ValueError(
                "mail and calendars are read only after the stated consent. Write under 'consent' who accepted the "
                "terms (accepted_by), when (accepted_on) and which terms, or set enabled: false"
            )
        needed = {
            "people": self.people,
            "domains": self.domains,
            "tenant_id": self.tenant_id,
            "client_id": self.client_id,
        }
        missing = [name for name, value in needed.items() if not value]
        if missing:
            raise ValueError(f"{', '.join(missing)}: missing; docs/sources/exchange.md tells where to find it")
        return self
