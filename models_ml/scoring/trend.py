"""Where a score stands: against the same record's score before, and against the other open records of the day."""

from __future__ import annotations

from datetime import date
from typing import Final

import duckdb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LOOK_BACK_DAYS: Final = 31
IMPROVING: Final = "Improving"
STEADY: Final = "Steady"
DECLINING: Final = "Declining"
NOT_ENOUGH: Final = "Not enough info"


def trend(previous: Floats, current: Floats, tolerance: float) -> NDArray[np.str_]:
    """The trend of each score (0-100).

    Args:
        previous: the score before; nan where there is none.
        current: the score now.
        tolerance: a change of no more than so many points is Steady.
    """
    change = current - previous
    return np.select(
        [np.isnan(change), change > tolerance, change < -tolerance], [NOT_ENOUGH, IMPROVING, DECLINING], STEADY
    )


def percentile(probabilities: Floats) -> NDArray[np.int64]:
    """For each record the per cent (0-99) of all records that have a strictly lower probability, rounded down."""
    below = np.searchsorted(np.sort(probabilities), probabilities, side="left")
    return np.asarray(100 * below // max(len(probabilities), 1), dtype=np.int64)


def place(connection: duckdb.DuckDBPyConnection, score_name: str, day: date, tolerance: float) -> None:
    """Fill ``previous_score``, ``trend`` and ``percentile`` of a day's predictions, once all of them are written.

    The same as the functions above, in the database: the percentile needs all records at once, and they do not have to
    fit into memory. The previous score is that of the last day before, at most a month ago, on which the record was
    scored by the same method: a base rate says nothing of a record, so a model's first score is no trend.
    """
    connection.execute(
        f"""
        with
            placed as (
                select
                    record_id,
                    method,
                    100 * (rank() over (order by probability) - 1) // count(*) over () as percentile
                from scores.predictions where score_name = $score_name and as_of_date = $day
            ),
            earlier as (
                select record_id, method, max_by(score, as_of_date) as score
                from scores.predictions where score_name = $score_name and as_of_date < $day
                    and as_of_date >= cast($day as date) - {_LOOK_BACK_DAYS}
                group by record_id, method
            )
        update scores.predictions as predictions
        set
            percentile = placed.percentile,
            previous_score = earlier.score,
            trend = case
                when earlier.score is null then '{NOT_ENOUGH}'
                when predictions.score - earlier.score > $tolerance then '{IMPROVING}'
                when predictions.score - earlier.score < -$tolerance then '{DECLINING}'
                else '{STEADY}'
            end
        from placed left join earlier
            on placed.record_id = earlier.record_id and placed.method is not distinct from earlier.method
        where predictions.score_name = $score_name and predictions.as_of_date = $day
            and predictions.record_id = placed.record_id
        """,
        {"score_name": score_name, "day": day, "tolerance": tolerance},
    )
