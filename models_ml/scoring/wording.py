"""Words for what a model has learnt: names of attributes, of their values, and the sentences that rest on them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

NOT_FILLED: Final = "not filled"
RARE: Final = "rare or new"
_LONGEST: Final = 80
_SIZES: Final = ("low", "medium low", "medium", "medium high", "high")
_ACRONYMS: Final = frozenset(
    (
        "aum",
        "b2b",
        "b2c",
        "ceo",
        "cfo",
        "cio",
        "crm",
        "cto",
        "erp",
        "eur",
        "gbp",
        "hr",
        "id",
        "it",
        "kpi",
        "sic",
        "uk",
        "url",
        "us",
        "usd",
        "vat",
    )
)
_NAMES: Final = {
    "days_to_estimated_close": "Days until the estimated close date",
    "days_in_stage": "Days in the stage",
    "days_in_stage_to_won": "Time in the stage as a multiple of won ones'",
}
"""Names that would not read well word by word."""
_PRESENT: Final = {
    "has_email": "E-mail address",
    "has_phone": "Business phone number",
    "contact_has_phone": "Business phone number of the contact",
}
_YES_NO: Final = re.compile(r"(^|_)(is|has|do_not)_")


@dataclass(frozen=True)
class Nouns:
    """What the records of a score are called, and what those with the wanted outcome are."""

    record: str
    records: str
    outcome: str


_NOUNS: Final = {
    "lead": Nouns("lead", "leads", "qualified"),
    "opportunity": Nouns("opportunity", "opportunities", "won"),
}


def nouns(score_name: str) -> Nouns:
    """The words of a score; of one that is not known here, plain ones."""
    return _NOUNS.get(score_name, Nouns("record", "records", "positive"))


def attribute_words(name: str) -> str:
    """An attribute's name as people write it: ``activities_7_days`` is "Activities in the last 7 days".

    A name that has blanks or full stops of its own was written by people and stays as it is.
    """
    if name in _NAMES:
        return _NAMES[name]
    name = name.removeprefix("custom.")
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).split("_")
    if re.search(r"[ .]", name) or not all(words):
        return name
    if len(words) > 1 and words[-1].lower() == "id":
        words.pop()
    written = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)
    written = re.sub(r" (\d+) days$", r" in the last \1 days", written)
    written = re.sub(r"^(\w+) days$", r"\1 in days", written)
    written = " ".join(word.upper() if word in _ACRONYMS else word for word in written.split(" "))
    return written[0].upper() + written[1:]


def subject(name: str, value: str) -> str:
    """What a reason is about: "Industry is Finance", "Business phone number is available"."""
    if name in _PRESENT and value in ("yes", "no"):
        return f"{_PRESENT[name]} is {'available' if value == 'yes' else 'not available'}"
    return f"{attribute_words(name)} is {value}"


def numbers(values: NDArray[np.float64]) -> list[str]:
    """Numbers as text, with two decimals at most; below 1 with three digits that count."""
    return [
        f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) >= 1 or value == 0 else f"{value:.3g}"
        for value in (values + 0.0).tolist()
    ]


def is_yes_no(name: str, different: NDArray[np.float64]) -> bool:
    """Whether a number is a yes or no: it has no value but 0 and 1, and its name asks a question."""
    return bool(np.isin(different, (0, 1)).all() and _YES_NO.search(name))


def yes_no(values: NDArray[np.float64]) -> list[str]:
    """0 and 1 as words; another number as itself."""
    return [{"0": "no", "1": "yes"}.get(text, text) for text in numbers(values)]


def bins(edges: NDArray[np.float64], different: NDArray[np.float64]) -> list[str]:
    """What each bin of a number is called: its size and its bounds, or its only value.

    Args:
        edges: the inner edges; a bin ends with its upper edge.
        different: the values that were learnt from, ascending.
    """
    if not len(edges):
        return ["filled"]
    is_whole = bool((different == np.floor(different)).all())
    sizes = [_SIZES[round(number / len(edges) * (len(_SIZES) - 1))] for number in range(len(edges) + 1)]
    text = numbers(edges)
    is_zero = different[0] == edges[0] == 0
    if not is_whole:
        inner = [f"(above {low} up to {high})" for low, high in pairwise(text)]
        return _sized(sizes, ["0" if is_zero else f"(up to {text[0]})", *inner, f"(above {text[-1]})"])
    after = numbers(edges + 1)
    first = "0" if is_zero else f"({text[0]} or less)"
    inner = [high if low == high else f"({low} to {high})" for low, high in zip(after, text[1:], strict=False)]
    return _sized(sizes, [first, *inner, f"({after[-1]} or more)"])


def _sized(sizes: Sequence[str], bounds: Sequence[str]) -> list[str]:
    """A range bears its size in front, a single value speaks for itself."""
    return [f"{size} {bound}" if bound[0] == "(" else bound for size, bound in zip(sizes, bounds, strict=True)]


def level(value: str) -> str:
    """A category, cut where it is a whole text."""
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"


def per_cent(share: float) -> str:
    """A share (0-1) in whole per cent."""
    return f"{100 * share:.0f} %"


def reason(
    words: Nouns, subject: str, rate: float | None, overall: float, days: int | None, *, speaks_for: bool
) -> str:
    """Why an attribute counts for or against a record, with what became of those like it.

    Args:
        words: of the score.
        subject: attribute and value, such as "Industry is Finance".
        rate: share (0-1) with the wanted outcome among the records like it; None where they are too few.
        overall: the same of all records.
        days: the horizon; None where the outcome is the final one.
        speaks_for: whether it raises this record's score. An attribute counts beside all others, so it may raise the
            score although few of those like it had the outcome, or the reverse: the sentence says so.
    """
    if rate is None:
        return f"{subject}: too few {words.records} like it to say how many are {words.outcome}"
    within = f" within {days} days" if days else ""
    told = (
        f"{subject}: {per_cent(rate)} of such {words.records} are {words.outcome}{within}, {per_cent(overall)} overall"
    )
    if rate == overall or (rate > overall) == speaks_for:
        return told
    return f"{told}; beside its other values it speaks {'for' if speaks_for else 'against'} this {words.record}"


def difference(rate: float, overall: float) -> str:
    """How a value's rate stands to that of all, in percentage points."""
    points = round(100 * (rate - overall))
    if not points:
        return "as all"
    unit = "percentage point" if abs(points) == 1 else "percentage points"
    return f"{abs(points)} {unit} {'higher' if points > 0 else 'lower'} than global"
