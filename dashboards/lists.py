"""My Open Leads Scored and My Open Opportunities Scored: sorted, filtered, page by page."""

from __future__ import annotations

from typing import Any, Final, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from dashboards.kinds import Kind
from dashboards.published import Published

PAGE: Final = 50
"""Records on a page."""

_TREND: Final = "list_position(['Declining', 'Not enough info', 'Steady', 'Improving'], trend)"


class Wanted(BaseModel):
    """What a list's address asks for; empty texts are those of a form that was left as it is."""

    sort: str = "score"
    order: Literal["asc", "desc"] = "desc"
    grade: Literal["", "A", "B", "C", "D"] = ""
    owner: str = ""
    page: int = Field(default=1, ge=1, le=1_000_000)

    def address(self, **other: Any) -> str:
        """The query of an address that asks for the same but for what is given; defaults are left out."""
        asked = self.model_dump() | other
        return "?" + urlencode({name: value for name, value in asked.items() if value != getattr(_PLAIN, name)})


_PLAIN: Final = Wanted()


def open_list(published: Published, kind: Kind, wanted: Wanted) -> dict[str, Any]:
    """A page of the list.

    Raises:
        ValueError: where there is no such column to sort by, with those that there are.
    """
    headings = {kind.title: "Name", **{column.name: column.heading for column in kind.columns}}
    if wanted.sort not in headings:
        raise ValueError(f"There is no column '{wanted.sort}' to sort by. Sort by one of: {', '.join(headings)}.")
    condition = "($grade = '' or grade = $grade) and ($owner = '' or owner_id = $owner)"
    values = {"grade": wanted.grade, "owner": wanted.owner}
    counted = published.row(f"select count(*) as records from {kind.table} where {condition}", values)
    records = counted["records"] if counted else 0
    pages = max(1, -(-records // PAGE))
    page = min(wanted.page, pages)
    rows = published.rows(
        f"select {kind.key} as key, {kind.title} as title, "
        f"{', '.join(column.name for column in kind.columns)}, previous_score, override_score, override_grade, method "
        f"from {kind.table} where {condition} order by {_sorted_by(wanted)}, {kind.key} "
        f"limit {PAGE} offset {(page - 1) * PAGE}",
        values,
    )
    owners = published.rows(
        f"select owner_id, any_value(owner_name) as owner_name, count(*) as records from {kind.table} "
        "where owner_id is not null group by owner_id order by owner_name, owner_id"
    )
    grades = published.rows(f"select grade, count(*) as records from {kind.table} group by grade order by grade")
    return {
        "kind": kind,
        "wanted": wanted,
        "headings": headings,
        "rows": rows,
        "records": records,
        "page": page,
        "pages": pages,
        "owners": owners,
        "grades": {row["grade"]: row["records"] for row in grades},
        "runs": published.rows(
            "select model_name, because, records_scored from score_runs where score_name = $score_name",
            {"score_name": kind.score_name},
        ),
    }


def _sorted_by(wanted: Wanted) -> str:
    """Scores are sorted by what they are rounded from, grades as their scores, trends from worst to best."""
    column = {"score": "probability", "grade": "score", "trend": _TREND}.get(wanted.sort, wanted.sort)
    return f"{column} {wanted.order} nulls last"
