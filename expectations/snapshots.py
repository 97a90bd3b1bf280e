"""Promises that features and labels of every score share."""

from __future__ import annotations

from typing import Final

from expectations.expectation import Expectation, filled, finite, never, nothing_in, one_of, unique
from expectations.subject import Subject

KEY: Final = ("record_id", "as_of_date")
LABEL_KEY: Final = (*KEY, "model_name")
_FEATURE_META: Final = (
    "record_id",
    "as_of_date",
    "created_at",
    "record_order",
    "date_precision",
    "is_open",
    "is_current",
    "is_hindsight",
    "custom",
)
_OURS: Final = "The transformation is at fault, not the data: see the model's SQL in dbt_project/models/features/."


def feature_rows(subject: Subject, entity: str) -> list[Expectation]:
    """One row per record and as-of date, none from the future, every number a number."""
    columns = subject.columns
    floating = tuple(name for name, kind in columns.items() if kind in {"DOUBLE", "FLOAT"})
    counts = tuple(name for name in columns if name.endswith("_count") and name not in _FEATURE_META)
    return [
        *(filled(column, "table", _OURS) for column in (*KEY, "is_open", "is_current", "is_hindsight")),
        unique(*KEY, advice=_OURS),
        _not_empty(subject, entity),
        *_nothing_later(subject),
        _current_is_open_today(subject),
        *(
            [finite(floating, "row", "The snapshot is left out of models until the number is mended.")]
            if floating
            else []
        ),
        *(_count_not_negative(column) for column in counts),
        _same_snapshots(subject, subject.table.replace(".feat_", ".label_")),
    ]


def label_rows(subject: Subject) -> list[Expectation]:
    """One label per snapshot and model, known by the day; a label that is not there says why."""
    return [
        *(filled(column, "table", _OURS) for column in (*LABEL_KEY, "outcome")),
        unique(*LABEL_KEY, advice=_OURS),
        one_of("outcome", ("open", "positive", "negative", "undecided"), "table", _OURS),
        _as_of_by_the_day(subject),
        never(
            "a label is missing only where it is censored",
            ("label", "censored_because"),
            "(label is null) <> (censored_because is not null)",
            reason="coalesce('the label is ' || label || ' though censored: ' || censored_because, "
            "'there is no label and no reason for it')",
            severity="row",
            advice=_OURS,
        ),
        never(
            "a label is known by the day",
            ("label_known_on", "label"),
            f"label is not null and label_known_on > date '{subject.day}'",
            reason="'the label is known only on ' || label_known_on",
            severity="table",
            advice=_OURS,
        ),
        never(
            "a positive label has a positive outcome",
            ("label", "outcome"),
            "label and outcome <> 'positive'",
            reason="'the label is positive but the outcome is ' || outcome",
            severity="row",
            advice=_OURS,
        ),
        _same_snapshots(subject, subject.table.replace(".label_", ".feat_")),
    ]


def _not_empty(subject: Subject, entity: str) -> Expectation:
    return nothing_in(
        f"there are rows, since there are {entity}",
        f"select count(*) as usable_rows from ({subject.usable_raw_rows(entity)}) as usable "
        "having count(*) > 0 and (select count(*) from {rows}) = 0",
        "table",
        f"Raw {entity} did not come through. Build the layers staging, history, intermediate and features again and "
        "read their results in ops.build_results.",
    )


def _as_of_by_the_day(subject: Subject) -> Expectation:
    return never(
        "as_of_date is not after the day",
        ("as_of_date",),
        f"as_of_date > date '{subject.day}'",
        reason=f"'as_of_date ' || as_of_date || ' lies after {subject.day}'",
        severity="table",
        advice="Build the layer features again for the day.",
    )


def _nothing_later(subject: Subject) -> list[Expectation]:
    return [
        _as_of_by_the_day(subject),
        never(
            "a record was created by as_of_date",
            ("created_at", "as_of_date"),
            "created_at >= as_of_date + interval 1 day",
            reason="'created_at ' || created_at || ' lies after as_of_date ' || as_of_date",
            severity="row",
            advice=_OURS,
        ),
    ]


def _current_is_open_today(subject: Subject) -> Expectation:
    return never(
        "what is to be scored is open, as of the day",
        ("is_current", "is_open", "as_of_date"),
        f"is_current and not (is_open and as_of_date = date '{subject.day}')",
        reason="'marked to be scored, but ' || case when is_open then 'as of ' || as_of_date else 'closed' end",
        severity="table",
        advice="Build the layer features again for the day.",
    )


def _count_not_negative(column: str) -> Expectation:
    return never(
        f"{column} is not negative",
        (column,),
        f"{column} < 0",
        reason=f"'{column} ' || {column} || ' is negative'",
        severity="row",
        advice=_OURS,
    )


def _same_snapshots(subject: Subject, other: str) -> Expectation:
    listed = ", ".join(KEY)
    rows = f"select {listed} from {other}" if other in subject.tables else f"select {listed} from {{rows}} where false"
    return never(
        f"every snapshot is in {other} too",
        KEY,
        f"({listed}) not in (select ({listed}) from ({rows}) as other)",
        reason=f"record_id || ' as of ' || as_of_date || ' is not in {other}'",
        severity="table",
        advice="Build the layer features again for the day.",
    )
