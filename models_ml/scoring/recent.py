"""The records that a version in use is compared on: each once, at the ages of those it was measured on.

The stock of open records is no match for those: whoever is still open after a year is not like a record of the first
day. So records are compared as they were at the same ages, whatever has become of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import duckdb
import pandas as pd

from config.schema.learning import Model
from models_ml.scoring.attributes import Attribute, selected, without_quarantined
from models_ml.scoring.baseline import Baseline
from models_ml.scoring.population import condition

ENOUGH: Final = 300
MOST: Final = 20_000
_TIMES: Final = 3
DRAW: Final = "cast('0x' || substr(md5(f.record_id), 1, 8) as bigint)"


@dataclass(frozen=True)
class Recent:
    """Records to compare.

    Attributes:
        rows: record_id, as_of_date, label (null: not known), age_number (in ``Baseline.ages``), and a column per
            attribute; by record id.
        found: how many records there were before a sample was drawn of them.
    """

    rows: pd.DataFrame
    found: int

    @property
    def told(self) -> str:
        """How many they are, in words."""
        drawn = f" (drawn from {self.found:,})" if self.found > len(self.rows) else ""
        return f"{len(self.rows):,} records{drawn}"


@dataclass(frozen=True)
class Source:
    """Where they are read from: the warehouse on a day, for a model.

    Attributes:
        attributes: those of the model's version.
    """

    connection: duckdb.DuckDBPyConnection
    score_name: str
    model: Model
    attributes: Sequence[Attribute]
    day: date

    def looked_at_lately(self, baseline: Baseline) -> Recent:
        """Records looked at in the last ``window_days``, and after all of the baseline's.

        Where these are fewer than ``ENOUGH``, the newest of three times as many days.
        """
        window = self.model.monitoring.window_days
        after = max(self.day - timedelta(days=_TIMES * window), baseline.newest)
        since = self.day - timedelta(days=window)
        return self._read(
            baseline, f"f.as_of_date > date '{after}'", f"as_of_date > date '{since}' or place <= {ENOUGH}"
        )

    def decided_since(self, baseline: Baseline, trained_on: date) -> Recent:
        """Records whose outcome within the horizon has become known after a day."""
        return self._read(baseline, f"l.label is not null and l.label_known_on > date '{trained_on}'", "true")

    def _read(self, baseline: Baseline, where: str, chosen: str) -> Recent:
        feat, ages = without_quarantined(f"feat_{self.score_name}"), ", ".join(map(str, baseline.ages))
        columns = selected(self.connection, self.score_name, self.attributes, ("record_id", "as_of_date"))
        of_model = condition(self.connection, self.score_name, self.model)
        query = f"""
            with drawn as (
                select f.record_id, f.as_of_date, l.label, {DRAW} as draw, draw % {len(baseline.ages)} as age_number
                from {feat} f
                left join {without_quarantined(f"label_{self.score_name}", "model_name")} l
                    on l.record_id = f.record_id and l.as_of_date = f.as_of_date and l.model_name = '{self.model.name}'
                where f.as_of_date <= date '{self.day}' and {where} and {of_model}
                    and date_diff('day', cast(f.created_at as date), f.as_of_date) = [{ages}][1 + age_number]
            ),
            placed as (
                select *, row_number() over (order by as_of_date desc, draw, record_id) as place from drawn
            ),
            chosen as (select *, count(*) over () as found from placed where {chosen}),
            sampled as (select * from chosen qualify row_number() over (order by draw, record_id) <= {MOST})
            select {columns}, s.label, s.age_number, s.found
            from sampled s inner join {feat} f on f.record_id = s.record_id and f.as_of_date = s.as_of_date
            order by f.record_id
        """
        rows = self.connection.sql(query).to_arrow_table().to_pandas(strings_to_categorical=True)
        found = int(rows["found"].iloc[0]) if len(rows) else 0
        return Recent(rows.drop(columns="found"), found)
