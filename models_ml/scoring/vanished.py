"""Columns that a model needs and that are gone from the data."""

from __future__ import annotations

from datetime import date
from typing import Final

import duckdb

from config.errors import ContractBroken
from models_ml.scoring import ledger
from models_ml.scoring.attributes import Attribute, empty_keys, table_columns
from models_ml.scoring.learner import Learner

_GONE_FROM: Final = 50
_GONE_IF_FILLED: Final = 0.1


def refuse_vanished(
    connection: duckdb.DuckDBPyConnection, row: ledger.ModelRow, learner: Learner, waiting: int, day: date
) -> None:
    """A column that vanished would look empty on all records and the model would answer nonsense.

    A custom column counts as gone when no open record fills it although a tenth did when the model was trained; with
    fewer than 50 open records that may be chance.

    Args:
        connection: to the warehouse.
        row: the version.
        learner: its model.
        waiting: how many open records it would score.
        day: on which.

    Raises:
        ContractBroken: naming the columns.
    """
    gone = _gone(connection, row, learner.encoder.attributes, waiting, day)
    if gone:
        raise ContractBroken(
            f"features.feat_{row.score_name}: {row.model_id} needs columns that are gone: {', '.join(gone)}. Bring "
            f"them back in the source or its mapping, or train without them: 'sales-insights train {row.score_name}'."
        )


def _gone(
    connection: duckdb.DuckDBPyConnection,
    row: ledger.ModelRow,
    attributes: tuple[Attribute, ...],
    waiting: int,
    day: date,
) -> list[str]:
    columns = table_columns(connection, row.score_name)
    gone = [attribute.name for attribute in attributes if attribute.key is None and attribute.name not in columns]
    if waiting < _GONE_FROM:
        return gone
    was_filled = ledger.filled_on_open(connection, row.score_name, row.model_id)
    expected = {
        attribute.key: attribute.name
        for attribute in attributes
        if attribute.key is not None and was_filled.get(attribute.name, 0.0) >= _GONE_IF_FILLED
    }
    empty = empty_keys(connection, row.score_name, day, list(expected))
    return gone + [name for key, name in expected.items() if key in empty]
