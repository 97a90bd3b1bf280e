"""Grades: ranges of the score from 0 to 100, written as minima or as ranges, without hole or overlap."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from config.schema.base import Section

Range = tuple[int, int]
"""The lowest and the highest score of a grade, both included."""

LOWEST: Final = 0
HIGHEST: Final = 100
COLOURS: Final = {"A": "green", "B": "purple", "C": "yellow", "D": "red"}
"""Every grade, the best first, and the colour that it is shown in."""


class Grades(Section):
    """The least score (0-100) of each grade; D begins at 0."""

    A: Annotated[int, Field(ge=1, le=HIGHEST, description="Least score of grade A, the best; or its range, [60, 100].")]
    B: Annotated[int, Field(ge=1, le=HIGHEST, description="Least score of grade B; or its range, [40, 59].")]
    C: Annotated[int, Field(ge=1, le=HIGHEST, description="Least score of grade C; or its range. D lies below it.")]

    @model_validator(mode="before")
    @classmethod
    def _from_ranges(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        written = {grade: value[grade] for grade in COLOURS if grade in value}
        if any(isinstance(each, list | tuple | Mapping) for each in written.values()):
            unknown = [str(key) for key in value if key not in COLOURS]
            if unknown:
                raise ValueError(f"there is no grade {' or '.join(unknown)}; the grades are A, B, C and D")
            return _minima(written)
        if written.get("D", LOWEST) != LOWEST:
            raise ValueError(f"D begins at 0 and ends where C begins; leave it out instead of writing {written['D']!r}")
        return {key: each for key, each in value.items() if key != "D"}

    @model_validator(mode="after")
    def _descending(self) -> Self:
        if not self.A > self.B > self.C:
            raise ValueError(
                f"A ({self.A}) must begin above B ({self.B}) and B above C ({self.C}): "
                "the ranges would overlap or leave a gap"
            )
        return self

    def of(self, score: int) -> str:
        """The grade of a score from 0 to 100."""
        return "A" if score >= self.A else "B" if score >= self.B else "C" if score >= self.C else "D"

    def ranges(self) -> dict[str, Range]:
        """Each grade's lowest and highest score, both included, the best first: a minimum moves its neighbour's end."""
        minima = (self.A, self.B, self.C, LOWEST)
        maxima = (HIGHEST, *(minimum - 1 for minimum in minima[:-1]))
        return dict(zip(COLOURS, zip(minima, maxima, strict=True), strict=True))


SHIPPED: Final = Grades(A=60, B=40, C=20)
"""What holds where ranges are to be derived and the data are too few."""

Default = Literal["default"]
DEFAULT: Final[Default] = "default"
"""Ranges derived from the held-out records of the model in use."""

GradesOrDefault = Annotated[
    Annotated[Grades, Tag("ranges")] | Annotated[Default, Tag("word")],
    Discriminator(lambda value: "word" if isinstance(value, str) else "ranges"),
]
"""A word is not taken for wrong ranges, nor ranges for a wrong word: a mistake is told once."""


def _minima(written: Mapping[str, Any]) -> dict[str, int]:
    """The minima of A, B and C from the ranges of all four grades.

    Raises:
        ValueError: where the ranges do not give every score from 0 to 100 exactly one grade, with what to change.
    """
    missing = [grade for grade in COLOURS if grade not in written]
    if missing:
        raise ValueError(f"{' and '.join(missing)} has no range; write one for each of A, B, C and D, or minima alone")
    ranges = {grade: _range(grade, written[grade]) for grade in COLOURS}
    mistakes = _order(ranges) or [*_ends(ranges), *_seams(ranges)]
    if mistakes:
        raise ValueError("; ".join(mistakes))
    return {grade: ranges[grade][0] for grade in ("A", "B", "C")}


def _range(grade: str, value: Any) -> Range:
    if isinstance(value, Mapping) and value.keys() == {"from", "to"}:
        value = [value["from"], value["to"]]
    whole = isinstance(value, list | tuple) and all(type(bound) is int for bound in value)
    if not whole or len(value) != 2 or not all(LOWEST <= bound <= HIGHEST for bound in value):
        raise ValueError(
            f"{grade}: write two whole numbers from 0 to 100, the lowest and the highest score: [60, 100] or "
            f"{{from: 60, to: 100}}, and so for every grade; it says {value!r}"
        )
    low, high = value
    if low > high:
        raise ValueError(f"{grade} goes from {low} to {high}; write the lower score first: [{high}, {low}]")
    return low, high


def _order(ranges: Mapping[str, Range]) -> list[str]:
    return [
        f"{worse} ({_told(ranges[worse])}) lies above {better} ({_told(ranges[better])}), "
        f"but {better} is the better grade; swap them"
        for better, worse in pairwise(COLOURS)
        if ranges[worse][0] > ranges[better][1]
    ]


def _ends(ranges: Mapping[str, Range]) -> list[str]:
    """Scores above the range of A and below that of D."""
    low, high = ranges["D"][0], ranges["A"][1]
    found = []
    if high < HIGHEST:
        found.append(f"no grade covers {_told((high + 1, HIGHEST))}; let A end at {HIGHEST}")
    if low > LOWEST:
        found.append(f"no grade covers {_told((LOWEST, low - 1))}; let D begin at {LOWEST}")
    return found


def _seams(ranges: Mapping[str, Range]) -> list[str]:
    """Holes and overlaps between neighbours."""
    found = []
    for better, worse in pairwise(COLOURS):
        begins, ends = ranges[better][0], ranges[worse][1]
        if begins > ends + 1:
            fault = f"there is a hole: no grade covers {_told((ends + 1, begins - 1))}"
        elif begins <= ends:
            fault = f"{better} ({_told(ranges[better])}) and {worse} ({_told(ranges[worse])}) overlap"
        else:
            continue
        cures = [f"{better} begin at {ends + 1}"] if ends < ranges[better][1] else []
        cures += [f"{worse} end at {begins - 1}"] if begins > ranges[worse][0] else []
        found.append(f"{fault}; let {' or '.join(cures) or f'{worse} lie below {better}'}")
    return found


def _told(scores: Range) -> str:
    return str(scores[0]) if scores[0] == scores[1] else f"{scores[0]} to {scores[1]}"
