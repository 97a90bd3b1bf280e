"""``sources/files.yml``: how a folder of exported files is read as the canonical entities."""

from __future__ import annotations

import codecs
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from config.schema.base import Section
from config.schema.mapping import Mapping


class Table(Mapping):
    """Files of one shape, and the canonical entity that each of their rows is."""

    files: Annotated[str, Field(min_length=1, description="File name or pattern in the folder, e.g. leads_*.csv.")]
    format: Annotated[
        Literal["csv", "tsv", "parquet", "jsonl"], Field(description="csv, tsv, parquet or jsonl (one object a line).")
    ] = "csv"
    delimiter: Annotated[
        Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=1)] | None,
        Field(description="Column separator of a csv file. Default: a comma."),
    ] = None
    encoding: Annotated[
        str | None,
        Field(description="Encoding, e.g. utf-8 or latin-1. Left out: utf-8, and an error that names what fits."),
    ] = None

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        try:
            codecs.lookup(value or "utf-8")
        except LookupError as error:
            raise ValueError(f"'{value}' is no encoding; write one like utf-8, cp1252, latin-1 or utf-16") from error
        return value


class Settings(Section):
    """The ``files`` source."""

    enabled: Annotated[bool, Field(description="Whether this source is read at all.")] = True
    folder: Annotated[
        str | None,
        Field(description="Folder with the files. Left out: SALES_INSIGHTS_INPUT, or 'input' in the data folder."),
    ] = None
    tables: Annotated[tuple[Table, ...], Field(min_length=1, description="One entry per shape of file.")]
