"""Where a score stands: against the same record's score before, and against the other open records of the day."""

from __future__ import annotations

from datetime import date
from typing import Final

import duckdb

_LOOK_BACK_DAYS: Final = 31
IMPROVING: Final = "Improving"
STEADY: Final = "Steady"
DECLINING: Final = "Declining"
NOT_ENOUGH: Final = "Not enough info"


def place(connection: duckdb.DuckDBPyConnection, score_name: str, day: date, tolerance: float) -> None:
    """Fill ``previous_score``, ``trend`` and ``percentile`` of a day's predictions, once all of them are written.

    The percentile (0-99) of a record is the per cent of all records of the day that have a strictly lower probability,
    rounded down. The trend is that of the score (0-100): a change of no more than ``tolerance`` points is Steady. In
    the database, because the percentile needs all records at once, and they do not have to fit into memory.

    The previous score is that of the last day before, at most a month ago, on which the record was
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
