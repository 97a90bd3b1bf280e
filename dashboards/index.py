"""The index: what was published, each score with its models, and a search for a record."""

from __future__ import annotations

from typing import Any, Final

from dashboards.kinds import KINDS, Kind, kind_of_score
from dashboards.published import Published, Row

_MOST_FOUND: Final = 50
_MODELS: Final = """
    select
        runs.score_name, runs.model_name, runs.model_id, runs.method, runs.as_of_date, runs.open_records,
        runs.records_scored, runs.grade_a_records, runs.grade_b_records, runs.grade_c_records, runs.grade_d_records,
        runs.because, runs.scored_at, coalesce(versions.standing_verdict, versions.verdict) as verdict, versions.auc,
        versions.auc_low as low, versions.auc_high as high,
        coalesce(versions.status, newest.status, 'none') as status, newest.model_id as newest_id
    from score_runs as runs
    left join model_performance as versions using (score_name, model_id)
    left join (
        select score_name, model_name, arg_max(status, (as_of_date, trained_at)) as status,
            arg_max(model_id, (as_of_date, trained_at)) as model_id
        from model_performance group by all
    ) as newest on runs.score_name = newest.score_name and runs.model_name = newest.model_name
    order by runs.score_name, runs.model_name
"""


def index(published: Published) -> dict[str, Any]:
    """The day, the models, and how many records have each grade."""
    models = published.rows(_MODELS)
    scores = []
    for name in dict.fromkeys(row["score_name"] for row in models):
        own = [row for row in models if row["score_name"] == name]
        scores.append({"name": name, "kind": kind_of_score(name), "models": own, "grades": _grades(own)})
    checks = published.manifest["checks"]
    return {"scores": scores, "checks": checks, "created_at": published.manifest["created_at"]}


def search(published: Published, wanted: str) -> dict[str, Any]:
    """Open records whose key or name holds the words, and closed ones that have the very key."""
    words = wanted.strip()
    found = [
        {"kind": kind, "records": _open_records(published, kind, words), "closed": _closed(published, kind, words)}
        for kind in (KINDS if words else ())
    ]
    return {"wanted": words, "found": found, "most": _MOST_FOUND}


def _grades(models: list[Row]) -> dict[str, int]:
    return {grade: sum(row[f"grade_{grade.lower()}_records"] for row in models) for grade in ("A", "B", "C", "D")}


def _open_records(published: Published, kind: Kind, words: str) -> list[Row]:
    columns = (kind.key, kind.title, kind.subtitle)
    condition = " or ".join(f"contains(lower({column}), lower($words))" for column in columns)
    return published.rows(
        f"select {kind.key} as key, {kind.title} as title, {kind.subtitle} as subtitle, score, grade, owner_name "
        f"from {kind.table} where {condition} order by {kind.key} <> $words, score desc, {kind.key} "
        f"limit {_MOST_FOUND}",
        {"words": words},
    )


def _closed(published: Published, kind: Kind, words: str) -> bool:
    return (
        published.row(
            f"select 1 from score_history where score_name = $score_name and record_id = $words "
            f"and record_id not in (select {kind.key} from {kind.table}) limit 1",
            {"score_name": kind.score_name, "words": words},
        )
        is not None
    )
