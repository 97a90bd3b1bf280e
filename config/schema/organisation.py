"""``organisation.yml``: whose data these are and how that company counts its time and money."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from config.schema.base import Section


class FiscalYear(Section):
    """When the fiscal year starts and into which periods it is cut."""

    start_month: Annotated[int, Field(ge=1, le=12, description="Month in which the fiscal year starts (1-12).")] = 1
    period: Annotated[
        Literal["month", "quarter", "half_year", "year"],
        Field(description="The fiscal period that forecasts are made for."),
    ] = "quarter"


class Organisation(Section):
    """The company whose CRM is read."""

    name: Annotated[str, Field(min_length=1, description="Name of the organisation, as shown in reports.")]
    currency: Annotated[
        str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code of the currency that all amounts are in.")
    ]
    time_zone: Annotated[str, Field(description="IANA time zone of instants that the sources write without one.")] = (
        "UTC"
    )
    fiscal_year: Annotated[FiscalYear, Field(description="Start and periods of the fiscal year.")] = FiscalYear()
    as_of: Annotated[
        date | None,
        Field(
            description="The day the data speak of, for a historical export (YYYY-MM-DD). Leave it out for live data: "
            "then it is the day of the run. Every command's --as-of overrides it."
        ),
    ] = None

    @field_validator("time_zone")
    @classmethod
    def _known_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"'{value}' is not an IANA time zone; write one like 'Europe/Berlin' or 'UTC'") from error
        return value
