"""``scores/<score>.yml``: what a score predicts, from what, and when its model is good enough."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.schema.base import Section
from config.schema.grades import GradesOrDefault

Share = Annotated[float, Field(ge=0, le=1)]


class NamedAttribute(Section):
    """An attribute that an administrator decides about, and why."""

    name: Annotated[str, Field(min_length=1, description="The attribute: a feature or a custom column of the source.")]
    reason: Annotated[str, Field(min_length=1, description="Why; it is shown in the model's attribute report.")]


class Attributes(Section):
    """Which attributes a model may learn from. All that pass the leakage gate, unless said otherwise."""

    exclude: Annotated[
        tuple[NamedAttribute, ...], Field(description="Attributes that must not be used, each with its reason.")
    ] = ()
    keep: Annotated[
        tuple[NamedAttribute, ...],
        Field(description="Attributes to use although the leakage gate suspects them. Certain leaks stay out."),
    ] = ()


class MinimumRecords(Section):
    """The least number of closed records of each outcome that a model is trained on."""

    positive: Annotated[int, Field(ge=10, description="Least number of records with the wanted outcome.")] = 40
    negative: Annotated[int, Field(ge=10, description="Least number of records with the other outcome.")] = 40


class Gate(Section):
    """Bounds of the verdict, on the lower 95 % bound of the AUC measured forward in time."""

    ok_from: Annotated[Share, Field(description="Below this the verdict is 'Not ready to publish'.")] = 0.55
    ready_from: Annotated[Share, Field(description="From this on it is 'Ready to publish'; between, 'OK'.")] = 0.65

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not 0.5 <= self.ok_from <= self.ready_from:
            raise ValueError("ok_from must lie between 0.5 and ready_from; 0.55 and 0.65 are the defaults")
        return self


class Score(Section):
    """One score: its horizon, its training data, its gate and its grades. The file is named after the score."""

    horizon_days: Annotated[
        int | None,
        Field(
            ge=1,
            description="The score is the probability of the wanted outcome within so many days. null: of the final "
            "outcome, for exports that do not say when a record was closed.",
        ),
    ]
    training_window: Annotated[
        int | Literal["all"],
        Field(description="Days of history to train on, back from the as-of day; or 'all'."),
    ] = "all"
    snapshot_ages_days: Annotated[
        tuple[Annotated[int, Field(ge=0)], ...],
        Field(min_length=1, description="Ages in days at which each past record is looked at while it was open."),
    ] = (0, 7, 30)
    holdout_share: Annotated[
        float, Field(ge=0.05, le=0.5, description="Share of the most recent records held out to measure accuracy.")
    ] = 0.2
    minimum_records: Annotated[MinimumRecords, Field(description="Least number of records.")] = MinimumRecords()
    attributes: Annotated[Attributes, Field(description="What the model may learn from.")] = Attributes()
    gate: Annotated[Gate, Field(description="When a model may be published.")] = Gate()
    approval: Annotated[
        Literal["auto", "manual"],
        Field(description="auto: the gate alone decides. manual: a person approves in Airflow as well."),
    ] = "auto"
    grades: Annotated[
        GradesOrDefault,
        Field(description="Least score of each grade, or the range of each; 'default': ranges derived from the data."),
    ]
    trend_tolerance: Annotated[
        int,
        Field(ge=0, le=100, description="A score that moved by no more than so many points is Steady."),
    ] = 2
