"""How the columns of a table, wherever it comes from, become the columns of a canonical entity."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from config.schema.base import Section
from config.schema.canonical import ENTITIES, Entity

ROW_NUMBER = "$row"
"""Written in place of a source column: the number of the row in its file, from 1."""

_DATE_LETTERS: Final = frozenset("aAbBcdfgGHIjmMnpSuUVwWxXyYzZ-%")


def _as_text(values: Any) -> Any:
    """Source values as text. YAML makes numbers of some, which does no harm, and truth values of others, which does."""
    if not isinstance(values, dict):
        return values
    truth = [key for key in values if isinstance(key, bool)]
    if truth:
        raise ValueError(
            'YAML reads a bare Yes, No, On, Off, True or False as a truth value; write it in quotes: "Yes"'
        )
    return {str(key) if isinstance(key, int | float) else key: value for key, value in values.items()}


class Mapping(Section):
    """A table of one shape, and the canonical entity that each of its rows is."""

    entity: Annotated[str, Field(description="Canonical entity: leads, opportunities, accounts, contacts, users, …")]
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
        dict[str, Annotated[dict[str, str], BeforeValidator(_as_text)]],
        Field(description="Canonical column: {source value: canonical value}. A value not listed is quarantined."),
    ] = {}
    constants: Annotated[
        dict[str, str], Field(description="Canonical column: the value it has in every row, e.g. type: phonecall.")
    ] = {}
    regarding: Annotated[
        dict[Literal["lead", "opportunity", "account", "contact"], str],
        Field(
            description="Where the subject is in one of several columns: what it is: source column; the first filled."
        ),
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

    @field_validator("date_formats")
    @classmethod
    def _known_letters(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        for text in formats:
            wrong = [letter for letter in re.findall("%(.?)", text) if letter not in _DATE_LETTERS]
            if wrong or "%" not in text:
                told = f"'%{wrong[0]}' is no strptime letter" if wrong else "there is no strptime letter"
                raise ValueError(f"{told} in '{text}'; write e.g. '%d.%m.%Y %H:%M'")
        return formats

    @model_validator(mode="after")
    def _fits_the_canonical_entity(self) -> Self:
        if self.entity not in ENTITIES:
            raise ValueError(f"'{self.entity}' is no canonical entity; choose one of {', '.join(ENTITIES)}")
        entity = ENTITIES[self.entity]
        self._names_exist(entity)
        self._values_are_allowed(entity)
        missing = [name for name in entity.key if name not in self.columns and name not in self.constants]
        if missing:
            raise ValueError(f"columns: the key of {self.entity}, {', '.join(missing)}, is not mapped")
        return self

    @model_validator(mode="after")
    def _order_means_no_dates(self) -> Self:
        if self.date_precision != "order":
            return self
        entity = ENTITIES[self.entity]
        dated = [name for name in self.columns if entity.column(name).type in {"date", "timestamp"}]
        if dated:
            raise ValueError(f"date_precision: order says that there are no dates, but {', '.join(dated)} is mapped")
        if "record_order" in entity.column_names and "record_order" not in self.columns:
            raise ValueError(f"columns: with date_precision: order map record_order, to a column or to {ROW_NUMBER}")
        return self

    def _names_exist(self, entity: Entity) -> None:
        for key, names in (("columns", self.columns), ("values", self.values), ("constants", self.constants)):
            for name in names:
                if name not in entity.column_names:
                    raise ValueError(
                        f"{key}: '{name}' is no column of {self.entity}; it has {', '.join(entity.column_names)}"
                    )
        both = [name for name in self.constants if name in self.columns]
        if both:
            raise ValueError(f"constants: '{both[0]}' is under columns as well; keep one of the two")
        unmapped = [name for name in self.values if name not in self.columns]
        if unmapped:
            raise ValueError(f"values: '{unmapped[0]}' is not under columns; map it to a source column first")
        if self.regarding and "regarding_id" not in entity.column_names:
            raise ValueError(f"regarding: {self.entity} are not about another record; it is for activities and notes")
        told_twice = {"regarding_id", "regarding_entity"} & (self.columns.keys() | self.constants.keys())
        if self.regarding and told_twice:
            raise ValueError(f"regarding: {', '.join(sorted(told_twice))} is mapped as well; keep one of the two")

    def _values_are_allowed(self, entity: Entity) -> None:
        told = [(f"values.{name}", name, list(mapping.values())) for name, mapping in self.values.items()]
        told += [(f"constants.{name}", name, [value]) for name, value in self.constants.items()]
        for key, name, values in told:
            allowed = entity.column(name).values
            wrong = [value for value in values if allowed and value not in allowed]
            if wrong:
                raise ValueError(f"{key}: '{wrong[0]}' is not one of {', '.join(allowed)}")
