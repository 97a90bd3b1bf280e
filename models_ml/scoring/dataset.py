"""What a model learns from and is applied to: rows of ``features.feat_<score>`` with the model's labels."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date

import duckdb
import pandas as pd

from config.errors import ContractBroken
from config.schema.learning import Model
from models_ml.scoring.attributes import LABELS, META, Attribute, read_attributes, selected, without_quarantined
from models_ml.scoring.population import condition, refuse_empty_filter

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dataset:
    """All rows of a feature table on a day that a model is for, labelled or not, in time order.

    ``rows``: one row per record and as-of date: the columns of ``META`` but ``custom``, the label columns, and one
    column per attribute (float64, or category); ``record_id`` is a category too. Sorted by record's age, then record,
    then as-of date.
    """

    score_name: str
    day: date
    rows: pd.DataFrame
    attributes: tuple[Attribute, ...]
    set_aside: int


def read_dataset(connection: duckdb.DuckDBPyConnection, score_name: str, model: Model, day: date) -> Dataset:
    """Everything that a model may learn from or be asked about, as known on the day.

    Args:
        connection: to the warehouse.
        score_name: whose features and labels.
        model: whose labels, and which records.
        day: the day that was built last.

    Raises:
        ContractBroken: where the feature or label table is missing or has columns of an unexpected type, or was built
            before the model was configured.
        ConfigError: where the model's filter names a column that does not exist, or matches nothing.
    """
    attributes = read_attributes(connection, score_name)
    _refuse_unlabelled(connection, score_name, model.name)
    where = condition(connection, score_name, model)
    order = "order by f.created_at nulls first, f.record_order nulls first, f.record_id, f.as_of_date"
    labels = ", ".join(f"l.{name}" for name in LABELS)
    columns = selected(connection, score_name, attributes, META[:-1])
    query = (
        f"select {columns}, {labels} from {without_quarantined(f'feat_{score_name}')} f "
        f"left join {without_quarantined(f'label_{score_name}', 'model_name')} l on l.record_id = f.record_id "
        f"and l.as_of_date = f.as_of_date and l.model_name = '{model.name}' where {where} {order}"
    )
    rows = connection.sql(query).to_arrow_table().to_pandas(strings_to_categorical=True, date_as_object=False)
    ids = rows["record_id"].cat
    rows["record_id"] = ids.set_categories(sorted(ids.categories))
    if rows.empty:
        refuse_empty_filter(connection, score_name, model)
    counted = connection.sql(f"select count(*) from features.feat_{score_name} f where {where}").fetchone()
    set_aside = (counted[0] if counted else 0) - len(rows)
    _LOG.info("%s: %d rows read, %d set aside in quarantine", model.name, len(rows), set_aside)
    return Dataset(score_name, day, rows, attributes, set_aside)


def _refuse_unlabelled(connection: duckdb.DuckDBPyConnection, score_name: str, model_name: str) -> None:
    """Labels are made per model when the features are built; a model that came later has none yet."""
    found = connection.execute(
        f"select count(*) filter (where model_name = ?), count(*) from features.label_{score_name}", [model_name]
    ).fetchone()
    if found and found[1] and not found[0]:
        raise ContractBroken(
            f"features.label_{score_name}: there are no labels for the model {model_name} yet. Build them: "
            "'sales-insights build features', or run the DAG build_daily."
        )
