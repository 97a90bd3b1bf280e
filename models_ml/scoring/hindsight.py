"""Values that are later than the row they stand in: what history says of them, and what they do to a ranking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from config.schema.canonical import ENTITIES
from models_ml import metrics
from models_ml.scoring.attributes import Attribute

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_NEWEST: Final = 5000
_LEAST_RECORDS: Final = 30
_LEAST_OF_OUTCOME: Final = 20
_SIDES: Final = 2.0


@dataclass(frozen=True)
class Closings:
    """What became of attributes when records were closed, where history has seen both versions.

    Attributes:
        records: closed records of which the last open and the first closed version are known, the newest 5,000 at most.
        changed: (name, whether it is a custom column) to the number of those records whose value became another one.
    """

    records: int
    changed: Mapping[tuple[str, bool], int]

    def share(self, attribute: Attribute) -> float | None:
        """The share (0-1) of closings that changed the attribute; None below 30 of them."""
        if self.records < _LEAST_RECORDS:
            return None
        key = (attribute.name, False) if attribute.key is None else (attribute.key, True)
        return self.changed.get(key, 0) / self.records


NOT_SEEN: Final = Closings(0, {})


def read_closings(connection: duckdb.DuckDBPyConnection, score_name: str) -> Closings:
    """Compare, per record, the last version in which it was open with the first in which it was closed.

    A back-filled export has one version per record: then nothing is known, and that is what is returned.
    """
    entity = next(name for name, entity in ENTITIES.items() if entity.key == (f"{score_name}_id",))
    table, key = f"hist_{entity}", f"{score_name}_id"
    found = connection.execute(
        "select count(*) from information_schema.tables where table_schema = 'history' and table_name = ?", [table]
    ).fetchone()
    if not found or not found[0]:
        return NOT_SEEN
    counted = connection.execute(_COMPARED.format(table=table, key=key)).fetchall()
    records = max((number for *_, number in counted), default=0)
    return Closings(records, {(name, custom): changed for name, custom, changed, _ in counted})


_COMPARED: Final = f"""
    with seen as (
        select {{key}} as record_id, version_number, coalesce(status, 'open') = 'open' as is_open, versions
        from history.{{table}} as versions where not is_deleted
    ),
    marked as (
        select *,
            max(version_number) filter (where is_open) over of_record as last_open
        from seen window of_record as (partition by record_id)
    ),
    closed as (
        select record_id, last_open, min(version_number) as first_closed
        from marked where not is_open and version_number > last_open group by record_id, last_open
        order by max(versions.known_at) desc, record_id limit {_NEWEST}
    ),
    pairs as (
        select closed.record_id, closed.first_closed = seen.version_number as is_after, seen.versions
        from closed inner join seen on seen.record_id = closed.record_id
        and seen.version_number in (closed.last_open, closed.first_closed)
    ),
    entries as (
        select record_id, is_after, false as is_custom, unnest(map_entries(json_transform(
            to_json(versions), '"MAP(VARCHAR, VARCHAR)"'))) as entry from pairs
        union all
        select record_id, is_after, true, unnest(map_entries(json_transform(
            versions.custom, '"MAP(VARCHAR, VARCHAR)"'))) from pairs
    ),
    compared as (
        select entry.key as name, is_custom, record_id,
            coalesce(max(nullif(trim(entry.value), '')) filter (where is_after), '')
            <> coalesce(max(nullif(trim(entry.value), '')) filter (where not is_after), '') as has_changed
        from entries group by all
    )
    select name, is_custom, count(*) filter (where has_changed), (select count(*) from closed) from compared
    group by all order by all
"""


def gain(labels: Bools, ranking: Floats, weights: Floats, is_hindsight: Bools) -> float:
    """How much higher the AUC is where values may be later than their row than where they were known, beyond chance.

    Chance: two standard errors of the difference of two AUCs of nothing (Hanley & McNeil 1982). 0 where either side has
    fewer than 20 records of an outcome.
    """
    aucs, variance = [], 0.0
    for side in (is_hindsight, ~is_hindsight):
        of_each = [weights[side & labels].sum(), weights[side & ~labels].sum()]
        found = metrics.auc(labels[side], ranking[side], weights[side]) if min(of_each) >= _LEAST_OF_OUTCOME else None
        if found is None:
            return 0.0
        aucs.append(found)
        variance += (1 / of_each[0] + 1 / of_each[1]) / 12
    return float(max(aucs[0] - aucs[1] - _SIDES * np.sqrt(variance), 0))
