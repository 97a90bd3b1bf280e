"""``sources/linkedin.yml``: exports of Sales Navigator's analytics, and whose seats are which users."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from config.schema.base import Address, Section


def _as_text(values: Any) -> Any:
    return {str(key): value for key, value in values.items()} if isinstance(values, dict) else values


class Terms(Section):
    """Who has agreed that sellers' activities on LinkedIn are read, and when."""

    accepted_by: Annotated[str, Field(min_length=1, description="Name and office of who agreed.")]
    accepted_on: Annotated[date, Field(description="The day on which they did.")]


class Settings(Section):
    """The ``linkedin`` source."""

    enabled: Annotated[bool, Field(description="Whether this source is read at all.")] = True
    folder: Annotated[str | None, Field(description="Folder of activity exports that were downloaded by hand.")] = None
    contract: Annotated[
        str | None, Field(description="URN of the Sales Navigator contract whose activities are exported by the API.")
    ] = None
    access_token_env: Annotated[
        str, Field(description="Name of the environment variable that holds the access token of the API.")
    ] = "LINKEDIN_ACCESS_TOKEN"  # noqa: S105 - the name of a variable
    address: Annotated[Address, Field(description="Where the API is.")] = "https://api.linkedin.com/v2"
    ca_file: Annotated[str | None, Field(description="PEM file of certificates to trust besides the system's.")] = None
    backfill_days: Annotated[int, Field(ge=1, description="How far back the first export goes.")] = 90
    poll_seconds: Annotated[float, Field(gt=0, description="Seconds between two questions whether a job is done.")] = 15
    patience_minutes: Annotated[float, Field(gt=0, description="How long a job may take.")] = 60
    types: Annotated[
        tuple[Literal["INMAIL_SENT", "MESSAGE_SENT", "CONNECTION_MADE"], ...],
        Field(
            min_length=1,
            description="Types of activity that are taken. Where LinkedIn writes InMails and messages back into the "
            "CRM, take CONNECTION_MADE alone: each message would count twice.",
        ),
    ] = ("INMAIL_SENT", "MESSAGE_SENT", "CONNECTION_MADE")
    seats: Annotated[
        dict[str, str],
        BeforeValidator(_as_text),
        Field(description="Seat of Sales Navigator (seatId): user_id of the seller who holds it."),
    ] = {}
    terms: Annotated[Terms | None, Field(description="Who has agreed to this source, and when.")] = None

    @model_validator(mode="after")
    def _enabled_is_complete(self) -> Self:
        if self.enabled and (self.folder is None) == (self.contract is None):
            raise ValueError("the source is enabled, so one of folder and contract must be told, and only one")
        if self.enabled and self.terms is None:
            raise ValueError("the source is enabled, so terms must be told; see docs/sources/linkedin.md")
        return self
