"""From numbers to the text of an export: labels, keys, names, amounts, and what is not visible yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extract.demo.accounts import Person
from extract.demo.calendar import NEVER, end_of
from extract.demo.mechanism import Array
from extract.demo.vocabulary import (
    COMPANY_FIRST,
    COMPANY_LAST,
    COMPANY_SECOND,
    FIRST_NAMES,
    LAST_NAMES,
    PLACES,
)

LEAD, OPPORTUNITY, ACCOUNT, CONTACT, USER, TEAM = "1ead", "0bb0", "acc0", "c047", "05e2", "7ea3"
ACTIVITY, NOTE, PRODUCT, GOAL, PARTY, CLOSE = "ac70", "407e", "b20d", "60a1", "ba27", "c105"
POSITION, STAGE, LINE, POST, CONNECTION, VIEW = "b051", "57a6", "11e5", "b057", "c04e", "5ee4"
"""How the keys of each kind of record begin: its name, as far as hexadecimal digits can spell it."""
_DIGITS: Final = 12
_PHONE_DIGITS: Final = 8


def labels(names: Sequence[str], codes: Array) -> pa.Array:
    """The names at these positions; empty for -1."""
    codes = np.asarray(codes, dtype=np.int32)
    return pa.array(list(names), pa.string()).take(pa.array(codes, mask=codes < 0))


def keys(prefix: str, numbers: Array) -> pa.Array:
    """Keys such as 1ead0000-0000-4000-8000-000000000042, unique identifiers as a CRM has them; empty for -1."""
    return pc.binary_join_element_wise(f"{prefix}0000-0000-4000-8000", _padded(numbers, _DIGITS), "-")


def _padded(numbers: Array, digits: int) -> pa.Array:
    numbers = np.asarray(numbers, dtype=np.int64)
    return pc.utf8_lpad(pa.array(numbers, mask=numbers < 0).cast(pa.string()), digits, "0")


def numbers(values: Array) -> pa.Array:
    """Numbers; empty for NaN."""
    return pa.array(values, pa.float64(), from_pandas=True)


def whole_numbers(values: Array) -> pa.Array:
    """Whole numbers; empty for NaN."""
    return pa.array(values, pa.float64(), from_pandas=True).cast(pa.int64())


def moments(values: Array, day: np.datetime64) -> pa.Array:
    """Instants; empty where they are later than the day (they are not known yet)."""
    return pa.array(values.astype("datetime64[s]"), mask=values >= end_of(day))


def days(values: Array, until: np.datetime64 = NEVER) -> pa.Array:
    """Days; empty where they are later than ``until``."""
    return pa.array(values.astype("datetime64[D]"), mask=values.astype("datetime64[D]") > until)


def shown(values: pa.Array, visible: Array) -> pa.Array:
    """The values, empty where they are not visible."""
    return pc.if_else(pa.array(visible), values, pa.scalar(None, values.type))


def either(condition: Array, yes: Any, no: Any) -> pa.Array:
    """One of two columns or texts, per row."""
    return pc.if_else(pa.array(condition), yes, no)


def full_name(person: Person) -> pa.Array:
    """First and last name."""
    return pc.binary_join_element_wise(
        labels(FIRST_NAMES, person.first_name), labels(LAST_NAMES, person.last_name), " "
    )


def company_name(company: Array) -> pa.Array:
    """The name of a company, from its number."""
    first, rest = company % len(COMPANY_FIRST), company // len(COMPANY_FIRST)
    second, last = rest % len(COMPANY_SECOND), rest // len(COMPANY_SECOND)
    one = pc.binary_join_element_wise(labels(COMPANY_FIRST, first), labels(COMPANY_SECOND, second), "")
    return pc.binary_join_element_wise(one, labels(COMPANY_LAST, last), " ")


def address(person: Person, company: Array) -> pa.Array:
    """An e-mail address at the company, under the reserved domain .example."""
    domain = pc.utf8_lower(pc.replace_substring(company_name(company), " ", "-"))
    name = pc.utf8_lower(pc.replace_substring(full_name(person), " ", "."))
    return pc.binary_join_element_wise(name, pc.binary_join_element_wise(domain, "example", "."), "@")


def telephone(numbers_: Array, company: Array) -> pa.Array:
    """An invented telephone number; every fifth record has none."""
    digits = _padded((numbers_ * 7919 + company) % 10**8, _PHONE_DIGITS)
    text = pc.binary_join_element_wise("+00 555", digits, "-")
    return shown(text, numbers_ % 5 != 3)


def country(place: Array) -> pa.Array:
    """The country of a place."""
    return labels([name for name, _ in PLACES], place)


def city(place: Array) -> pa.Array:
    """The city of a place."""
    return labels([name for _, name in PLACES], place)
