"""The hidden mechanism: by which chances the demo organisation's leads and deals are won or lost. All of it is here.

Of a record with observable attributes x and n customer replies in its first days,

    p_positive = 1 / (1 + exp(-z))
    z          = intercept + effects of x + interaction + effect of the owner + season + effect of a reply * n
    p_stale    = (1 - p_positive) * stale_share        (never closed: it stays open for ever)
    p_negative = the rest

A positive or negative record closes 5 days after its creation or later: on day ``5 + floor(X)``, where X follows the
Weibull distribution of its outcome. Nothing else in the story depends on the outcome before it is there: activities,
edits, hand-overs and stages follow their own chances. So what is observable by a day determines the true probability.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
EntityName = Literal["lead", "opportunity"]

FIRST_CLOSING_DAY: Final = 5
"""No record is closed earlier than so many days after its creation."""
REPLY_DAYS: Final = 4
"""A reply falls on one of the days 1 to 4 after the creation, each as likely."""
REPLY_SHARES: Final = (0.35, 0.30, 0.20, 0.15)
"""How likely a record gets 0, 1, 2 or 3 replies in those days, whatever its attributes."""
SEASON_EFFECT: Final = 0.08
"""Amplitude, in log-odds, of the yearly swing of the win rate; it is highest for what is created in March."""
OWNER_EFFECT: Final = 0.08
"""Standard deviation, in log-odds, of what a seller adds or takes."""


@dataclass(frozen=True)
class Attribute:
    """A categorical attribute: its labels, how often each occurs, what each adds to the log-odds.

    ``missing`` is the share of records that lack it; they get 0.
    """

    labels: tuple[str, ...]
    shares: tuple[float, ...]
    effects: tuple[float, ...]
    missing: float = 0.0

    def draw(self, rng: np.random.Generator, count: int) -> Array:
        """Codes (positions in ``labels``) of so many records; -1 where the value is missing."""
        shares = np.array(self.shares) / sum(self.shares)
        codes = rng.choice(len(self.labels), size=count, p=shares).astype(np.int8)
        return np.where(rng.random(count) < self.missing, np.int8(-1), codes)

    def effect(self, codes: Array) -> Array:
        """What each code adds to the log-odds; 0 for -1."""
        return np.append(np.array(self.effects), 0.0)[codes]


@dataclass(frozen=True)
class Quantity:
    """A number above 0 that acts by its logarithm: ``slope * (ln(value) - centre)``; 0 where it is missing (NaN)."""

    slope: float
    centre: float

    def effect(self, values: Array) -> Array:
        """What each value adds to the log-odds."""
        return np.nan_to_num(self.slope * (np.log(values) - self.centre))


@dataclass(frozen=True)
class ClosingTime:
    """Weibull distribution of the days from the first possible closing day on, rounded down to whole days."""

    shape: float
    scale_days: float

    def draw(self, rng: np.random.Generator, count: int) -> Array:
        """Days from creation to closing, whole numbers."""
        return FIRST_CLOSING_DAY + np.floor(self.scale_days * rng.weibull(self.shape, count)).astype(np.int64)

    def closed_by(self, age_days: Array) -> Array:
        """The share closed by the end of the day that lies so many days after the day of creation."""
        since = np.maximum(np.asarray(age_days, dtype=float) - FIRST_CLOSING_DAY + 1, 0.0)
        closed: Array = -np.expm1(-((since / self.scale_days) ** self.shape))
        return closed


@dataclass(frozen=True)
class Interaction:
    """Added where two attributes have these labels at once."""

    first: tuple[str, str]
    second: tuple[str, str]
    effect: float


@dataclass(frozen=True)
class Mechanism:
    """All that decides one kind of record."""

    intercept: float
    attributes: Mapping[str, Attribute]
    quantities: Mapping[str, Quantity]
    interaction: Interaction
    reply_effect: float
    positive: ClosingTime
    negative: ClosingTime
    stale_share: float
    horizon_days: int

    def logit(self, codes: Mapping[str, Array], values: Mapping[str, Array], created_on: Array, owner: Array) -> Array:
        """Log-odds before any reply.

        Args:
            codes: attribute name to codes, one per record.
            values: quantity name to numbers, one per record.
            created_on: days of creation (datetime64[D]).
            owner: what the owner at creation adds.
        """
        total = self.intercept + season(created_on) + owner
        for name, attribute in self.attributes.items():
            total = total + attribute.effect(codes[name])
        for name, quantity in self.quantities.items():
            total = total + quantity.effect(values[name])
        both = self._is(codes, self.interaction.first) & self._is(codes, self.interaction.second)
        logit: Array = total + self.interaction.effect * both
        return logit

    def probability(self, logit: Array, replies: Array | int) -> Array:
        """P(positive in the end) of records with these log-odds before replies and so many replies."""
        chance: Array = 1.0 / (1.0 + np.exp(-(logit + self.reply_effect * replies)))
        return chance

    def _is(self, codes: Mapping[str, Array], value: tuple[str, str]) -> Array:
        name, label = value
        same: Array = codes[name] == self.attributes[name].labels.index(label)
        return same


def season(created_on: Array) -> Array:
    """What the time of the year adds to the log-odds."""
    day_of_year = (created_on - created_on.astype("datetime64[Y]")).astype(int)
    swing: Array = SEASON_EFFECT * np.cos(2 * np.pi * (day_of_year - 75) / 365.25)
    return swing


SOURCES: Final = ("Web", "Referral", "Trade show", "Partner", "Cold call", "Advertisement", "Webinar")
INDUSTRIES: Final = ("Life sciences", "Automotive", "Food and beverage", "Energy", "Education", "Logistics")
TITLES: Final = (
    "Managing Director",
    "Head of Laboratory",
    "Plant Manager",
    "Purchasing Manager",
    "Quality Engineer",
    "Process Engineer",
    "Laboratory Technician",
    "Assistant",
    "Student",
)

LEAD: Final = Mechanism(
    intercept=-1.34,
    attributes={
        "source": Attribute(
            SOURCES, (0.30, 0.10, 0.14, 0.10, 0.14, 0.12, 0.10), (-0.15, 1.2, 0.3, 0.8, -1.1, -0.8, 0.2)
        ),
        "industry": Attribute(
            INDUSTRIES, (0.22, 0.20, 0.18, 0.15, 0.13, 0.12), (0.6, 0.1, -0.2, 0.4, -0.7, -0.4), missing=0.06
        ),
        "job_title": Attribute(
            TITLES,
            (0.07, 0.12, 0.12, 0.14, 0.16, 0.15, 0.12, 0.07, 0.05),
            (0.8, 0.8, 0.4, 0.4, 0.0, 0.0, -0.4, -0.9, -0.9),
            missing=0.05,
        ),
        "budget_confirmed": Attribute(("Yes", "No"), (0.45, 0.55), (0.9, -0.5), missing=0.25),
        "trial_user": Attribute(("Yes", "No"), (0.25, 0.75), (0.7, -0.2)),
        "purchase_timeframe": Attribute(
            ("This quarter", "Next quarter", "This year", "Not decided"),
            (0.2, 0.25, 0.3, 0.25),
            (0.6, 0.3, -0.1, -0.5),
            missing=0.10,
        ),
    },
    quantities={"employee_count": Quantity(slope=0.25, centre=5.0)},
    interaction=Interaction(("budget_confirmed", "Yes"), ("purchase_timeframe", "This quarter"), 0.6),
    reply_effect=0.5,
    positive=ClosingTime(shape=1.3, scale_days=16.0),
    negative=ClosingTime(shape=1.2, scale_days=24.0),
    stale_share=0.15,
    horizon_days=60,
)

OPPORTUNITY: Final = Mechanism(
    intercept=-1.22,
    attributes={
        "source": Attribute(
            (*SOURCES, "Existing customer", "Tender"),
            (0.05, 0.05, 0.05, 0.15, 0.05, 0.0, 0.0, 0.40, 0.25),
            (-0.1, 0.5, 0.1, 0.3, -0.3, -0.3, 0.0, 0.5, -0.6),
        ),
        "industry": Attribute(
            INDUSTRIES, (0.22, 0.20, 0.18, 0.15, 0.13, 0.12), (0.2, 0.0, -0.1, 0.1, -0.2, -0.1), missing=0.04
        ),
        "product_family": Attribute(
            ("Flow meters", "Spectrometers", "Sensors", "Service contracts"),
            (0.3, 0.2, 0.3, 0.2),
            (-0.2, -0.5, 0.2, 0.7),
        ),
        "competitor": Attribute(
            ("None", "Helix Systems", "Nordmess", "Other"), (0.35, 0.25, 0.2, 0.2), (0.6, -0.8, -0.2, 0.0), missing=0.12
        ),
        "decision_maker_known": Attribute(("Yes", "No"), (0.5, 0.5), (0.7, -0.7), missing=0.10),
        "technical_fit": Attribute(
            ("1", "2", "3", "4", "5"), (0.1, 0.2, 0.3, 0.25, 0.15), (-1.2, -0.6, 0.0, 0.6, 1.2), missing=0.05
        ),
    },
    quantities={"employee_count": Quantity(slope=0.12, centre=5.5), "amount": Quantity(slope=-0.35, centre=10.0)},
    interaction=Interaction(("decision_maker_known", "Yes"), ("competitor", "None"), 0.4),
    reply_effect=0.45,
    positive=ClosingTime(shape=1.5, scale_days=40.0),
    negative=ClosingTime(shape=1.3, scale_days=48.0),
    stale_share=0.16,
    horizon_days=120,
)

MECHANISMS: Final[Mapping[EntityName, Mechanism]] = {"lead": LEAD, "opportunity": OPPORTUNITY}
