"""``sources/files.yml``: how a folder of exported files is read as the canonical entities."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.schema.base import Section
from config.schema.canonical import ENTITIES

ROW_NUMBER = "$row"
"""Written in place of a source column: the number of the row in its file, from 1."""


class Table(Section):
    """Files of one shape, and the canonical entity that each of their rows is."""

    entity: Annotated[str, Field(description="Canonical entity: leads, opportunities, accounts, contacts, users, …")]
    files: Annotated[str, Field(min_length=1, description="File name or pattern in the folder, e.g. leads_*.csv.")]
    format: Annotated[
        Literal["csv", "tsv", "parquet", "jsonl"], Field(description="csv, tsv, parquet or jsonl (one object a line).")
    ] = "csv"
    delimiter: Annotated[
        str | None, Field(min_length=1, max_length=1, description="Column separator of a csv file. Default: a comma.")
    ] = None
    encoding: Annotated[
        str | None,
        Field(description="Encoding, e.g. utf-8 or latin-1. Left out: utf-8, and an error that names what fits."),
    ] = None
    decimal_mark: Annotated[Literal[".", ","], Field(description="What separates the decimals of a number.")] = "."
    date_formats: Annotated[
        tuple[str, ...],
        Field(
            description="How dates are written, in strptime letters, tried in order. Left out: ISO 8601 "
            "(2024-01-31, 2024-01-31 13:45:00, 2024-01-31T13:45:00Z)."
        ),
    ] = ()
    date_precision: Annotated[
        Literal["second", "day", "month", "order"],
        Field(description="How exact the dates are; order: there are none, only record_order."),
    ] = "second"
    columns: Annotated[
        dict[str, str],
        Field(description=f"Canonical column: source column. {ROW_NUMBER} stands for the row number in the file."),
    ]
    values: Annotated[
        dict[str, dict[str, str]],
        Field(description="Canonical column: {source value: canonical value}. A value not listed is quarantined."),
    ] = {}
    constants: Annotated[
        dict[str, str], Field(description="Canonical column: the value it has in every row, e.g. type: phonecall.")
    ] = {}
    key_prefix: Annotated[
        str,
        Field(
            description="Put before the first key column, where two tables of one entity count from 1 each, e.g. call-."
        ),
    ] = ""
    empty_values: Annotated[
        tuple[str, ...], Field(description="Texts that mean 'nothing', besides the empty text, e.g. 'Select'.")
    ] = ()
    ignore: Annotated[
        tuple[str, ...],
        Field(description="Source columns to leave behind. All others not mapped pass through as custom attributes."),
    ] = ()

    @model_validator(mode="after")
    def _fits_the_canonical_entity(self) -> Self:
        if self.entity not in ENTITIES:
            raise ValueError(f"'{self.entity}' is no canonical entity; choose one of {', '.join(ENTITIES)}")
        entity = ENTITIES[self.entity]
        for key, names in (("columns", self.columns), ("values", self.values), ("constants", self.constants)):
            for name in names:
                if name not in entity.column_names:
                    raise ValueError(
                        f"{key}: '{name}' is no column of {self.entity}; it has {', '.join(entity.column_names)}"
                    )
        for name, mapping in self.values.items():
            allowed = entity.column(name).values
            wrong = [value for value in mapping.values() if allowed and value not in allowed]
            if wrong:
                raise ValueError(f"values.{name}: '{wrong[0]}' is not one of {', '.join(allowed)}")
        missing = [name for name in entity.key if name not in self.columns and name not in self.constants]
        if missing:
            raise ValueError(f"columns: the key of {self.entity}, {', '.join(missing)}, is not mapped")
        return self


class Settings(Section):
    """The ``files`` source."""

    enabled: Annotated[bool, Field(description="Whether this source is read at all.")] = True
    folder: Annotated[
        str | None,
        Field(description="Folder with the files. Left out: SALES_INSIGHTS_INPUT, or 'input' in the data folder."),
    ] = None
    tables: Annotated[tuple[Table, ...], Field(min_length=1, description="One entry per shape of file.")]
