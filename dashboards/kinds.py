"""The two kinds of records that have pages: leads and opportunities, and what differs between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from models_ml.scoring.wording import Nouns, nouns

GRADES: Final = ("A", "B", "C", "D")


@dataclass(frozen=True)
class Column:
    """A column of the list of open records: its name in the mart, its heading, and how its values are written."""

    name: str
    heading: str
    form: str = "text"


@dataclass(frozen=True)
class Kind:
    """What differs between leads and opportunities.

    Attributes:
        score_name: the score of its records.
        path: of its pages.
        table: the mart of its open records.
        key: that mart's key.
        title: the column that names a record.
        subtitle: one that says more about it.
        view: the name of the product's view whose columns the list has.
        columns: of the list, behind the title.
        facts: columns of the mart that a record's page shows.
    """

    score_name: str
    path: str
    table: str
    key: str
    title: str
    subtitle: str
    view: str
    columns: tuple[Column, ...]
    facts: tuple[Column, ...]

    @property
    def nouns(self) -> Nouns:
        """What its records are called."""
        return nouns(self.score_name)


_SCORED: Final = (
    Column("score", "Score", "score"),
    Column("grade", "Grade", "grade"),
    Column("trend", "Score trend", "trend"),
)
_OWNED: Final = (Column("owner_name", "Owner"), Column("status_reason", "Status reason"))
_AMOUNT: Final = Column("estimated_amount", "Estimated amount", "amount")
_CREATED: Final = Column("created_at", "Created on", "day")

KINDS: Final = (
    Kind(
        score_name="lead",
        path="leads",
        table="lead_scores",
        key="lead_id",
        title="full_name",
        subtitle="company_name",
        view="My Open Leads Scored",
        columns=(*_SCORED, Column("topic", "Topic"), *_OWNED, _CREATED),
        facts=(
            Column("topic", "Topic"),
            Column("company_name", "Company"),
            *_OWNED,
            Column("manager_name", "Manager"),
            Column("source", "Source"),
            _AMOUNT,
            _CREATED,
        ),
    ),
    Kind(
        score_name="opportunity",
        path="opportunities",
        table="opportunity_scores",
        key="opportunity_id",
        title="name",
        subtitle="account_name",
        view="My Open Opportunities Scored",
        columns=(*_SCORED, Column("account_name", "Account"), *_OWNED, _CREATED),
        facts=(
            Column("account_name", "Account"),
            Column("stage", "Stage"),
            *_OWNED,
            Column("manager_name", "Manager"),
            Column("source", "Source"),
            _AMOUNT,
            Column("estimated_close_on", "Estimated close", "day"),
            _CREATED,
        ),
    ),
)


def kind_of_path(path: str) -> Kind | None:
    """The kind whose pages lie under a path, or None."""
    return next((kind for kind in KINDS if kind.path == path), None)


def kind_of_score(score_name: str) -> Kind | None:
    """The kind whose records a score is for, or None."""
    return next((kind for kind in KINDS if kind.score_name == score_name), None)
