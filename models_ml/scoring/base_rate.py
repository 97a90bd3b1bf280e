"""The smoothed base rate: what an open record gets while there are too few decided ones to learn a model from.

No model, and labelled as none: the share of wanted outcomes among decided records, per source of the record where the
score knows one, drawn towards the share of all, and that towards one half.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import duckdb

from models_ml.scoring.attributes import table_columns, without_quarantined

_DRAWN_BY: Final = 20
_SEGMENT: Final = "source"


def write_base_rates(
    connection: duckdb.DuckDBPyConnection,
    score_name: str,
    model_name: str,
    day: date,
    where: str,
) -> tuple[int, int]:
    """Fill the view ``base_rates`` (record_id, probability) with the open records that meet a condition.

    All records together: (positives + 1) / (records + 2), Laplace's rule of succession. A source: (its positives + 20 x
    the rate of all) / (its records + 20), the posterior mean with a prior worth 20 records (m-estimate, Cestnik 1990).

    Returns:
        Decided records and, of these, the positive ones.
    """
    segment = f"f.{_SEGMENT}" if _SEGMENT in table_columns(connection, score_name) else "null"
    connection.execute(
        f"""
        create or replace temp table decided_records as
        select any_value({segment}) as segment, max(l.label) as is_positive
        from {without_quarantined(f"feat_{score_name}")} f
        inner join {without_quarantined(f"label_{score_name}", "model_name")} l
            on l.record_id = f.record_id and l.as_of_date = f.as_of_date and l.model_name = '{model_name}'
        where l.label is not null
        group by f.record_id
        """
    )
    row = connection.execute("select count(*), count(*) filter (where is_positive) from decided_records").fetchone()
    records, positives = row or (0, 0)
    overall = (positives + 1) / (records + 2)
    connection.execute(
        f"""
        create or replace temp table base_rates as
        with segments as (
            select segment, count(*) as records, count(*) filter (where is_positive) as positives
            from decided_records where segment is not null group by segment
        )
        select
            f.record_id,
            round((coalesce(positives, 0) + {_DRAWN_BY} * {overall!r}) / (coalesce(records, 0) + {_DRAWN_BY}), 6)
            as probability
        from {without_quarantined(f"feat_{score_name}")} f
        left join segments on segments.segment = {segment}
        where f.is_current and f.as_of_date = date '{day}' and {where}
        """
    )
    return int(records), int(positives)
