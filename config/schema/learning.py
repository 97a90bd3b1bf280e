"""What decides about a model: its target, its records, its time, its attributes, and when it is good enough.

A score's file sets these for all of its models; each model may set them anew for itself.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from config.schema.base import Section

Share = Annotated[float, Field(ge=0, le=1)]
Value = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int | float) else value)]
"""A value of a column, as a text: 12 and '12' are the same."""

_SHORTEST_DAYS: Final = 90
_LONGEST_DAYS: Final = 731
_DAYS_IN: Final = {"day": 1.0, "month": 365.25 / 12, "year": 365.25}


def _as_days(value: Any) -> Any:
    """'all' as it is; anything else as days."""
    if value == "all":
        return value
    found = re.fullmatch(r"\s*(\d+)\s*(?:(day|month|year)s?)?\s*", str(value))
    days = round(int(found.group(1)) * _DAYS_IN[found.group(2) or "day"]) if found else 0
    if not _SHORTEST_DAYS <= days <= _LONGEST_DAYS:
        raise ValueError(f"'{value}' is no such window; write 'all', or '3 months' to '2 years', or 90 to 731 days")
    return days


TrainingWindow = Annotated[int | Literal["all"], BeforeValidator(_as_days)]
"""Days of history, or all of it."""


class NamedAttribute(Section):
    """An attribute that an administrator decides about, and why."""

    name: Annotated[str, Field(min_length=1, description="The attribute: a feature or a custom column of the source.")]
    reason: Annotated[str, Field(min_length=1, description="Why; it is shown in the model's attribute report.")]


class Attributes(Section):
    """Which attributes a model may learn from. All that pass the leakage gate, unless said otherwise."""

    use: Annotated[
        Literal["auto"] | tuple[Annotated[str, Field(min_length=1)], ...],
        Field(description="auto: all that pass the gate. A list: of these alone those that pass."),
    ] = "auto"
    ignore_empty: Annotated[
        tuple[Annotated[str, Field(min_length=1)], ...],
        Field(description="Attributes of which an empty value says nothing; of all others it is a value like any."),
    ] = ()
    exclude: Annotated[
        tuple[NamedAttribute, ...], Field(description="Attributes that must not be used, each with its reason.")
    ] = ()
    keep: Annotated[
        tuple[NamedAttribute, ...],
        Field(description="Attributes to use although the leakage gate suspects them. Certain leaks stay out."),
    ] = ()

    @model_validator(mode="after")
    def _decided_once(self) -> Self:
        names = [named.name for named in (*self.exclude, *self.keep)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                f"{', '.join(twice)}: named more than once; leave one line for each, in exclude or in keep"
            )
        return self


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


class Monitoring(Section):
    """When a model in use counts as drifting. A change alarms only where it is large and beyond chance."""

    enabled: Annotated[bool, Field(description="Whether the version in use is monitored.")] = True
    window_days: Annotated[
        int,
        Field(
            ge=7,
            le=365,
            description="Records looked at in so many days are compared. Where they are fewer than 300, older ones are "
            "added, from three times as many days at most.",
        ),
    ] = 30
    minimum_records: Annotated[
        int,
        Field(ge=50, description="With fewer records to compare, or to compare with, nothing is said but that."),
    ] = 100
    moderate_from: Annotated[
        float, Field(gt=0, description="A population stability index (PSI) from which a change is moderate.")
    ] = 0.1
    drifting_from: Annotated[
        float, Field(gt=0, description="The PSI from which on an input or the scores are drifting.")
    ] = 0.25
    false_alarms: Annotated[
        float, Field(gt=0, le=0.1, description="How often a day may alarm where nothing has changed, 0-1.")
    ] = 0.01

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.moderate_from > self.drifting_from:
            raise ValueError("moderate_from must not lie above drifting_from; 0.1 and 0.25 are the defaults")
        return self


class Target(Section):
    """The column that says how a record ended, where it is not the record's own status."""

    column: Annotated[str, Field(min_length=1, description="A column of the record, custom columns included.")]
    positive: Annotated[tuple[Value, ...], Field(min_length=1, description="Values of the wanted outcome.")]
    negative: Annotated[tuple[Value, ...], Field(min_length=1, description="Values of the other outcome.")]

    @model_validator(mode="after")
    def _apart(self) -> Self:
        both = sorted({value.lower() for value in self.positive} & {value.lower() for value in self.negative})
        if both:
            raise ValueError(f"{', '.join(both)} cannot mean both outcomes; name each value under one of them")
        return self


class Filter(Section):
    """The records a model is for: those whose column has one of the values, in small or capital letters."""

    column: Annotated[str, Field(min_length=1, description="An attribute of the score or a custom column.")]
    values: Annotated[tuple[Value, ...], Field(min_length=1, description="Values of the records it is for.")]


class BusinessProcess(Section):
    """The stages that opportunities pass through, and whether each is judged by itself."""

    stages: Annotated[
        tuple[Annotated[str, Field(min_length=1)], ...],
        Field(
            description="The stages in order, the one in which deals are closed last. None: taken from the data, in "
            "the order of the age at which records are seen in them."
        ),
    ] = ()
    per_stage: Annotated[
        bool,
        Field(
            description="true: learn in each stage with enough records by itself as well, and use that where it wins "
            "the back-test. false: one model for all stages."
        ),
    ] = False

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        twice = sorted({stage for stage in self.stages if self.stages.count(stage) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)}: named more than once; leave each stage in one place")
        return self


class Learning(Section):
    """What decides about a model."""

    horizon_days: Annotated[
        int | None,
        Field(
            ge=1,
            description="The score is the probability of the wanted outcome within so many days. null: of the final "
            "outcome, for exports that do not say when a record was closed.",
        ),
    ]
    target: Annotated[
        Target | None, Field(description="How a record ended. null: its status, qualified or won being wanted.")
    ] = None
    training_window: Annotated[
        TrainingWindow,
        Field(
            description="How much history to train on, back from the as-of day: '3 months' to '2 years', or as many "
            "days; or 'all'."
        ),
    ] = "all"
    holdout_share: Annotated[
        float, Field(ge=0.05, le=0.5, description="Share of the most recent records held out to measure accuracy.")
    ] = 0.2
    minimum_records: Annotated[MinimumRecords, Field(description="Least number of records.")] = MinimumRecords()
    attributes: Annotated[Attributes, Field(description="What the model may learn from.")] = Attributes()
    business_process: Annotated[
        BusinessProcess | None,
        Field(description="The sales process of the records, for scores whose records have a stage (opportunity)."),
    ] = None
    gate: Annotated[Gate, Field(description="When a model may be published.")] = Gate()
    monitoring: Annotated[Monitoring, Field(description="When a version in use counts as drifting.")] = Monitoring()
    approval: Annotated[
        Literal["auto", "manual"],
        Field(description="auto: the gate alone decides. manual: a person approves in Airflow as well."),
    ] = "auto"
    retrain_automatically: Annotated[
        bool,
        Field(
            description="Train again by itself, as often as schedule.yml says and when settings change. false: only "
            "when a person asks; a model can be deleted only then."
        ),
    ] = True


class Model(Learning):
    """One model of a score."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z][A-Za-z0-9_]{0,99}$",
            description="Letters, digits and underscores, as LeadScoring_202609181410 (the default of 'create').",
        ),
    ]
    filter: Annotated[Filter | None, Field(description="The records it is for. null: all.")] = None
    horizon_days: Annotated[int | None, Field(ge=1, description=Learning.model_fields["horizon_days"].description)] = (
        None
    )

    def may_share_records_with(self, other: Model) -> bool:
        """Whether a record may pass both filters; only two filters on one column can be told apart for certain."""
        one, two = self.filter, other.filter
        if one is None or two is None or one.column.lower() != two.column.lower():
            return True
        return bool({value.lower() for value in one.values} & {value.lower() for value in two.values})
