"""The grade editor's preview: what other ranges would mean. It saves nothing; it says what to paste, or to run."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import BaseModel, ValidationError

from config.schema.grades import DEFAULT, SHIPPED, Grades, GradesOrDefault
from dashboards.kinds import kind_of_score
from dashboards.published import Published, Row
from models_ml.scoring.grades import HeldOut, choose, figures
from models_ml.scoring.wording import nouns


class Asked(BaseModel):
    """The minima in an address, as a form sends them, or a wish for the default."""

    a: str = ""
    b: str = ""
    c: str = ""
    default: str = ""

    def minima(self) -> dict[str, str]:
        """Those that are filled, by their grade."""
        return {grade: value for grade, value in (("A", self.a), ("B", self.b), ("C", self.c)) if value}


def editor(published: Published, model_name: str, asked: Asked) -> dict[str, Any] | None:
    """Ranges as they are and as they would be, with conversion, lift and share of each grade; None: no such model."""
    run = published.row("select * from score_runs where model_name = $name", {"name": model_name})
    if run is None:
        return None
    score_name = run["score_name"]
    measured = HeldOut.of_counts(_counts(published, model_name))
    present = _present(published, model_name)
    wanted, refused = _wanted(asked, present)
    chosen = choose(wanted, measured)
    open_records = _open_records(published, score_name, model_name)
    graded = np.array([chosen.grades.of(score) for score, _, _ in open_records], dtype="U1")
    counts = np.array([records for _, _, records in open_records], dtype=np.int64)
    changed = np.array([before for _, before, _ in open_records], dtype="U1") != graded
    is_default = wanted == DEFAULT
    return {
        "model_name": model_name,
        "score_name": score_name,
        "kind": kind_of_score(score_name),
        "nouns": nouns(score_name),
        "run": run,
        "measured": measured,
        "present": figures(measured, present),
        "figures": figures(measured, chosen.grades),
        "chosen": chosen,
        "source": _source(published, model_name),
        "open_records": {grade: int(counts[graded == grade].sum()) for grade in chosen.grades.ranges()},
        "all_open": int(counts.sum()),
        "would_change": int(counts[changed].sum()) if len(counts) else 0,
        "refused": refused,
        "asked": asked.minima() or chosen.grades.model_dump(),
        "is_asked": bool(asked.minima() or asked.default),
        "yaml": f"grades: {DEFAULT if is_default else _flow(chosen.grades)}",
        "command": f"sales-insights grades save {score_name} {'--default' if is_default else _options(chosen.grades)}",
        "shares_ranges": len(published.settings(score_name).get("models", [])) > 1,
    }


def _wanted(asked: Asked, present: Grades) -> tuple[GradesOrDefault, list[str]]:
    """The ranges to preview, and why those asked for are refused; then the present ones are shown."""
    if asked.default:
        return DEFAULT, []
    minima = asked.minima()
    if not minima:
        return present, []
    try:
        return Grades.model_validate({**present.model_dump(), **minima}), []
    except ValidationError as error:
        return present, [_told(dict(each)) for each in error.errors()]


def _told(error: dict[str, Any]) -> str:
    """A mistake of the schema, with the grade it is about."""
    grade = " ".join(str(part) for part in error["loc"])
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{grade}: {message}" if grade else message


def _counts(published: Published, model_name: str) -> list[tuple[int, float, float]]:
    rows = published.rows(
        "select score, records, positive_records from held_out_scores where model_name = $name order by score",
        {"name": model_name},
    )
    return [(row["score"], row["records"], row["positive_records"]) for row in rows]


def _present(published: Published, model_name: str) -> Grades:
    """The ranges of the newest run; the shipped ones where it graded nothing."""
    rows = published.rows("select grade, minimum from score_grades where model_name = $name", {"name": model_name})
    minima = {row["grade"]: row["minimum"] for row in rows if row["grade"] != "D"}
    return Grades.model_validate(minima) if minima else SHIPPED


def _source(published: Published, model_name: str) -> Row | None:
    return published.row("select source, because from score_grades where model_name = $name", {"name": model_name})


def _open_records(published: Published, score_name: str, model_name: str) -> list[tuple[int, str, int]]:
    """Score, present grade and number of the open records of the model."""
    kind = kind_of_score(score_name)
    if kind is None:
        return []
    rows = published.rows(
        f"select score, grade, count(*) as records from {kind.table} where model_name = $name "
        "group by all order by all",
        {"name": model_name},
    )
    return [(row["score"], row["grade"], row["records"]) for row in rows]


def _flow(grades: Grades) -> str:
    return "{" + ", ".join(f"{grade}: {minimum}" for grade, minimum in grades.model_dump().items()) + "}"


def _options(grades: Grades) -> str:
    return " ".join(f"--{grade.lower()} {minimum}" for grade, minimum in grades.model_dump().items())
